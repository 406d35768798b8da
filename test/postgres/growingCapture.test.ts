import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CaptureFile } from '../../src/capture/captureFile';
import { CaptureReader } from '../../src/capture/captureReader';
import { nodeFiles } from '../../src/capture/fileAccess';
import type { ReaderEvents } from '../../src/shared/readerApi';
import { sizeOf, untilFree } from './session/appendedFile';
import { eventually } from './session/cliProcess';
import { CountedTable, insertCounted } from './session/countedTable';
import { run, SHOP } from './session/shopCluster';

let table: CountedTable;
beforeAll(async () => {
  table = await CountedTable.start();
});
afterAll(() => table.dispose());

/** All messages, as one number. */
async function digest(file: CaptureFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const batch of file.messages()) for (const { frame } of batch) hash.update(frame);
  return hash.digest('hex');
}

it('a capture that pgwal writes is followed by who has opened it, over a kill and a continuation', async () => {
  const file = path.join(table.folder, 'shared.walcap');
  const consume = (...more: string[]): string[] => [
    ...['tail', '--url', table.cluster.url(SHOP, 'looker'), '--slot', 'counted', '--consume'],
    ...['--publication', 'everything', '--format', 'capture', '--out', file, '--append', ...more],
  ];
  const insert = (from: number, to: number): Promise<void> =>
    run(table.cluster, [insertCounted(from, to)]);
  const first = table.cli.start(consume());
  await insert(1, 1000);
  await eventually(async () => (await sizeOf(file)) > 100_000, first.stderr);

  let head: ReaderEvents['head'] | undefined;
  const reader = new CaptureReader(nodeFiles, told => {
    head = told;
  });
  await reader.open({ path: file });
  await eventually(() => head?.view.complete === true, 'what is there is read');
  for (let i = 1; i < 20; i++) await insert(i * 1000 + 1, (i + 1) * 1000);
  await eventually(() => head?.view.changes === 20_000, 'what comes is read', 20_000);
  expect(head?.capture).toMatchObject({ hasGrown: true, left: 0, error: '' });

  const growing = insert(20_001, 60_000);
  const size = await sizeOf(file);
  await eventually(async () => (await sizeOf(file)) > size + 500_000, 'more is written');
  first.child.kill('SIGKILL');
  await first.ended;
  await growing;
  await untilFree(table.cluster, 'counted');
  const [row] = await table.cluster.adminQuery('select pg_current_wal_insert_lsn()::text as lsn');
  const { status, stderr } = await table.cli.run(consume('--until-lsn', row?.['lsn'] ?? ''));
  expect(status, stderr).toBe(0);

  const whole = await CaptureFile.open(nodeFiles, file);
  await eventually(() => head?.capture.messages === whole.rows, 'the rest is read', 20_000);
  expect(head?.capture.error).toBe('');
  expect(await digest(reader.current.parts.file)).toBe(await digest(whole));
  await whole.close();
  await reader.close();
});
