import { DecodeError } from '../../../base/byteReader';
import { decodeUtf8 } from '../../pgoutput/tuple';

/** The bytes as text; throws DecodeError where they are not UTF-8, as in a database of SQL_ASCII. */
export function utf8Text(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new DecodeError(0, 'text in UTF-8', bytes.length, bytes.length);
  return text;
}
