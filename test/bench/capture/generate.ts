import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { startCluster } from '../../../scripts/postgres/cluster';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { BuiltCli } from '../../postgres/session/cliProcess';
import type { Figures } from '../replication/figures';
import { machineLoad, round } from '../replication/figures';
import { measureProgram } from '../replication/program';
import { prepareWorkload, writeWorkload } from './workload';

const FOLDER = path.join(PROJECT_ROOT, 'node_modules/.cache/bench-capture');
/** Another one where what is written is another: older files are not taken for it. */
const VERSION = 1;

/** A capture that was made before, or is made now: what a server sends of `events` changes. */
export async function captureOf(
  events: number,
): Promise<{ readonly file: string; readonly figures: readonly Figures[] }> {
  const file = path.join(FOLDER, `v${String(VERSION)}-${String(events)}.walcap`);
  if ((await stat(file).catch(() => undefined)) !== undefined) return { file, figures: [] };
  await mkdir(FOLDER, { recursive: true });
  const unfinished = `${file}.unfinished`;
  await rm(unfinished, { force: true });
  const figures = await generate(events, unfinished);
  await rename(unfinished, file);
  return { file, figures };
}

async function generate(events: number, file: string): Promise<readonly Figures[]> {
  const load = machineLoad();
  const cluster = await startCluster({
    major: 18,
    name: 'bench-capture',
    settings: {
      max_wal_size: '64GB',
      shared_buffers: '512MB',
      full_page_writes: 'off',
      autovacuum: 'off',
      logical_decoding_work_mem: '64MB',
    },
  });
  const cli = await BuiltCli.build();
  try {
    await prepareWorkload(cluster);
    await cluster.adminQuery(`select pg_create_logical_replication_slot('ours', 'pgoutput')`);
    const startedAt = performance.now();
    await writeWorkload(cluster, events);
    const written = (performance.now() - startedAt) / 1000;
    await cluster.adminQuery(`select pg_logical_emit_message(false, 'bench', 'end')`);
    const [row] = await cluster.adminQuery('select pg_current_wal_lsn()::text as lsn');
    const { seconds, peakMegabytes } = await measureProgram(process.execPath, [
      ...[cli.script, 'peek', '--url', cluster.url(), '--slot', 'ours', '--publication', 'p'],
      ...['--until-lsn', row?.['lsn'] ?? '', '--format', 'capture', '--out', file],
    ]);
    const { size } = await stat(file);
    return [
      {
        name: `recording ${String(events)}`,
        ...load,
        serverWroteSeconds: round(written),
        seconds: round(seconds),
        changesPerSecond: Math.round(events / seconds),
        fileMegabytes: Math.round(size / 1e6),
        peakMegabytes: Math.round(peakMegabytes),
      },
    ];
  } finally {
    await cluster.dispose();
    await cli.dispose();
  }
}
