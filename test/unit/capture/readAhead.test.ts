import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadAhead } from '../../../src/capture/readAhead';

const SIZE = 1000;
const END = 20_000;

/** A file of which every read is written down and takes a turn; what stands behind `broken` cannot be read. */
class Spans {
  readonly reads: { readonly offset: number; readonly length: number }[] = [];
  end = END;
  broken = END;

  async readSpan(into: Uint8Array, offset: number): Promise<void> {
    this.reads.push({ offset, length: into.length });
    await new Promise(resolve => setImmediate(resolve));
    if (offset + into.length > this.broken) throw new Error('damaged');
    for (let i = 0; i < into.length; i++) into[i] = byteAt(offset + i);
  }
}

function byteAt(position: number): number {
  return (Math.imul(position, 2_654_435_761) >>> 11) & 0xff;
}

function expected(offset: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => byteAt(offset + i));
}

describe('pieces that are read ahead', () => {
  it('are the bytes of the file, in whatever order they are asked for', async () => {
    const next = fc.record({
      // Mostly right behind the last piece, as a scan goes.
      skip: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.constant(undefined)),
      offset: fc.integer({ min: 0, max: END - SIZE }),
      length: fc.integer({ min: 1, max: SIZE }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(next, { maxLength: 60 }), async steps => {
        const pieces = new ReadAhead(new Spans(), SIZE);
        let at = 0;
        for (const { skip, offset, length } of steps) {
          const from = skip === undefined || at + skip + length > END ? offset : at + skip;
          expect(Buffer.compare(await pieces.read(from, length), expected(from, length))).toBe(0);
          at = from + length;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are on their way before they are asked for, and only where one followed another', async () => {
    const file = new Spans();
    const pieces = new ReadAhead(file, SIZE);
    await pieces.read(5000, 100);
    expect(file.reads).toHaveLength(1);
    await pieces.read(5116, 100);
    expect(file.reads).toHaveLength(3);
    await pieces.read(5232, 100);
    // It was there: what was read since is the piece behind that one.
    expect(file.reads.map(({ offset }) => offset)).toEqual([5000, 5116, 5216, 6216]);
    await pieces.read(100, 50);
    expect(file.reads.slice(4)).toEqual([{ offset: 100, length: 50 }]);
  });

  it('are two on their way in a long scan, and each byte is read once', async () => {
    const file = new Spans();
    const pieces = new ReadAhead(file, SIZE);
    let offset = 0;
    for (let i = 0; offset + 700 <= END; i++) {
      const length = 300 + ((i * 37) % 401);
      expect(await pieces.read(offset, length)).toEqual(expected(offset, length));
      offset += length;
    }
    const starts = file.reads.map(read => read.offset);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
    expect(file.reads.reduce((sum, { length }) => sum + length, 0)).toBe(END);
  });

  it('go on where the file has grown', async () => {
    const file = new Spans();
    file.end = 2500;
    const pieces = new ReadAhead(file, SIZE);
    for (let offset = 0; offset < 2500; offset += 500) await pieces.read(offset, 500);
    file.end = END;
    for (let offset = 2500; offset < END; offset += 500) {
      expect(await pieces.read(offset, 500)).toEqual(expected(offset, 500));
    }
  });

  it('tell of what cannot be read when it is asked for, and not before', async () => {
    const file = new Spans();
    file.broken = 1500;
    const pieces = new ReadAhead(file, SIZE);
    await pieces.read(0, 700);
    expect(await pieces.read(700, 700)).toEqual(expected(700, 700));
    expect(await pieces.read(1400, 100)).toEqual(expected(1400, 100));
    await expect(pieces.read(1500, 10)).rejects.toThrow('damaged');
  });

  it('end where the file is known to end', async () => {
    const file = new Spans();
    const pieces = new ReadAhead(file, SIZE);
    await pieces.read(END - 900, 800);
    await pieces.read(END - 100, 40);
    await pieces.read(END - 60, 60);
    expect(Math.max(...file.reads.map(({ offset, length }) => offset + length))).toBe(END);
  });
});
