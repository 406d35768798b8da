import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE } from '../../../src/capture/indexChunk';
import { TX_ROWS, TX_SHIFT } from '../../../src/capture/transactionChunk';
import { TransactionStarts } from '../../../src/capture/transactionStarts';
import { TransactionTable } from '../../../src/capture/transactionTable';

/** The transactions of a capture, and nothing else of it. */
function fileOf(firsts: readonly number[]): ConstructorParameters<typeof TransactionStarts>[0] {
  const table = new TransactionTable();
  for (const [i, seq] of firsts.entries()) table.begin(i + 1, seq, 0);
  return {
    transactions: table.count,
    transactionChunk: ordinal => Promise.resolve(table.resident(ordinal >>> TX_SHIFT)!),
  };
}

describe('the transaction that begins with a message', () => {
  it('is found by it, and by no other message', async () => {
    const steps = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: 3 }), async (some, chunks) => {
        // Chunks are filled by transactions of one message.
        const filled = Array.from({ length: chunks * TX_ROWS }, (_, i) => i);
        let seq = filled.length;
        const firsts = [...filled, ...some.map(step => (seq += step))];
        const starts = new TransactionStarts(fileOf(firsts));
        const ordinals = new Map(firsts.map((first, ordinal) => [first, ordinal]));
        const asked = [0, 1, TX_ROWS - 1, TX_ROWS, 2 * TX_ROWS, ...firsts.slice(-300)];
        for (const at of asked.flatMap(first => [first, first + 1])) {
          expect(await starts.at(at)).toBe(ordinals.get(at) ?? NONE);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is none in a capture that has no transaction', async () => {
    expect(await new TransactionStarts(fileOf([])).at(0)).toBe(NONE);
  });
});
