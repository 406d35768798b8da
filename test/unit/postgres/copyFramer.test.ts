import process from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyFramer } from '../../../src/postgres/copyFramer';

type Message = readonly [type: number, body: Uint8Array];

function encode(messages: readonly Message[]): Uint8Array {
  const parts = messages.map(([type, body]) => {
    const bytes = Buffer.alloc(5 + body.length);
    bytes[0] = type;
    bytes.writeUInt32BE(body.length + 4, 1);
    bytes.set(body, 5);
    return bytes;
  });
  return new Uint8Array(Buffer.concat(parts));
}

function collect(chunks: readonly Uint8Array[]): Message[] {
  const messages: Message[] = [];
  const framer = new CopyFramer((type, body) => {
    messages.push([type, body.slice()]);
  });
  for (const chunk of chunks) framer.push(chunk);
  return messages;
}

const anyMessages = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 })),
  { maxLength: 12 },
);

describe('CopyFramer', () => {
  it('gives the same messages however the bytes are split', () => {
    fc.assert(
      fc.property(
        anyMessages,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (messages, sizes) => {
          const bytes = encode(messages);
          const chunks: Uint8Array[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length]!;
            // A read buffer is reused by the next read: what is needed later must be copied.
            chunks.push(bytes.slice(at, at + size));
            at += size;
          }
          const got: Message[] = [];
          const framer = new CopyFramer((type, body) => {
            got.push([type, body.slice()]);
          });
          for (const chunk of chunks) {
            framer.push(chunk);
            chunk.fill(0xee);
          }
          expect(got).toEqual(messages);
        },
      ),
    );
  });

  it('cuts one message at every byte, small and large', () => {
    for (const size of [0, 1, 40]) {
      const message: Message = [0x64, new Uint8Array(size).map((_, i) => i)];
      const bytes = encode([message, message]);
      for (let cut = 0; cut <= bytes.length; cut++) {
        expect(collect([bytes.slice(0, cut), bytes.slice(cut)])).toEqual([message, message]);
      }
    }
    const large: Message = [0x64, new Uint8Array(200_000).map((_, i) => i * 7)];
    const bytes = encode([large, large]);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.slice(at, at + 65_536));
    const got = collect(chunks).map(([, body]) => Buffer.compare(body, large[1]));
    expect(got).toEqual([0, 0]);
  });

  it('collects a message of many megabytes, and takes no room for bytes that have not come', () => {
    const large: Message = [0x64, new Uint8Array(5_000_000).map((_, i) => i * 13)];
    const bytes = encode([large, large]);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.slice(at, at + 65_536));
    expect(collect(chunks).map(([, body]) => Buffer.compare(body, large[1]))).toEqual([0, 0]);

    const claim = Buffer.from([0x64, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
    const before = process.memoryUsage().arrayBuffers;
    const framers = Array.from({ length: 8 }, () => new CopyFramer(() => undefined));
    for (const framer of framers) framer.push(claim);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64e6);
  });

  it('refuses a length that cannot be, also when it is split', () => {
    for (const length of [0, 3, 0x8000_0000]) {
      const bytes = Buffer.alloc(5);
      bytes.writeUInt32BE(length, 1);
      const whole = new CopyFramer(() => undefined);
      expect(() => {
        whole.push(bytes);
      }).toThrow(RangeError);
      const split = new CopyFramer(() => undefined);
      split.push(bytes.subarray(0, 2));
      expect(() => {
        split.push(bytes.subarray(2));
      }).toThrow(RangeError);
    }
  });
});
