import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { readWriterStart } from '../../../src/capture/reopenCapture';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { keepalive, message, xlogData } from './pgoutputBytes';

const COLUMNS = [{ name: 'id', key: true }, { name: 'total' }];

/** Plain and streamed transactions, what is rolled back, a message outside, keepalives. */
function frames(): Uint8Array[] {
  return [
    xlogData(100n, message.begin(200n, 7n, 700)),
    xlogData(100n, message.relation(16384, 'public', 'orders', COLUMNS)),
    xlogData(110n, message.insert(16384, ['1', 'a'])),
    xlogData(210n, message.commit(200n, 210n, 7n)),
    keepalive(250n),
    xlogData(300n, message.streamStart(701, true)),
    xlogData(300n, message.relation(16384, 'public', 'orders', COLUMNS, 'd', 701)),
    xlogData(310n, message.insert(16384, ['2', 'x'], 702)),
    xlogData(310n, message.streamStop()),
    xlogData(320n, message.logical(false, 320n, 'app', 'hello')),
    xlogData(330n, message.streamAbort(701, 702)),
    xlogData(600n, message.streamCommit(701, 590n, 600n, 9n)),
    xlogData(700n, message.begin(800n, 7n, 703)),
    xlogData(710n, message.insert(16384, ['3', 'c'])),
    xlogData(810n, message.commit(800n, 810n, 7n)),
    keepalive(900n),
  ];
}

async function reopen(files: MemoryFiles, name: string) {
  const file = await files.open(name);
  const start = await readWriterStart(file);
  return { writer: await CaptureWriter.resume(file, start, testMeta), kept: start.end };
}

/** Everything that can be asked of a capture. */
async function contentsOf(files: MemoryFiles, name: string) {
  const file = await CaptureFile.open(files, name);
  const messages: unknown[] = [];
  for await (const batch of file.messages()) {
    for (const { lsn, payload, row } of batch) {
      const { kind, flags, xid, transaction, relation } = row;
      const hex = Buffer.from(payload).toString('hex');
      messages.push([lsn, hex, kind, flags, xid, transaction, relation]);
    }
  }
  const transactions: unknown[] = [];
  for (let ordinal = 0; ordinal < file.transactions; ordinal++) {
    const chunk = await file.transactionChunk(ordinal);
    const i = ordinal % 8192;
    const { xid, fate, changes, endLsn, firstSeq, lastSeq } = chunk;
    transactions.push([xid[i], fate[i], changes[i], endLsn[i], firstSeq[i], lastSeq[i]]);
  }
  const { rows, changes, bytes, problem, lastCommit, meta } = file;
  const counts = file.counts.byOperation();
  const relations = file.relations.all.map(({ oid, seq }) => [oid, seq]);
  await file.close();
  return {
    messages,
    transactions,
    rows,
    changes,
    bytes,
    problem,
    lastCommit,
    meta,
    counts,
    relations,
  };
}

describe('a capture whose writer was killed', () => {
  it('is continued as if it had never stopped, wherever that was', async () => {
    const files = new MemoryFiles();
    const whole = await CaptureWriter.create(files, 'whole', testMeta);
    const all = frames();
    /** Bytes of the file after each frame. */
    const ends: number[] = [];
    for (const [n, frame] of all.entries()) {
      whole.append(frame);
      await whole.flush();
      ends.push(whole.size);
      // A directory in the middle, so that both ways to come to the index are gone.
      if (n === 8) await whole.rest();
    }
    await whole.close();
    const expected = await contentsOf(files, 'whole');
    const bytes = files.bytes('whole');
    const first = ends[0]! - 1;
    for (let size = first; size <= bytes.length; size++) {
      // Within a block any place is like another.
      if (size % 17 !== 0 && !ends.some(end => Math.abs(end - size) <= 1)) continue;
      files.put('cut', bytes.slice(0, size));
      const { writer, kept } = await reopen(files, 'cut');
      const done = ends.filter(end => end <= kept).length;
      const position = [
        0n,
        100n,
        100n,
        110n,
        210n,
        250n,
        300n,
        300n,
        310n,
        310n,
        320n,
        330n,
        600n,
        700n,
        710n,
        810n,
        900n,
      ][done];
      expect(writer.syncedLsn, String(size)).toBe(position);
      for (const frame of all.slice(done)) writer.append(frame);
      await writer.flush();
      // Killed again, and closed: read by scanning from the directory before, and from the last one.
      expect(await contentsOf(files, 'cut'), String(size)).toEqual(expected);
      await writer.close();
      expect(await contentsOf(files, 'cut'), String(size)).toEqual(expected);
    }
  });

  it('keeps its index over many chunks, however often it is continued', async () => {
    const files = new MemoryFiles();
    let writer = await CaptureWriter.create(files, 'c', testMeta);
    writer.append(xlogData(1n, message.begin(2n, 5n, 1)));
    writer.append(xlogData(1n, message.relation(16384, 'public', 't', COLUMNS)));
    writer.append(xlogData(3n, message.commit(2n, 3n, 5n)));
    let lsn = 10n;
    const insert = message.insert(16384, ['1', 'v']);
    const transaction = async (): Promise<void> => {
      writer.append(xlogData(lsn++, message.begin(lsn + 2n, 5n, Number(lsn))));
      writer.append(xlogData(lsn++, insert));
      writer.append(xlogData(lsn++, message.commit(lsn, lsn + 1n, 5n)));
      if (writer.full) await writer.flush();
    };
    for (let n = 0; n < 70_000; n++) {
      await transaction();
      if (n % 9_973 !== 0) continue;
      await writer.flush();
      // Every other time it is killed, so that there is no directory; a torn block stands behind then.
      const killed = (n / 9_973) % 2 === 0;
      if (!killed) await writer.close();
      const bytes = files.bytes('c');
      files.put('c', killed ? Buffer.concat([bytes, bytes.subarray(16, 100)]) : bytes);
      const before = writer.totals;
      ({ writer } = await reopen(files, 'c'));
      expect(writer.totals).toEqual(before);
      expect(writer.writtenLsn).toBe(lsn - 1n);
    }
    await writer.close();
    const file = await CaptureFile.open(files, 'c');
    expect(file.problem).toBeUndefined();
    expect(file.rows).toBe(3 + 3 * 70_000);
    expect(file.transactions).toBe(70_001);
    expect(file.changes).toBe(70_000);
    let seen = 0n;
    for await (const batch of file.messages({ fromSeq: 3 })) {
      for (const each of batch) {
        expect(each.lsn > seen).toBe(true);
        seen = each.lsn;
      }
    }
    for (const ordinal of [0, 8191, 8192, 30_000, 70_000]) {
      const chunk = await file.transactionChunk(ordinal);
      expect(chunk.fate[ordinal % 8192]).toBe(1);
    }
    await file.close();
  });

  it('is cut off where a machine that lost its power left holes, and refused where it is damaged before', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    for (const frame of frames()) {
      writer.append(frame);
      await writer.flush();
    }
    const hole = files.bytes('c');
    hole.fill(0, hole.length - 200, hole.length - 150);
    files.put('hole', hole);
    expect((await reopen(files, 'hole')).kept).toBeLessThan(hole.length - 150);
    expect((await CaptureFile.open(files, 'hole')).problem).toBeUndefined();

    const damaged = Buffer.concat([hole, new Uint8Array(49 * 1024 * 1024)]);
    files.put('damaged', damaged);
    await expect(reopen(files, 'damaged')).rejects.toMatchObject({ code: 'corrupt' });
    expect(files.bytes('damaged')).toHaveLength(damaged.length);
  });

  it('says where a gap began and what was cut at a seam', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    for (const frame of frames().slice(0, 8)) writer.append(frame);
    await writer.flush();
    const { writer: next } = await reopen(files, 'c');
    expect(next.totals).toMatchObject({ openTransactions: 1, unfinished: { changes: 1 } });
    next.appendSeam({ after: next.writtenLsn });
    for (const frame of frames().slice(5)) next.append(frame);
    next.appendGap({ from: 900n as Lsn, to: 950n as Lsn, reason: 'r' });
    await next.close();
    const { transactions } = await contentsOf(files, 'c');
    // Committed, cut off, and the same again with its end.
    expect(transactions.map(each => (each as number[])[1])).toEqual([1, 4, 1, 1]);
  });
});
