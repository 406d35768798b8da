import { ByteReader, DecodeError } from '../../../src/base/byteReader';
import { annotateMessage } from '../../../src/logical/pgoutput/annotateMessage';
import { decodeMessage } from '../../../src/logical/pgoutput/decodeMessage';
import { MessageScanner } from '../../../src/logical/pgoutput/messageScanner';
import { damaged, withNeighbours } from '../damage';
import type { FuzzTarget } from '../target';
import { expectThat } from '../target';

/** One message of pgoutput, read in both places that it may stand in, as values and as fields. */
export const messageTarget: FuzzTarget = {
  name: 'pgoutput message',
  weight: 40,
  run(random, { streams }) {
    const bytes = damaged(random, random.of(random.of(streams).messages).bytes);
    const [one, other] = withNeighbours(bytes);
    for (const inStream of [false, true]) {
      expectThat(outcome(one, inStream) === outcome(other, inStream), 'read past its end');
      const { fields } = annotateMessage(one, inStream);
      const last = fields.at(-1);
      expectThat((last === undefined ? 0 : last.offset + last.length) === bytes.length, 'fields');
    }
    expectThat(scan(one) === scan(other), 'the scanner read past its end');
  },
};

/** All that is read of a message, as text: the values' bytes too. */
function outcome(bytes: Uint8Array, inStream: boolean): string {
  try {
    return JSON.stringify(decodeMessage(new ByteReader(bytes), inStream), plain);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.message;
  }
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return value instanceof Uint32Array ? [...value].join() : value;
}

function scan(bytes: Uint8Array): string {
  const scanner = new MessageScanner();
  scanner.scan(bytes, 0, bytes.length);
  const { kind, inStream, topXid, xid, relationOid, commitTime, endLsnHigh, endLsnLow } = scanner;
  return [kind, inStream, topXid, xid, relationOid, commitTime, endLsnHigh, endLsnLow].join();
}
