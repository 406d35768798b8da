import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { Cluster } from '../../scripts/postgres/cluster';
import { startCluster } from '../../scripts/postgres/cluster';
import { findDebianTool } from '../../scripts/postgres/debianTool';
import type { PostgresMajor } from '../../scripts/postgres/embeddedServers';
import { BuiltCli } from '../postgres/session/cliProcess';

const ROUNDS = 3;
const ROWS_A_TRANSACTION = 1000;
const OPTIONS = { proto_version: '2', streaming: 'on', messages: 'true', publication_names: 'p' };

interface Measured {
  readonly seconds: number;
  readonly bytes: number;
  /** Peak resident memory in MB. */
  readonly memory: number;
}

/**
 * How fast a stream of ROWS inserts (1,000,000 unless given) is written to a capture and to events,
 * beside pg_recvlogical writing the same messages in the same run:
 * `npm run bench -- replication [ROWS] [MAJOR]`. The reader takes turns, and the best of three counts.
 */
export async function run(options: {
  readonly json: boolean;
  readonly args?: readonly string[];
}): Promise<void> {
  const rows = Number(options.args?.[0] ?? 1_000_000);
  const major = Number(options.args?.[1] ?? 18) as PostgresMajor;
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-replication-'));
  const cli = await BuiltCli.build();
  const cluster = await startCluster({ major, settings: { max_wal_size: '4GB' } });
  try {
    const end = await prepare(cluster, rows);
    const peek = [
      'peek',
      '--url',
      cluster.url(),
      '--slot',
      'ours',
      '--publication',
      'p',
      '--until-lsn',
      end,
    ];
    const best = new Map<string, Measured>();
    const keep = (name: string, measured: Measured): void => {
      const before = best.get(name);
      if (before === undefined || measured.seconds < before.seconds) best.set(name, measured);
    };
    for (let round = 0; round < ROUNDS; round++) {
      const out = (name: string): string => path.join(folder, `${name}-${String(round)}`);
      const slot = `reference${String(round)}`;
      const file = out('reference');
      keep(
        'pg_recvlogical',
        await measure(file, findDebianTool('pg_recvlogical'), [
          ...['-d', cluster.url(), '-S', slot, '--start', '-f', file, '--endpos', end],
          ...Object.entries(OPTIONS).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
        ]),
      );
      for (const format of ['capture', 'jsonl'] as const) {
        const target = out(format);
        const args = [cli.script, ...peek, '--format', format, '--out', target];
        keep(format, await measure(target, process.execPath, args));
        await rm(target);
      }
      await rm(file);
    }
    report(rows, major, best, options.json);
  } finally {
    await cluster.dispose();
    await cli.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(cluster: Cluster, rows: number): Promise<string> {
  await cluster.adminQuery(`
    create table orders (id bigint primary key, customer int, total numeric(10,2), state text,
      note text, at timestamptz);
    create publication p for table orders`);
  const slots = ['ours', ...Array.from({ length: ROUNDS }, (_, i) => `reference${String(i)}`)];
  for (const slot of slots) {
    await cluster.adminQuery(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  }
  const session = await cluster.openAdmin();
  for (let first = 1; first <= rows; first += ROWS_A_TRANSACTION) {
    const last = Math.min(rows, first + ROWS_A_TRANSACTION - 1);
    await session.query(
      `insert into orders select g, g % 1000, g % 5000 / 7.0, 'open', 'some words that a row of a shop has', now()
         from generate_series(${String(first)}, ${String(last)}) g`,
    );
  }
  await session.query(`select pg_logical_emit_message(false, 'bench', 'end')`);
  await session.query('checkpoint');
  const [row] = await session.query('select pg_current_wal_lsn()::text as lsn');
  await session.end();
  return row?.['lsn'] ?? '';
}

/** Runs a program until it ends; what it wrote is in `file`. */
async function measure(file: string, program: string, args: readonly string[]): Promise<Measured> {
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let memory = 0;
  const sampler = setInterval(() => {
    memory = Math.max(memory, peakMegabytes(child.pid ?? 0));
  }, 200);
  const [status] = (await once(child, 'close')) as [number | null];
  clearInterval(sampler);
  if (status !== 0) throw new Error(`${program} ended with status ${String(status)}`);
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, bytes: statSync(file).size, memory };
}

/** Linux only; 0 elsewhere. */
function peakMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function report(
  rows: number,
  major: number,
  best: ReadonlyMap<string, Measured>,
  json: boolean,
): void {
  const reference = best.get('pg_recvlogical')?.seconds ?? 0;
  const results = [...best].map(([name, { seconds, bytes, memory }]) => ({
    name,
    seconds: round(seconds),
    ratio: round(seconds / reference),
    rowsPerSecond: Math.round(rows / seconds),
    megabytes: Math.round(bytes / 1024 / 1024),
    peakMemoryMegabytes: Math.round(memory),
  }));
  if (json) {
    console.log(JSON.stringify({ rows, major, cores: cpus().length, results }));
    return;
  }
  console.log(`${String(rows)} rows, PostgreSQL ${String(major)}, ${String(cpus().length)} cores`);
  for (const result of results) {
    console.log(
      `${result.name.padEnd(15)} ${String(result.seconds)} s  ratio ${String(result.ratio)}  ${String(result.rowsPerSecond)} rows/s  ${String(result.megabytes)} MB  peak ${String(result.peakMemoryMegabytes)} MB`,
    );
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
