import type { Tuple } from './pgoutput/message';
import { tupleBytes, tupleState, tupleText } from './pgoutput/tuple';
import type { FindType } from './types/binary/binaryText';
import { binaryText } from './types/binary/binaryText';

/**
 * The text of a column's value as Postgres prints it, in whichever form it was sent. Undefined where
 * there is no value, where bytes are not UTF-8, and where the binary form of the type is not known.
 *
 * @param findType Knows the types that are not built in. Without it values in binary form stay bytes.
 */
export function valueText(
  tuple: Tuple,
  column: number,
  typeOid: number,
  findType: FindType | undefined,
): string | undefined {
  if (findType === undefined || tupleState(tuple, column) !== 'binary') {
    return tupleText(tuple, column);
  }
  return binaryText(typeOid, tupleBytes(tuple, column), findType);
}
