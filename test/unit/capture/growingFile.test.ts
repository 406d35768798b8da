import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureReader } from '../../../src/capture/captureReader';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { readWriterStart } from '../../../src/capture/reopenCapture';
import type { ReaderEvents } from '../../../src/shared/readerApi';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const COLUMNS = [{ name: 'id', key: true }, { name: 'total' }];

/** Transactions of one row each. */
function transactions(from: number, to: number, value: string): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let i = from; i < to; i++) {
    const at = BigInt(i) * 100n;
    frames.push(xlogData(at, message.begin(at + 50n, 7n, 700 + i)));
    if (i === 0) frames.push(xlogData(at, message.relation(16384, 'public', 'orders', COLUMNS)));
    frames.push(xlogData(at + 10n, message.insert(16384, [String(i), `${value} ${String(i)}`])));
    frames.push(xlogData(at + 60n, message.commit(at + 50n, at + 60n, 7n)));
  }
  return frames;
}

/** The bytes of a capture, with a block for each frame. */
async function captured(
  frames: readonly Uint8Array[],
  isClosed = true,
  meta = testMeta,
): Promise<Uint8Array> {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', meta);
  for (const frame of frames) {
    writer.append(frame);
    await writer.flush();
  }
  if (isClosed) await writer.close();
  return files.bytes('c');
}

/** As another process writes it: the open file is this one all the time. */
function become(files: MemoryFiles, path: string, bytes: Uint8Array): void {
  const file = files.files.get(path)!;
  file.bytes = bytes.slice();
  file.length = bytes.length;
  file.changed++;
}

async function payloads(file: CaptureFile): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of file.messages()) {
    for (const { payload } of batch) all.push(Buffer.from(payload).toString('hex'));
  }
  return all;
}

const expected = (frames: readonly Uint8Array[]): string[] =>
  frames.map(frame => Buffer.from(frame.subarray(25)).toString('hex'));

async function catchUp(file: CaptureFile): Promise<void> {
  while (await file.follow());
}

describe('a file that another process writes', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is followed, wherever it ended when it was opened', async () => {
    const frames = transactions(0, 6, 'value');
    const bytes = await captured(frames);
    let opened = 0;
    for (let size = 0; size < bytes.length; size += 3) {
      const files = new MemoryFiles();
      files.put('c', bytes.slice(0, size));
      const file = await CaptureFile.open(files, 'c').catch(() => undefined);
      // There is nothing to look at before its first facts.
      if (file === undefined) continue;
      opened++;
      expect(file.hasGrown).toBe(false);
      await payloads(file);
      become(files, 'c', bytes.slice(0, size + Math.ceil((bytes.length - size) / 2)));
      await catchUp(file);
      // What is under way is not called torn.
      expect(file.left).toBe(0);
      become(files, 'c', bytes);
      await catchUp(file);
      expect(file).toMatchObject({ hasGrown: true, left: 0, problem: undefined, changes: 6 });
      expect(await payloads(file)).toEqual(expected(frames));
      await file.close();
    }
    expect(opened).toBeGreaterThan(200);
  });

  it('says what is torn at its end once it stays as it is', async () => {
    const bytes = await captured(transactions(0, 6, 'value'), false);
    const files = new MemoryFiles();
    files.put('c', bytes.slice(0, bytes.length - 200));
    const file = await CaptureFile.open(files, 'c');
    become(files, 'c', bytes.slice(0, bytes.length - 3));
    await catchUp(file);
    expect(file.left).toBe(0);
    // Whoever copies a file writes again after a moment.
    vi.advanceTimersByTime(500);
    await catchUp(file);
    expect(file.left).toBe(0);
    vi.advanceTimersByTime(2000);
    await catchUp(file);
    expect(file.left).toBeGreaterThan(3);
    const { reads } = files;
    for (let i = 0; i < 5; i++) await catchUp(file);
    expect(files.reads).toBe(reads);
    become(files, 'c', bytes);
    await catchUp(file);
    expect(file).toMatchObject({ left: 0, changes: 6, problem: undefined, hasGrown: true });
    vi.advanceTimersByTime(31_000);
    await catchUp(file);
    expect(file.hasGrown).toBe(false);
  });

  it('is read anew where a hole in it was filled under the same size', async () => {
    const frames = transactions(0, 6, 'value');
    const bytes = await captured(frames);
    const files = new MemoryFiles();
    files.put('c', bytes.slice(0, 900));
    const file = await CaptureFile.open(files, 'c');
    // Of two writes under way the later one is there first; the rows before it are looked at meanwhile.
    const hole = bytes.slice();
    hole.fill(0, file.end, file.end + 120);
    become(files, 'c', hole);
    await catchUp(file);
    await file.readMessage(file.rows - 1);
    become(files, 'c', bytes);
    await catchUp(file);
    expect(file).toMatchObject({ changes: 6, problem: undefined });
    for (let seq = 0; seq < file.rows; seq++) {
      const { payload } = await file.readMessage(seq);
      expect(Buffer.from(payload).toString('hex')).toBe(expected(frames)[seq]);
    }
  });

  it('is not taken for damaged while it is written in a way that we do not know', async () => {
    const frames = transactions(0, 6, 'value');
    const bytes = await captured(frames);
    const files = new MemoryFiles();
    files.put('c', bytes.slice(0, 700));
    const file = await CaptureFile.open(files, 'c');
    const begun = bytes.slice();
    begun.fill(0xaa, file.end + 30, file.end + 60);
    become(files, 'c', begun);
    await catchUp(file);
    vi.advanceTimersByTime(1000);
    await catchUp(file);
    expect(file.problem).toBeUndefined();
    become(files, 'c', bytes);
    await catchUp(file);
    expect(file).toMatchObject({ changes: 6, problem: undefined });
  });

  it('is called torn or damaged at once by who opens it, also while it grows', async () => {
    const bytes = await captured(transactions(0, 6, 'value'), false);
    const damaged = bytes.slice();
    damaged.fill(0xaa, 700, 720);
    for (const [content, isDamaged] of [
      [damaged, true],
      [bytes.slice(0, bytes.length - 5), false],
    ] as const) {
      const files = new MemoryFiles();
      files.put('c', content);
      const memory = files.files.get('c')!;
      const stamp = memory.stamp.bind(memory);
      // It is written to before each look.
      memory.stamp = () => {
        memory.changed++;
        return stamp();
      };
      const file = await CaptureFile.open(files, 'c');
      expect(file.problem !== undefined).toBe(isDamaged);
      expect(file.left > 0).toBe(!isDamaged);
    }
  });

  it('says so where it is cut off, or is another one all at once', async () => {
    const bytes = await captured(transactions(0, 6, 'value'));
    const other = await captured(transactions(0, 12, 'other'), true, {
      ...testMeta,
      startedAt: '2026-11-21T13:00:00.000000Z',
    });
    for (const next of [bytes.slice(0, 300), new Uint8Array(0), other]) {
      const files = new MemoryFiles();
      files.put('c', bytes);
      const file = await CaptureFile.open(files, 'c');
      const { rows } = file;
      become(files, 'c', next);
      await catchUp(file);
      expect(file.problem?.message).toMatch(/cut off, or another one .*: open it again/);
      expect(file).toMatchObject({ rows, left: 0, mayGrow: false });
    }
  });

  it('is continued over a torn end, whose bytes are those of nothing', async () => {
    const before = transactions(0, 3, 'kept');
    const lost = await captured([...before, ...transactions(3, 9, 'lost')], false);
    const files = new MemoryFiles();
    files.put('c', lost.slice(0, lost.length - 5));
    const open = await CaptureFile.open(files, 'c');
    // The page is known, with what is torn in it.
    const seen = await payloads(open);
    expect(open.left).toBeGreaterThan(0);
    await open.readMessage(open.rows - 1);
    const writer = await CaptureWriter.resume(
      await files.open('c'),
      await readWriterStart(await files.open('c')),
      testMeta,
    );
    const after = transactions(9, 12, 'what came after it, in its place');
    for (const frame of after) writer.append(frame);
    await writer.close();
    await catchUp(open);
    expect(open).toMatchObject({ hasGrown: true, problem: undefined });
    expect(await payloads(open)).toEqual([...seen, ...expected(after)]);
    const last = await open.readMessage(open.rows - 2);
    expect(Buffer.from(last.payload).toString('latin1')).toContain('in its place 11');
  });

  it('that is damaged where it goes on says so, and shows what stands before', async () => {
    const frames = transactions(0, 6, 'value');
    const bytes = await captured(frames);
    const files = new MemoryFiles();
    files.put('c', bytes.slice(0, 700));
    const file = await CaptureFile.open(files, 'c');
    const { rows } = file;
    const damaged = bytes.slice();
    damaged.fill(0xaa, file.end + 2, file.end + 20);
    become(files, 'c', damaged);
    await catchUp(file);
    vi.advanceTimersByTime(2000);
    await catchUp(file);
    expect(file.problem?.message).toMatch(/damaged at byte/);
    expect(file.mayGrow).toBe(false);
    expect(await payloads(file)).toEqual(expected(frames).slice(0, rows));
  });

  it('tells the timeline of its growth', async () => {
    vi.useRealTimers();
    const frames = transactions(0, 40, 'value');
    const bytes = await captured(frames);
    const files = new MemoryFiles();
    files.put('c', bytes.slice(0, 1500));
    const heads: ReaderEvents['head'][] = [];
    const reader = new CaptureReader(files, head => heads.push(head));
    await reader.open({ path: 'c' });
    await expect.poll(() => heads.at(-1)?.view.complete, { timeout: 5000 }).toBe(true);
    expect(heads.at(-1)?.capture.hasGrown).toBe(false);
    become(files, 'c', bytes);
    await expect.poll(() => heads.at(-1)?.view.changes, { timeout: 5000 }).toBe(40);
    expect(heads.at(-1)?.capture).toMatchObject({ hasGrown: true, left: 0, error: '' });
    const { rows } = await reader.current.rows(
      { view: 1, generation: 0, first: 39, count: 1 },
      new AbortController().signal,
    );
    expect(JSON.stringify(rows)).toContain('value 39');
    await reader.close();
  });
});
