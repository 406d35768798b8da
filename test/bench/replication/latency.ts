import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { startCluster } from '../../../scripts/postgres/cluster';
import type { PostgresMajor } from '../../../scripts/postgres/embeddedServers';
import { BuiltCli } from '../../postgres/session/cliProcess';
import { machineLoad, percentile, round, type Figures } from './figures';

const SECONDS = 20;
const PER_SECOND = 1000;
const WRITERS = 4;
/** The first ones meet a server and a program that have not warmed up. */
const WARM_UP_SECONDS = 3;

/**
 * Milliseconds from the commit of a transaction, by the server's own timestamp of it, to the arrival of
 * its commit line at the other end of a pipe from `pgwal tail`, while four sessions write a thousand
 * transactions of one row a second. Server and program have the same clock.
 */
export async function latency(major: PostgresMajor): Promise<readonly Figures[]> {
  const cli = await BuiltCli.build();
  // Only what is flushed is sent: a commit that does not wait for it would wait for the WAL writer's next turn.
  const cluster = await startCluster({ major, settings: { synchronous_commit: 'on' } });
  try {
    await cluster.adminQuery(`
      create table ticks (id bigint generated always as identity primary key, note text);
      create publication p for table ticks`);
    const args = ['tail', '--url', cluster.url(), '--publication', 'p', '--format', 'jsonl'];
    const child = spawn(process.execPath, [cli.script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const ended = once(child, 'close');
    const milliseconds: number[] = [];
    let first: (() => void) | undefined;
    const begun = new Promise<void>(resolve => (first = resolve));
    const lines = createInterface({ input: child.stdout });
    let measureFrom = Infinity;
    lines.on('line', line => {
      if (!line.startsWith('{"kind":"commit"')) return;
      const now = performance.timeOrigin + performance.now();
      first?.();
      const { commitTime } = JSON.parse(line) as { readonly commitTime: string };
      if (now >= measureFrom) milliseconds.push(now - preciseMs(commitTime));
    });
    const load = machineLoad();
    const sessions = await Promise.all(Array.from({ length: WRITERS }, () => cluster.openAdmin()));
    const write = (i: number): Promise<unknown> =>
      sessions[i % WRITERS]?.query(`insert into ticks (note) values ('a tick')`) ??
      Promise.resolve();
    await untilRead(
      begun,
      ended,
      () => write(0),
      () => complaint,
    );
    const startedAt = performance.now();
    measureFrom = performance.timeOrigin + startedAt + WARM_UP_SECONDS * 1000;
    const seconds = SECONDS + WARM_UP_SECONDS;
    const written = await Promise.all(
      sessions.map((_, i) => writePaced(() => write(i), startedAt, seconds)),
    );
    const took = (performance.now() - startedAt) / 1000;
    await new Promise(resolve => setTimeout(resolve, 500));
    child.kill('SIGINT');
    await ended;
    await Promise.all(sessions.map(session => session.end()));
    return [
      {
        name: 'latency, commit to line',
        ...{ major, ...load },
        transactionsPerSecond: Math.round(written.reduce((sum, n) => sum + n, 0) / took),
        measured: milliseconds.length,
        p50Ms: round(percentile(milliseconds, 0.5)),
        p90Ms: round(percentile(milliseconds, 0.9)),
        p99Ms: round(percentile(milliseconds, 0.99)),
        maxMs: round(percentile(milliseconds, 1)),
      },
    ];
  } finally {
    await cluster.dispose();
    await cli.dispose();
  }
}

/** Writes until the first line has come, which says that the tail stands. */
async function untilRead(
  begun: Promise<void>,
  ended: Promise<unknown>,
  write: () => Promise<unknown>,
  complaint: () => string,
): Promise<void> {
  const over = Promise.race([
    begun.then(() => true),
    ended.then(() => {
      throw new Error(`pgwal tail ended: ${complaint()}`);
    }),
  ]);
  const later = (): Promise<boolean> =>
    new Promise(resolve => {
      setTimeout(() => {
        resolve(false);
      }, 100);
    });
  do await write();
  while (!(await Promise.race([over, later()])));
}

/** One session's share: as many as are due by the clock, one after the other. Returns how many. */
async function writePaced(
  write: () => Promise<unknown>,
  startedAt: number,
  seconds: number,
): Promise<number> {
  let written = 0;
  for (;;) {
    const elapsed = (performance.now() - startedAt) / 1000;
    if (elapsed >= seconds) return written;
    if (written < (elapsed * PER_SECOND) / WRITERS) {
      await write();
      written++;
    } else {
      await new Promise(resolve => setTimeout(resolve, 1));
    }
  }
}

/** An ISO time with microseconds, in milliseconds since 1970. */
function preciseMs(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return Date.parse(time.replace(/\.\d+/, '')) + Number(`0.${fraction}0`) * 1000;
}
