import { DecodeError } from '../../base/byteReader';
import type { Field } from '../../base/fieldReader';
import { FieldReader } from '../../base/fieldReader';
import type { Relation } from '../relation';
import { typeName } from '../types/typeName';
import { decodeMessage } from './decodeMessage';

export interface AnnotatedMessage {
  /** The message's fields in order of their bytes; together they cover every byte. */
  readonly fields: readonly Field[];
  /** Why the message could not be read to its end; empty when it could. */
  readonly error: string;
}

/**
 * The fields of a message with the bytes they stand in, by the same walk that decodes it. With
 * `relation`, the version that was current when the message arrived, the values of a row carry the
 * names and types of their columns. Never throws for bad bytes: what was read before them stays.
 */
export function annotateMessage(
  bytes: Uint8Array,
  inStream: boolean,
  relation?: Relation,
): AnnotatedMessage {
  const reader = new RowFieldReader(bytes, relation);
  let error = '';
  try {
    decodeMessage(reader, inStream);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    error = cause.message;
  }
  reader.closeAll();
  if (reader.remaining > 0) {
    const [name, meaning] =
      error === ''
        ? ['trailing bytes', 'Bytes after the end of the message as its layout is known here']
        : ['unread bytes', error];
    reader.skip(reader.remaining, name, meaning, 'hex');
  }
  return { fields: reader.fields(), error };
}

/** Names the columns of a row after the relation, where it is known and the row is one of a change. */
class RowFieldReader extends FieldReader {
  readonly #relation: Relation | undefined;

  constructor(bytes: Uint8Array, relation: Relation | undefined) {
    super(bytes);
    this.#relation = 'IUD'.includes(String.fromCharCode(bytes[0] ?? 0)) ? relation : undefined;
  }

  protected override memberName(name: string, index: number): string {
    const plain = super.memberName(name, index);
    const column = this.#relation?.columns[index];
    if (column === undefined) return plain;
    const key = column.key ? ', key' : '';
    return `${plain}: ${column.name} ${typeName(column.typeOid, column.typeModifier)}${key}`;
  }
}
