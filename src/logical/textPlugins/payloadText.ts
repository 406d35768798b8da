import { toBase64 } from '../../base/base64';
import { decodeUtf8 } from '../pgoutput/tuple';
import type { TextColumn, TextItem } from './textChange';

/**
 * Reads a payload with `read`. The plugins write in the database's encoding, and a logical message may hold
 * any bytes: what is not UTF-8 is read with a character for each byte, since all that is punctuation to a
 * plugin is ASCII, and then each name and value is taken for itself. A value whose bytes are not UTF-8 is
 * base64 then, as in the events of pgoutput, and a name Latin-1.
 */
export function readPayload<T>(
  payload: Uint8Array,
  read: (text: string, itemOf: (item: TextItem) => TextItem) => T,
): T {
  const text = decodeUtf8(payload);
  return text === undefined ? read(charactersOf(payload), itemOfBytes) : read(text, same);
}

function same(item: TextItem): TextItem {
  return item;
}

function itemOfBytes(item: TextItem): TextItem {
  switch (item.kind) {
    case 'row': {
      const { schema, table, old, new: columns, primaryKey } = item;
      return {
        ...item,
        schema: nameOf(schema),
        table: nameOf(table),
        old: old.map(columnOfBytes),
        new: columns.map(columnOfBytes),
        ...(primaryKey === undefined ? {} : { primaryKey: primaryKey.map(nameOf) }),
      };
    }
    case 'truncate': {
      const relations = item.relations.map(({ schema, table }) => ({
        schema: nameOf(schema),
        table: nameOf(table),
      }));
      return { ...item, relations };
    }
    case 'message': {
      const content = bytesOf(item.content);
      const text = decodeUtf8(content);
      const read =
        text === undefined
          ? ({ content: toBase64(content), contentEncoding: 'base64' } as const)
          : { content: text };
      return { ...item, prefix: nameOf(item.prefix), ...read };
    }
    default:
      return item;
  }
}

function columnOfBytes(column: TextColumn): TextColumn {
  const named = { ...column, name: nameOf(column.name), type: nameOf(column.type) };
  if (typeof column.value !== 'string') return named;
  const bytes = bytesOf(column.value);
  const value = decodeUtf8(bytes);
  return value === undefined ? { ...named, value: toBase64(bytes), bytes } : { ...named, value };
}

/** Read as Latin-1 where its bytes are not UTF-8, as the names in pgoutput's messages are. */
export function nameOf(characters: string): string {
  return decodeUtf8(bytesOf(characters)) ?? characters;
}

/** A character of a string at once costs too much, and all of a long payload too many arguments. */
const AT_ONCE = 4096;

/** A character for each byte. */
export function charactersOf(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + AT_ONCE)));
  }
  return parts.join('');
}

/** The bytes that {@link charactersOf} made characters of. */
export function bytesOf(characters: string): Uint8Array {
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
