import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureReader } from '../../../src/capture/captureReader';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { transactionRecord } from '../../../src/capture/transactionRecord';
import { TransactionTraitsReader } from '../../../src/capture/transactionTraits';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const { signal } = new AbortController();
const COLUMNS = [{ name: 'id', key: true }, { name: 'note' }];

/** One transaction of three inserts and a delete, and one that is streamed for two seconds. */
async function capture() {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  /** `time`: the server's clock, microseconds. */
  const put = (lsn: number, payload: Uint8Array, time = 1n) => {
    const frame = xlogData(BigInt(lsn), payload);
    new DataView(frame.buffer, frame.byteOffset).setBigUint64(17, time);
    writer.append(frame);
  };
  put(10, message.begin(90n, 5_000_000n, 700));
  put(10, message.relation(16384, 'public', 'orders', COLUMNS));
  for (const id of ['1', '2', '3']) put(20, message.insert(16384, [id, `note ${id}`]));
  put(30, message.delete(16384, 'K', ['1', null]));
  put(90, message.commit(90n, 100n, 5_000_000n));
  put(110, message.streamStart(800, true), 6_000_000n);
  put(110, message.insert(16384, ['9', 'late'], 800), 6_000_000n);
  put(110, message.streamStop(), 6_000_000n);
  put(190, message.streamCommit(800, 190n, 200n, 8_000_000n), 8_000_000n);
  await writer.close();
  return files;
}

describe('what the line of a transaction tells', () => {
  it('has the changes by operation, and how long it took at least where that is known', async () => {
    const file = await CaptureFile.open(await capture(), 'c');
    const traits = new TransactionTraitsReader(file, new RelationCatalog(file));
    const of = async (ordinal: number) =>
      traits.read(transactionRecord(await file.transactionChunk(ordinal), ordinal));
    expect(await of(0)).toEqual({ operations: { insert: 3, delete: 1 } });
    expect(await of(0)).toEqual({ operations: { insert: 3, delete: 1 } });
    expect(await of(1)).toEqual({ operations: { insert: 1 }, lastedMs: 2000 });
    await file.close();
  });
});

describe('colour rules', () => {
  it('mark the rows that pass, the first rule first, and a transaction for its changes', async () => {
    const reader = new CaptureReader(await capture(), () => undefined);
    await reader.open({ path: 'c' });
    const rules = async (expressions: readonly string[], grouping: 'flat' | 'transactions') => {
      reader.current.setRules(expressions);
      const { view } = reader.current.setView({ grouping, operations: [], tables: [], text: '' });
      const page = async () =>
        reader.current.rows({ view, generation: 0, first: 0, count: 10 }, signal);
      await expect.poll(async () => (await page()).rows.length).toBe(grouping === 'flat' ? 5 : 2);
      return (await page()).rows.map(row => (row.type === 'note' ? undefined : row.rule));
    };
    const two = ['op == "delete"', 'new.note == "note 2" || new.id == "3"'];
    expect(await rules(two, 'flat')).toEqual([undefined, 1, 1, 0, undefined]);
    expect(await rules(two, 'transactions')).toEqual([0, undefined]);
    // One that cannot be read colours nothing, and stands in nobody's way.
    expect(await rules(['opp ==', 'xid == 800'], 'flat')).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      1,
    ]);
    expect(await rules([], 'flat')).toEqual(Array.from({ length: 5 }));
    await reader.close();
  });
});
