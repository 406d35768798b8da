import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { findDebianTool } from '../../../scripts/postgres/debianTool';
import type { PostgresMajor } from '../../../scripts/postgres/embeddedServers';
import { BuiltCli } from '../../postgres/session/cliProcess';
import { machineLoad, median, round, type Figures } from './figures';
import { startFilledServer } from './filledServer';
import { measureProgram, type Measured } from './program';

const ROUNDS = 5;
const OPTIONS = { proto_version: '2', streaming: 'on', messages: 'true', publication_names: 'p' };

/**
 * Streams copies of one slot with the same options into a capture, into events, and by pg_recvlogical
 * into its file. Each of the five rounds runs all three; the medians count. The time of a program is all of
 * it, from its start to its end.
 */
export async function throughput(rows: number, major: PostgresMajor): Promise<readonly Figures[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-throughput-'));
  const cli = await BuiltCli.build();
  const { cluster, end } = await startFilledServer(major, rows, ROUNDS);
  const runs = new Map<string, Measured[]>();
  const run = async (name: string, program: string, args: readonly string[]): Promise<void> => {
    const list = runs.get(name) ?? [];
    runs.set(name, list);
    list.push(await measureProgram(program, args));
  };
  const load = machineLoad();
  try {
    for (let i = 0; i < ROUNDS; i++) {
      const file = path.join(folder, 'out');
      await run('pg_recvlogical', findDebianTool('pg_recvlogical'), [
        ...['-d', cluster.url(), '-S', `copy${String(i)}`, '--start', '-f', file, '--endpos', end],
        ...Object.entries(OPTIONS).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
      ]);
      await rm(file);
      for (const format of ['capture', 'jsonl']) {
        await run(format, process.execPath, [
          ...[cli.script, 'peek', '--url', cluster.url(), '--slot', 'ours', '--publication', 'p'],
          ...['--until-lsn', end, '--format', format, '--out', file],
        ]);
        await rm(file);
      }
    }
  } finally {
    await cluster.dispose();
    await cli.dispose();
    await rm(folder, { recursive: true, force: true });
  }
  return [...runs].map(([name, list]) => {
    const reference = median((runs.get('pg_recvlogical') ?? []).map(({ seconds }) => seconds));
    const seconds = median(list.map(measured => measured.seconds));
    return {
      name: `throughput, ${name}`,
      ...{ rows, major, ...load },
      seconds: round(seconds),
      ratio: round(seconds / reference),
      rowsPerSecond: Math.round(rows / seconds),
      peakMegabytes: Math.round(Math.max(...list.map(measured => measured.peakMegabytes))),
    };
  });
}
