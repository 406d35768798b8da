import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenFile } from '../../../src/capture/fileAccess';
import { PageCache } from '../../../src/capture/pageCache';

const PAGE = 16 * 1024;
/** More than the cache has pages for. */
const SIZE = 500 * PAGE + 77;

/** A file whose bytes tell where they stand, which grows, and whose reads take a turn or fail. */
class Growing implements Pick<OpenFile, 'read'> {
  length = SIZE;
  failing = false;
  reads = 0;

  async read(into: Uint8Array, position: number): Promise<number> {
    const there = Math.max(0, Math.min(into.length, this.length - position));
    this.reads++;
    await new Promise(resolve => setImmediate(resolve));
    if (this.failing) throw new Error('EIO');
    for (let i = 0; i < there; i++) into[i] = byteAt(position + i);
    return there;
  }
}

function byteAt(position: number): number {
  return (Math.imul(position, 2_654_435_761) >>> 13) & 0xff;
}

function expected(offset: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => byteAt(offset + i));
}

describe('the pages of a capture', () => {
  it('give the bytes of the file, whoever reads at the same time', async () => {
    const span = fc.record({
      offset: fc.integer({ min: 0, max: SIZE - 1 }),
      length: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 20 * PAGE })),
    });
    const file = new Growing();
    const cache = new PageCache(file as unknown as OpenFile);
    await fc.assert(
      fc.asyncProperty(fc.array(span, { minLength: 1, maxLength: 60 }), async spans => {
        const inside = spans.map(({ offset, length }) => ({
          offset,
          length: Math.min(length, SIZE - offset),
        }));
        const read = await Promise.all(
          inside.map(({ offset, length }) => cache.read(offset, length)),
        );
        for (const [i, { offset, length }] of inside.entries()) {
          expect(Buffer.compare(read[i]!, expected(offset, length))).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stay what they were when others take their place', async () => {
    const cache = new PageCache(new Growing() as unknown as OpenFile);
    const kept = await cache.read(10, 300);
    for (let page = 0; page < 500; page++) await cache.read(page * PAGE, 100);
    expect(kept).toEqual(expected(10, 300));
  });

  it('are read once while they stay, and again when the file has grown', async () => {
    const file = new Growing();
    file.length = 1000;
    const cache = new PageCache(file as unknown as OpenFile);
    expect(await cache.read(0, 1000)).toEqual(expected(0, 1000));
    expect(await cache.read(500, 400)).toEqual(expected(500, 400));
    expect(file.reads).toBe(1);
    await expect(cache.read(900, 200)).rejects.toThrow('The capture ends before byte 1100.');
    // Who asks while an older read is under way has what came since all the same.
    const older = cache.read(990, 20);
    file.length = 2000;
    expect(await cache.read(900, 1100)).toEqual(expected(900, 1100));
    await expect(older).resolves.toEqual(expected(990, 20));
  });

  it('may be asked for again when a read failed', async () => {
    const file = new Growing();
    file.failing = true;
    const cache = new PageCache(file as unknown as OpenFile);
    await expect(Promise.all([cache.read(0, 10), cache.read(5, 10)])).rejects.toThrow('EIO');
    file.failing = false;
    expect(await cache.read(5, 10)).toEqual(expected(5, 10));
  });

  it('are enough for any number of reads at once', async () => {
    const cache = new PageCache(new Growing() as unknown as OpenFile);
    const read = await Promise.all(
      Array.from({ length: 500 }, (_, page) => cache.read(page * PAGE + 3, 50)),
    );
    for (const [page, bytes] of read.entries()) {
      expect(bytes).toEqual(expected(page * PAGE + 3, 50));
    }
  });
});
