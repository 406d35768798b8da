import { tmpdir } from 'node:os';
import process from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { SpillFolder } from '../../../src/capture/spillFile';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { formatEvent } from '../../../src/logical/formatEvent';
import { annotateMessage } from '../../../src/logical/pgoutput/annotateMessage';
import { MessageScanner } from '../../../src/logical/pgoutput/messageScanner';
import { jsonLines, readArchive } from '../../fixtures/archive';

/** Cases a run; FUZZ_RUNS sets another number for a long one. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1000);
const CASES = ['v1', 'v2-stream', 'v3-2pc-stream', 'v4-parallel-2pc-binary'];

// Recorded streams, damaged: cut, changed, doubled, dropped and swapped messages. Nothing may throw, run
// on or give out more than there was.
describe('damaged streams', () => {
  const files = readArchive('logical/pg17.br');
  const streams = CASES.map(name =>
    jsonLines<{ data: string }>(files.get(`${name}.jsonl`)!).map(row =>
      Uint8Array.from(Buffer.from(row.data, 'hex')),
    ),
  );

  const damage = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('cut', 'byte', 'drop', 'double', 'swap', 'grow', 'count'),
    offset: fc.nat(),
    value: fc.nat({ max: 255 }),
  });
  const scenario = fc.record({
    stream: fc.nat({ max: CASES.length - 1 }),
    from: fc.nat(),
    length: fc.integer({ min: 1, max: 150 }),
    damages: fc.array(damage, { minLength: 1, maxLength: 12 }),
    memoryLimit: fc.constantFrom(1, 5_000, 1_000_000),
  });

  it('never crash the decoder, whatever the delivery', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ stream, from, length, damages, memoryLimit }) => {
        const whole = streams[stream]!;
        const start = from % whole.length;
        const messages = whole.slice(start, start + length);
        for (const one of damages) inflict(messages, one);
        for (const delivery of ['raw', 'assembled'] as const) {
          let events = 0;
          const decoder = new EventDecoder({
            delivery,
            memoryLimit,
            spill: new SpillFolder(tmpdir()),
            sink: event => {
              events++;
              JSON.parse(formatEvent(event));
            },
          });
          for (const [i, bytes] of messages.entries()) await decoder.push(BigInt(i) as Lsn, bytes);
          decoder.end();
          // A held transaction gives a begin and a commit for the one message of its end.
          expect(events).toBeLessThanOrEqual(messages.length * 2);
        }
        const scanner = new MessageScanner();
        for (const bytes of messages) {
          scanner.scan(bytes, 0, bytes.length);
          const { fields } = annotateMessage(bytes, scanner.inStream);
          const end = fields.at(-1);
          expect(end === undefined ? 0 : end.offset + end.length).toBe(bytes.length);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

function inflict(
  messages: Uint8Array[],
  { at, how, offset, value }: { at: number; how: string; offset: number; value: number },
): void {
  if (messages.length === 0) return;
  const index = at % messages.length;
  const bytes = messages[index]!;
  switch (how) {
    case 'cut':
      messages[index] = bytes.subarray(0, offset % (bytes.length + 1));
      break;
    case 'byte': {
      const changed = bytes.slice();
      if (changed.length > 0) changed[offset % changed.length] = value;
      messages[index] = changed;
      break;
    }
    case 'count': {
      // Lengths and counts stand near the front: make one of them huge.
      const changed = bytes.slice();
      changed.fill(0xff, offset % 12, (offset % 12) + 4);
      messages[index] = changed;
      break;
    }
    case 'drop':
      messages.splice(index, 1);
      break;
    case 'double':
      messages.splice(index, 0, bytes);
      break;
    case 'swap': {
      const other = offset % messages.length;
      messages[index] = messages[other]!;
      messages[other] = bytes;
      break;
    }
    default:
      messages[index] = Uint8Array.from([...bytes, value, value]);
  }
}
