import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { ChangeDetails } from '../../../src/capture/changeDetails';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { crc32c } from '../../../src/base/crc32c';
import type { Lsn } from '../../../src/base/lsn';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { keepalive, message, xlogData } from './pgoutputBytes';

const COLUMNS = [{ name: 'id', key: true }, { name: 'total' }];

/** Two transactions, a stream with an aborted part, a message outside, a gap. */
function someFrames(): Uint8Array[] {
  return [
    xlogData(100n, message.begin(200n, 7n, 700)),
    xlogData(100n, message.relation(16384, 'public', 'orders', COLUMNS)),
    xlogData(110n, message.insert(16384, ['1', 'a'])),
    xlogData(120n, message.update(16384, ['1', 'b'])),
    xlogData(210n, message.commit(200n, 210n, 7n)),
    keepalive(500n),
    xlogData(300n, message.streamStart(701, true)),
    xlogData(300n, message.relation(16384, 'public', 'orders', COLUMNS, 'd', 701)),
    xlogData(310n, message.insert(16384, ['2', 'x'], 702)),
    xlogData(310n, message.streamStop()),
    xlogData(320n, message.logical(false, 320n, 'app', 'hello')),
    xlogData(330n, message.streamAbort(701, 702)),
    xlogData(600n, message.streamCommit(701, 590n, 600n, 9n)),
  ];
}

async function write(files: MemoryFiles, frames: readonly Uint8Array[], path = 'c') {
  const writer = await CaptureWriter.create(files, path, testMeta);
  for (const frame of frames) writer.append(frame);
  return writer;
}

async function readAll(file: CaptureFile): Promise<{ lsn: bigint; payload: string }[]> {
  const all: { lsn: bigint; payload: string }[] = [];
  for await (const batch of file.messages()) {
    for (const m of batch)
      all.push({ lsn: m.lsn, payload: Buffer.from(m.payload).toString('hex') });
  }
  return all;
}

const expected = (frames: readonly Uint8Array[]) =>
  frames
    .filter(f => f[0] === 0x77)
    .map(f => ({
      lsn: new DataView(f.buffer, f.byteOffset).getBigUint64(1),
      payload: Buffer.from(f.subarray(25)).toString('hex'),
    }));

describe('crc32c', () => {
  it('has the check value of the standard and adds up from pieces', () => {
    const bytes = new TextEncoder().encode('123456789');
    expect(crc32c(bytes)).toBe(0xe3069283);
    expect(crc32c(bytes, 3, 9, crc32c(bytes, 0, 3))).toBe(0xe3069283);
  });
});

describe('a capture file', () => {
  it('gives back what was appended, with transactions and fates', async () => {
    const files = new MemoryFiles();
    const writer = await write(files, someFrames());
    writer.appendGap({ from: 600n as Lsn, to: 900n as Lsn, reason: 'connection lost' });
    expect(writer.totals).toMatchObject({ messages: 13, changes: 4, transactions: 2 });
    await writer.close();
    expect(writer.writtenLsn).toBe(600n);
    expect(writer.syncedLsn).toBe(600n);
    const file = await CaptureFile.open(files, 'c');
    expect(file.rows).toBe(13);
    expect(file.meta).toEqual(testMeta);
    expect((await readAll(file)).slice(0, 12)).toEqual(expected(someFrames()));
    const gap = await file.readMessage(12);
    expect(gap.gap).toEqual({ from: 600n, to: 900n, reason: 'connection lost' });
    const chunk = await file.transactionChunk(0);
    expect([...chunk.fate.subarray(0, 2)]).toEqual([1, 1]);
    expect([...chunk.changes.subarray(0, 2)]).toEqual([2, 1]);
    expect([...chunk.endLsn.subarray(0, 2)]).toEqual([210n, 600n]);
    expect(file.isSubAborted(1, 702)).toBe(true);
    expect(file.counts.byOperation()).toMatchObject({ insert: 2, update: 1, message: 1 });
    await file.close();
  });

  it('opens after every possible truncation with what stands before', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const frames = someFrames();
    for (const frame of frames) {
      writer.append(frame);
      await writer.flush();
    }
    await writer.close();
    const bytes = files.bytes('c');
    let last = 0;
    for (let size = 0; size <= bytes.length; size++) {
      files.put('cut', bytes.slice(0, size));
      const file = await CaptureFile.open(files, 'cut').catch((error: unknown) => error);
      if (!(file instanceof CaptureFile)) {
        expect(file).toMatchObject({ name: 'CaptureError' });
        expect(last).toBe(0);
        continue;
      }
      expect(file.problem).toBeUndefined();
      expect(await readAll(file)).toEqual(expected(frames).slice(0, file.rows));
      expect(file.rows).toBeGreaterThanOrEqual(last);
      last = file.rows;
    }
    expect(last).toBe(12);
  }, 30_000);

  it('reads up to a damaged block, and says where it is', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const offsets: number[] = [];
    for (const frame of someFrames()) {
      offsets.push(writer.size);
      writer.append(frame);
      await writer.flush();
    }
    for (const closed of [false, true]) {
      if (closed) await writer.close();
      const bytes = files.bytes('c');
      // The block of the fourth message, in its payload.
      const at = offsets[3]!;
      bytes[at + 40]! ^= 1;
      files.put('flip', bytes);
      const file = await CaptureFile.open(files, 'flip');
      const seen: number[] = [];
      const reading = (async () => {
        for await (const batch of file.messages()) seen.push(...batch.map(m => m.seq));
      })();
      if (closed) {
        await expect(reading).rejects.toMatchObject({
          code: 'corrupt',
          message: expect.stringContaining(`byte ${String(at)}`) as string,
        });
        expect((await file.readMessage(5)).lsn).toBe(300n);
        // Who looks at a message closely is told whether its block is whole.
        const blocks = Array.from({ length: file.rows }, (_, seq) => file.damagedBlock(seq));
        expect(await Promise.all(blocks)).toEqual(blocks.map((_, i) => (i === 3 ? at : undefined)));
        const details = new ChangeDetails(file, new RelationCatalog(file));
        expect((await details.detail(3)).damage).toContain(`The block at byte ${String(at)}`);
        expect((await details.detail(4)).damage).toBeUndefined();
      } else {
        await reading;
        expect(file.problem?.offset).toBe(at);
      }
      expect(seen).toEqual([0, 1, 2]);
    }
  });

  it('survives every flipped bit', async () => {
    const files = new MemoryFiles();
    const writer = await write(files, someFrames());
    await writer.flush();
    for (const closed of [false, true]) {
      if (closed) await writer.close();
      const bytes = files.bytes('c');
      for (let at = 0; at < bytes.length; at++) {
        const damaged = bytes.slice();
        damaged[at]! ^= 1 << (at & 7);
        files.put('flip', damaged);
        try {
          const file = await CaptureFile.open(files, 'flip');
          for (let seq = 0; seq < file.rows; seq++) await file.damagedBlock(seq);
          await readAll(file);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CaptureError' });
        }
      }
    }
  }, 30_000);
});
