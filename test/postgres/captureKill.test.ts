import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ByteReader } from '../../src/base/byteReader';
import { CaptureFile } from '../../src/capture/captureFile';
import { nodeFiles } from '../../src/capture/fileAccess';
import { decodeMessage } from '../../src/logical/pgoutput/decodeMessage';
import { tupleBytes } from '../../src/logical/pgoutput/tuple';
import {
  independentBlocks,
  independentFrames,
  isNumbered,
} from '../unit/capture/independentReader';
import { sizeOf, untilFree } from './session/appendedFile';
import { eventually } from './session/cliProcess';
import { CountedTable, insertCounted } from './session/countedTable';
import { SHOP } from './session/shopCluster';

/** A few in every run; PGWX_KILLS=100 is a campaign. */
const KILLS = Number(process.env['PGWX_KILLS'] ?? '5');
const BATCH = 400;

let table: CountedTable;
beforeAll(async () => {
  table = await CountedTable.start();
});
afterAll(() => table.dispose());

/** Writes ids from 1 up without a hole, some megabytes a second. */
class CountingLoad {
  last = 0;
  #over = false;
  #done: Promise<void> = Promise.resolve();

  async start(): Promise<void> {
    const session = await table.cluster.openAdmin(SHOP, 'load');
    await session.query('set synchronous_commit = off');
    this.#done = (async () => {
      while (!this.#over) {
        await session.query(insertCounted(this.last + 1, this.last + BATCH));
        this.last += BATCH;
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      await session.end();
    })();
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
  }
}

/** What a capture holds is what stands in its whole blocks, found by other code. Returns the committed ids. */
async function examine(file: string): Promise<{ ids: number[]; openMs: number; torn: number }> {
  const bytes = await readFile(file);
  const frames = independentFrames(bytes).filter(isNumbered);
  const startedAt = performance.now();
  const capture = await CaptureFile.open(nodeFiles, file);
  const openMs = performance.now() - startedAt;
  const ids: number[] = [];
  try {
    expect(capture.problem).toBeUndefined();
    expect(capture.rows).toBe(frames.length);
    let open: number[] = [];
    for await (const batch of capture.messages()) {
      for (const { seq, frame, payload, row } of batch) {
        const { offset, bytes: found } = frames[seq]!;
        expect(row.offset).toBe(offset);
        expect(Buffer.compare(frame, found)).toBe(0);
        const message = decodeMessage(new ByteReader(payload), false);
        if (message.kind === 'begin') open = [];
        if (message.kind === 'insert')
          open.push(Number(Buffer.from(tupleBytes(message.new, 0)).toString()));
        if (message.kind === 'commit') ids.push(...open);
      }
    }
  } finally {
    await capture.close();
  }
  // To look at a file whose writer died changes nothing.
  expect(Buffer.compare(await readFile(file), bytes)).toBe(0);
  const last = independentBlocks(bytes).at(-1);
  const torn = bytes.length - (last === undefined ? 0 : last.offset + last.payload.length);
  return { ids, openMs, torn };
}

it(`opens after each of ${String(KILLS)} kills at random, with every event up to the last whole block`, async () => {
  const load = new CountingLoad();
  await load.start();
  const seen = new Set<number>();
  let slowest = 0;
  let torn = 0;
  let written = 0;
  const consume = (file: string): string[] => [
    ...['tail', '--url', table.cluster.url(SHOP, 'looker'), '--slot', 'counted', '--consume'],
    ...['--publication', 'everything', '--format', 'capture', '--out', file],
  ];
  try {
    for (let n = 0; n < KILLS; n++) {
      const file = path.join(table.folder, `${String(n)}.walcap`);
      await untilFree(table.cluster, 'counted');
      const running = table.cli.start(consume(file));
      const size = Math.ceil(Math.random() ** 2 * 4_000_000);
      await eventually(
        async () => (await sizeOf(file)) >= size,
        `${file}: ${running.stderr}`,
        60_000,
      );
      // Anywhere in what the writer does, not just when it has come so far.
      await new Promise(resolve => setTimeout(resolve, Math.random() * 60));
      running.child.kill('SIGKILL');
      await running.ended;
      written += (await stat(file)).size;
      const found = await examine(file);
      for (const id of found.ids) seen.add(id);
      slowest = Math.max(slowest, found.openMs);
      if (found.torn > 0) torn++;
    }
  } finally {
    await load.stop();
  }
  // What was confirmed to the server is not sent again: it must stand in one of the files.
  await untilFree(table.cluster, 'counted');
  const [row] = await table.cluster.adminQuery('select pg_current_wal_insert_lsn()::text as lsn');
  const rest = path.join(table.folder, 'rest.walcap');
  const { status, stderr } = await table.cli.run([
    ...consume(rest),
    '--until-lsn',
    row?.['lsn'] ?? '',
  ]);
  expect(status, stderr).toBe(0);
  for (const id of (await examine(rest)).ids) seen.add(id);
  const missing: number[] = [];
  for (let id = 1; id <= load.last; id++) if (!seen.has(id)) missing.push(id);
  expect(missing).toEqual([]);
  if (KILLS >= 100) {
    const megabytes = (written / 1e6).toFixed(0);
    console.log(
      `${String(KILLS)} kills, ${megabytes} MB, ${String(load.last)} ids, none missing; ${String(torn)} torn tails, slowest open ${slowest.toFixed(0)} ms`,
    );
  }
}, 3_600_000);
