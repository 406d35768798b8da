import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureError } from '../../../src/capture/captureError';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { crc32c } from '../../../src/base/crc32c';
import { encodeDirectory } from '../../../src/capture/directory';
import { testMeta } from './captureMeta';
import { independentBlocks, independentFrames, isNumbered } from './independentReader';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

/** A capture of blocks of about 20 KB, as its writer left it: not closed. */
async function unclosed(blocks: number): Promise<Buffer> {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  for (let n = 0; n < blocks; n++) {
    for (let i = 0; i < 20; i++) {
      const payload = message.logical(false, 1n, 'app', 'x'.repeat(1000));
      writer.append(xlogData(BigInt(n * 20 + i + 1), payload));
    }
    await writer.flush();
  }
  return Buffer.from(files.bytes('c'));
}

async function opened(bytes: Uint8Array): Promise<CaptureFile> {
  const files = new MemoryFiles();
  files.put('c', bytes);
  const file = await CaptureFile.open(files, 'c');
  expect(file.rows).toBe(independentFrames(Buffer.from(bytes)).filter(isNumbered).length);
  return file;
}

describe('a writer that was killed with two writes under way', () => {
  it.each([
    ['nothing of the first', 0],
    ['some pages of the first', 8192],
  ])('left %s and all of the second: its end is torn', async (_, kept) => {
    const bytes = await unclosed(6);
    const blocks = independentBlocks(bytes);
    const [first, second] = blocks.slice(-2);
    const start = first!.offset - 24;
    bytes.fill(0, kept === 0 ? start : Math.ceil(start / 4096) * 4096 + kept, second!.offset - 24);
    for (const end of [bytes.length, bytes.length - 5000, second!.offset - 10]) {
      const file = await opened(bytes.subarray(0, end));
      expect(file.problem).toBeUndefined();
      expect(file.rows).toBe(80);
    }
  });

  it('is not what a damaged middle is taken for', async () => {
    const whole = await unclosed(6);
    const blocks = independentBlocks(whole);
    const [third, fifth] = [blocks.at(-4)!, blocks.at(-2)!];
    const damages: [number, (bytes: Buffer) => void][] = [
      [third.offset - 24, bytes => bytes.fill(0, third.offset - 24, third.offset + 20_000)],
      [fifth.offset - 24, bytes => (bytes[fifth.offset + 9]! ^= 1)],
      [fifth.offset - 24, bytes => (bytes[fifth.offset - 24] = 0)],
    ];
    for (const [offset, damage] of damages) {
      const bytes = Buffer.from(whole);
      damage(bytes);
      const file = await opened(bytes);
      expect(file.problem).toMatchObject({ offset });
      expect(file.problem?.message).toContain(`byte ${String(offset)}`);
    }
  });

  it('has written no directory before what it speaks of', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const waiting: (() => void)[] = [];
    files.beforeWrite = () => new Promise(resolve => waiting.push(resolve));
    const ended = (async () => {
      writer.append(xlogData(1n, message.logical(false, 1n, 'app', 'x')));
      await writer.close();
    })();
    const endedFlag = { over: false };
    void ended.then(() => (endedFlag.over = true));
    let directories = 0;
    // The newest write always goes first.
    while (!endedFlag.over) {
      await new Promise(resolve => setImmediate(resolve));
      waiting.pop()?.();
      await new Promise(resolve => setImmediate(resolve));
      const bytes = Buffer.from(files.bytes('c'));
      if (bytes.includes('PGWALDIR')) {
        directories++;
        expect(independentBlocks(bytes).at(-1)?.type).toBe('Z');
      }
    }
    expect(directories).toBeGreaterThan(0);
  });
});

describe('a file that anybody may have written', () => {
  it('never crashes or hangs the reader, wherever a byte is another one', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    for (let i = 1; i < 30; i++) {
      writer.append(xlogData(BigInt(i), message.logical(false, 1n, 'app', 'x'.repeat(i))));
      if (i % 10 === 0) await writer.rest();
    }
    await writer.close();
    const whole = Buffer.from(files.bytes('c'));
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      files.put('flip', bytes);
      await readAll(files, 'flip');
    }
  }, 60_000);

  it.each([
    ['chunks of 4 GB', { index: [{ chunk: 0, offset: 100, length: 0xffff_ffff, rows: 9 }] }],
    ['chunks outside the file', { relations: [{ offset: 1e15, length: 100 }] }],
    ['a negative place', { transactions: [{ chunk: 0, offset: -5, length: 5, transactions: 1 }] }],
    ['text for numbers', { index: [{ chunk: 'x', offset: '1', length: {}, rows: [] }] }],
    ['open chunks without end', { openChunks: [1e9] }],
    ['a huge description of its source', { meta: { offset: 16, length: 1e12 } }],
    ['notes of 3 GB', { notes: [{ offset: 40, length: 3e9 }] }],
  ])('is not believed: %s', async (_, forged) => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    writer.append(xlogData(1n, message.logical(false, 1n, 'app', 'x')));
    await writer.close();
    const whole = Buffer.from(files.bytes('c'));
    const last = independentBlocks(whole).at(-1)!;
    const directory = JSON.parse(
      last.payload.toString('utf8', 0, last.payload.length - 16),
    ) as object;
    const payload = Buffer.concat(
      encodeDirectory({ ...directory, ...forged } as never, last.offset - 24),
    );
    const header = Buffer.from(whole.subarray(last.offset - 24, last.offset));
    header.writeUInt32LE(payload.length, 8);
    const summed = Buffer.concat([header.subarray(4, 12), header.subarray(16), payload]);
    header.writeUInt32LE(crc32c(summed), 12);
    files.put('forged', Buffer.concat([whole.subarray(0, last.offset - 24), header, payload]));
    await expect(CaptureFile.open(files, 'forged')).rejects.toBeInstanceOf(CaptureError);
  });
});

/** All that a look at a capture does; it may fail with a {@link CaptureError} only. */
async function readAll(files: MemoryFiles, name: string): Promise<void> {
  try {
    const file = await CaptureFile.open(files, name);
    while (await file.readNotes());
    for (let seq = 0; seq < file.rows; seq++) await file.readMessage(seq);
    for await (const batch of file.messages()) expect(batch.length).toBeGreaterThan(0);
    await file.close();
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
}
