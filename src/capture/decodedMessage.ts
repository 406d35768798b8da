import { ByteReader, DecodeError } from '../base/byteReader';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import type { PgoutputMessage } from '../logical/pgoutput/message';
import { RowImage, isRowMessage } from '../logical/rowImage';
import { OPAQUE_KIND } from './frameIndexer';
import type { IndexRow } from './indexChunk';
import { ROW } from './indexChunk';
import type { CapturedMessage } from './capturedMessage';
import type { RelationCatalog } from './relationCatalog';

/** A message with all that decoding it gives; `error` says what could not be read, or is empty. */
export interface DecodedMessage {
  readonly message: PgoutputMessage | undefined;
  /** Present for a change of a row whose relation is known and fits. */
  readonly image: RowImage | undefined;
  readonly error: string;
}

/** Decodes a message of a capture. Never throws for bad bytes. */
export function decodeCaptured(
  captured: CapturedMessage,
  catalog: RelationCatalog,
): DecodedMessage {
  const { payload, row } = captured;
  // Frames of our own and the text of other plugins are not messages of pgoutput.
  if (!isPgoutput(row)) return { message: undefined, image: undefined, error: '' };
  let message: PgoutputMessage;
  try {
    message = decodeMessage(new ByteReader(payload), (row.flags & ROW.inStream) !== 0);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { message: undefined, image: undefined, error: error.message };
  }
  if (!isRowMessage(message)) return { message, image: undefined, error: '' };
  const relation = catalog.relation(row.relation);
  if (relation === undefined) {
    const error = `the table with OID ${String(message.relationOid)} was not described before`;
    return { message, image: undefined, error };
  }
  const error = RowImage.mismatch(relation, message) ?? '';
  return { message, image: new RowImage(relation, message), error };
}

export function isPgoutput(row: IndexRow): boolean {
  return (row.flags & ROW.ownFrame) === 0 && row.kind !== OPAQUE_KIND;
}
