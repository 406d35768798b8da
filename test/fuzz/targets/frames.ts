import { DecodeError } from '../../../src/base/byteReader';
import { readGap, readSeam } from '../../../src/capture/frame';
import { CopyFramer } from '../../../src/postgres/copyFramer';
import { readKeepalive } from '../../../src/postgres/statusUpdate';
import { stretch } from '../corpus';
import { damaged, withNeighbours } from '../damage';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';
import { expectThat } from '../target';

/** What a socket gives: split anywhere it is the same messages, damaged it is refused or others. */
export const framesTarget: FuzzTarget = {
  name: 'frames of the wire',
  weight: 15,
  run(random, corpus) {
    const { bytes } = stretch(random, corpus.streams, 12);
    const wire = Buffer.concat(bytes.map(copyData));
    const whole = framed([wire]);
    const split = framed(pieces(random, wire));
    expectThat(Buffer.concat(whole).equals(Buffer.concat(split)), 'split frames differ');
    expectThat(
      whole.length === bytes.length && split.length === bytes.length,
      'frames are missing',
    );

    const broken = damaged(random, wire);
    let given = 0;
    try {
      for (const body of framed(pieces(random, broken))) given += body.length;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    expectThat(given <= broken.length, 'more was given out than came in');

    const [one, other] = withNeighbours(damaged(random, KEEPALIVE));
    expectThat(keepalive(one) === keepalive(other), 'a keepalive was read past its end');
    for (const own of OWN_FRAMES) {
      readGap(damaged(random, own));
      readSeam(damaged(random, own));
    }
  },
};

function framed(chunks: readonly Uint8Array[]): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  const framer = new CopyFramer((_type, body) => {
    bodies.push(body.slice());
  });
  for (const chunk of chunks) framer.push(chunk);
  return bodies;
}

function pieces(random: Random, bytes: Uint8Array): Uint8Array[] {
  const most = random.of([1, 3, 7, 64, 4096]);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(most);
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** CopyData of an XLogData. */
function copyData(payload: Uint8Array): Uint8Array {
  const message = Buffer.alloc(5 + 25 + payload.length);
  message[0] = 0x64;
  message.writeUInt32BE(message.length - 1, 1);
  message[5] = 0x77;
  message.set(payload, 30);
  return message;
}

function keepalive(payload: Uint8Array): string {
  try {
    const { walEnd, sendTime, replyRequested } = readKeepalive(payload);
    return `${walEnd} ${sendTime} ${replyRequested}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.message;
  }
}

const KEEPALIVE = Buffer.from('6b00000000009d46380002d3e64f4bf2c001', 'hex');
const OWN_FRAMES = [
  Buffer.from('G{"from":"0/16B6D10","to":"0/17A0000","reason":"the connection was lost"}'),
  Buffer.from('J{"after":"0/16B6D10"}'),
];
