import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { PostgresMajor } from '../../../scripts/postgres/embeddedServers';
import { BuiltCli } from '../../postgres/session/cliProcess';
import { machineLoad, median, round, type Figures } from './figures';
import { startFilledServer } from './filledServer';
import { measureProgram } from './program';

/**
 * Resident memory while `rows` changes are streamed into a capture and into events: its median over each
 * fifth of the run. Flat means that the last fifth has what the second one has.
 */
export async function memory(rows: number, major: PostgresMajor): Promise<readonly Figures[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-memory-'));
  const cli = await BuiltCli.build();
  const { cluster, end } = await startFilledServer(major, rows, 0);
  const figures: Figures[] = [];
  try {
    for (const format of ['capture', 'jsonl']) {
      const load = machineLoad();
      const file = path.join(folder, 'out');
      // Lines go to standard output, which leads to nowhere: 3 GB of them would be of no use.
      const out = format === 'capture' ? ['--out', file] : [];
      const { seconds, samples, peakMegabytes } = await measureProgram(process.execPath, [
        ...[cli.script, 'peek', '--url', cluster.url(), '--slot', 'ours', '--publication', 'p'],
        ...['--until-lsn', end, '--format', format, ...out],
      ]);
      await rm(file, { force: true });
      const fifth = Math.ceil(samples.length / 5);
      const part = (i: number): number =>
        Math.round(median(samples.slice(i * fifth, (i + 1) * fifth)));
      figures.push({
        name: `memory, ${format}`,
        ...{ rows, major, ...load },
        seconds: round(seconds),
        megabytesByFifth: [0, 1, 2, 3, 4].map(i => String(part(i))).join(' '),
        peakMegabytes: Math.round(peakMegabytes),
      });
    }
  } finally {
    await cluster.dispose();
    await cli.dispose();
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}
