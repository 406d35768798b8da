import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SeqBitmap } from '../../../src/capture/seqBitmap';

it('ranks and selects as a sorted list does', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 300_000 }), { maxLength: 300 }), members => {
      const bitmap = new SeqBitmap();
      for (const seq of members) {
        expect(bitmap.add(seq)).toBe(true);
        expect(bitmap.add(seq)).toBe(false);
        // Asking in between must not spoil the counts of what comes later.
        expect(bitmap.select(bitmap.rank(seq))).toBe(seq);
      }
      const sorted = members.toSorted((a, b) => a - b);
      expect(bitmap.total).toBe(sorted.length);
      expect(bitmap.last).toBe(sorted.at(-1) ?? -1);
      sorted.forEach((seq, n) => {
        expect(bitmap.has(seq)).toBe(true);
        expect(bitmap.rank(seq)).toBe(n);
        expect(bitmap.select(n)).toBe(seq);
        expect(bitmap.next(seq)).toBe(seq);
        expect(bitmap.next(seq + 1)).toBe(sorted[n + 1] ?? -1);
      });
      expect(bitmap.select(sorted.length)).toBe(-1);
      expect(bitmap.select(-1)).toBe(-1);
    }),
  );
});
