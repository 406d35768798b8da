import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { readHeader } from '../../../src/capture/sharedHeader';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { keepalive, message, xlogData } from './pgoutputBytes';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'capture-'));
  folders.push(folder);
  return folder;
}

/** An insert whose last value has `size` bytes. */
function insert(n: number, size = 20): Uint8Array {
  // The message ends with the length of its empty last value.
  const empty = message.insert(16384, [String(n), '']);
  const bytes = Buffer.alloc(empty.length + size, 'x');
  bytes.set(empty);
  bytes.writeUInt32BE(size, empty.length - 4);
  return xlogData(BigInt(1000 + n), bytes);
}

async function payloadSizes(file: CaptureFile): Promise<number[]> {
  const sizes: number[] = [];
  for await (const batch of file.messages()) for (const m of batch) sizes.push(m.payload.length);
  return sizes;
}

describe('the capture writer', () => {
  it('makes a file that only its owner reads, and refuses one that exists', async () => {
    const folder = await newFolder();
    const name = path.join(folder, 'a.walcap');
    const writer = await CaptureWriter.create(nodeFiles, name, testMeta);
    writer.append(insert(1));
    await writer.close();
    if (process.platform !== 'win32') expect((await stat(name)).mode & 0o777).toBe(0o600);
    await expect(CaptureWriter.create(nodeFiles, name, testMeta)).rejects.toMatchObject({
      code: 'exists',
    });
    const file = await CaptureFile.open(nodeFiles, name);
    expect(file.rows).toBe(1);
    await file.close();
  });

  it('confirms only what write() has returned for, keepalives included', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    let release: () => void = () => undefined;
    files.beforeWrite = () =>
      new Promise(resolve => {
        release = resolve;
      });
    writer.append(insert(1));
    writer.append(keepalive(5000n));
    const flushed = writer.flush();
    await new Promise(resolve => setTimeout(resolve, 30));
    expect(writer.writtenLsn).toBe(0n);
    expect(readHeader(writer.header).rows).toBe(0);
    release();
    await flushed;
    expect(writer.writtenLsn).toBe(5000n);
    expect(writer.syncedLsn).toBe(0n);
    expect(readHeader(writer.header)).toMatchObject({ rows: 1, state: 'writing' });
    files.beforeWrite = undefined;
    await writer.sync();
    expect(writer.syncedLsn).toBe(5000n);
    await writer.close();
    expect(readHeader(writer.header).state).toBe('closed');
  });

  it('writes by itself within some milliseconds', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    writer.append(insert(1));
    await expect.poll(() => writer.writtenLsn, { timeout: 1000, interval: 5 }).toBe(1001n);
    await writer.close();
  });

  it('says that it is full while the disk is slow, and loses nothing', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    files.beforeWrite = () => new Promise(resolve => setTimeout(resolve, 5));
    let pauses = 0;
    for (let n = 0; n < 400; n++) {
      writer.append(insert(n, 20_000));
      if (!writer.full) continue;
      pauses++;
      await new Promise<void>(resolve => {
        writer.onDrain = resolve;
      });
      expect(writer.full).toBe(false);
    }
    await writer.close();
    expect(pauses).toBeGreaterThan(0);
    const file = await CaptureFile.open(files, 'c');
    expect(file.rows).toBe(400);
    expect((await file.readMessage(399)).lsn).toBe(1399n);
    await file.close();
  });

  it('syncs what was appended, also while more keeps coming', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    files.beforeWrite = () => new Promise(resolve => setTimeout(resolve, 2));
    let n = 0;
    const feed = setInterval(() => {
      while (!writer.full) writer.append(insert(n++, 300_000));
    }, 1);
    writer.append(insert(n++));
    await writer.sync();
    const first = writer.syncedLsn;
    await writer.sync();
    expect(writer.syncedLsn).toBeGreaterThan(first);
    clearInterval(feed);
    await writer.close();
  });

  it('ends with a full disk wherever that happens; what was written is readable', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 600, max: 1_500_000 }), async capacity => {
        const files = new MemoryFiles();
        const writer = await CaptureWriter.create(files, 'c', testMeta);
        files.capacity = capacity;
        const errors: string[] = [];
        writer.onError = error => errors.push(error.code);
        for (let n = 0; n < 100; n++) {
          if (writer.error !== undefined) break;
          writer.append(insert(n, 20_000));
          if (n % 7 === 0) await new Promise(resolve => setImmediate(resolve));
        }
        await writer.close();
        const file = await CaptureFile.open(files, 'c');
        expect(file.problem).toBeUndefined();
        expect((await payloadSizes(file)).length).toBe(file.rows);
        if (errors.length > 0) {
          expect(errors).toEqual(['disk-full']);
          expect(() => {
            writer.append(insert(0));
          }).toThrow(expect.objectContaining({ code: 'disk-full' }));
          await expect(writer.sync()).rejects.toMatchObject({ code: 'disk-full' });
        } else {
          expect(file.rows).toBe(100);
        }
        // What may be confirmed is there.
        const last = file.rows === 0 ? 0n : (await file.readMessage(file.rows - 1)).lsn;
        expect(last).toBeGreaterThanOrEqual(writer.writtenLsn);
      }),
      { numRuns: 40 },
    );
  }, 30_000);

  it('takes frames larger than a segment, in blocks of their own', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const sizes = [10, 5_000_000, 10, 1_048_000, 1_048_576, 10];
    for (const [n, size] of sizes.entries()) writer.append(insert(n, size));
    await writer.flush();
    // Both ways to come to the index: by scanning, and from the directory.
    for (const closed of [false, true]) {
      if (closed) await writer.close();
      const file = await CaptureFile.open(files, 'c');
      const expected = sizes.map((size, n) => insert(n, size).length - 25);
      expect(await payloadSizes(file)).toEqual(expected);
      expect((await file.readMessage(1)).payload.length).toBe(expected[1]);
      await file.close();
    }
  });

  it('comes to the same from the directories as from scanning, over many chunks', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const columns = [{ name: 'id', key: true }, { name: 'v' }];
    const live = await CaptureFile.open(files, 'c', writer.header);
    let lsn = 1000n;
    const insertOf1900 = message.insert(16384, ['1', 'x'.repeat(1900)]);
    // More than two index chunks, two transaction chunks and, by its size, one directory.
    for (let n = 0; n < 36_000; n++) {
      writer.append(xlogData(lsn++, message.begin(lsn + 3n, 5n, 1000 + n)));
      if (n % 9000 === 0) {
        const extra = n === 0 ? [] : [{ name: `c${String(n)}` }];
        writer.append(
          xlogData(lsn++, message.relation(16384, 'public', 't', [...columns, ...extra])),
        );
      }
      writer.append(xlogData(lsn++, insertOf1900));
      writer.append(xlogData(lsn++, message.commit(lsn, lsn + 1n, 5n)));
      lsn++;
      if (writer.full) await writer.flush();
    }
    writer.append(xlogData(lsn, message.begin(lsn + 3n, 5n, 99)));
    writer.append(xlogData(lsn, message.insert(16384, ['open', 'y'])));
    await writer.flush();
    while (await live.follow());
    const recovered = await CaptureFile.open(files, 'c');
    const { totals } = writer;
    await writer.close();
    const closed = await CaptureFile.open(files, 'c');
    for (const file of [live, recovered, closed]) {
      expect(file.problem).toBeUndefined();
      expect(file.rows).toBe(totals.messages);
      expect(file.changes).toBe(36_001);
      expect(file.transactions).toBe(36_001);
      expect(file.bytes).toBe(totals.bytes);
      expect(file.relations.all.length).toBe(4);
      expect(file.counts.byOperation().insert).toBe(36_001);
      for (const seq of [0, 65_535, 65_536, 100_001, file.rows - 1]) {
        expect(await file.row(seq)).toEqual(await closed.row(seq));
      }
      for (const ordinal of [0, 8191, 8192, 20_000, 36_000]) {
        const chunk = await file.transactionChunk(ordinal);
        const i = ordinal % 8192;
        expect(chunk.xid[i]).toBe(ordinal === 36_000 ? 99 : 1000 + ordinal);
        expect(chunk.fate[i]).toBe(ordinal === 36_000 ? 0 : 1);
        expect(chunk.changes[i]).toBe(1);
      }
      await file.close();
    }
  }, 30_000);
});
