/**
 * What test_decoding or wal2json wrote, without the values of masked columns: a text of the same form with a
 * placeholder in the place of each. JSON is written anew where it had such values, in the same order.
 */
import type { ColumnMask } from '../../shared/columnMask';
import { MASKED_TEXT } from '../../shared/columnMask';
import type { TextPlugin } from '../../shared/textPlugin';
import { MASKED_BYTES } from '../maskedMessage';
import { decodeUtf8 } from '../pgoutput/tuple';
import { bytesOf, charactersOf, nameOf } from './payloadText';
import { isUntold } from './readText';
import { edgeEvent } from './testDecoding';
import { ChangeText } from './testDecodingChange';
import { TextError } from './textLine';
import { INVALID_LSN } from '../../base/lsn';
import type { Json } from './wal2json';
import { CHUNK_END, CHUNK_START, isObject, objectOf } from './wal2json';

/**
 * The payload itself where it has no masked value. A text that cannot be read is replaced as a whole: nobody
 * can tell what is a value in it.
 */
export function maskedText(plugin: TextPlugin, payload: Uint8Array, mask: ColumnMask): Uint8Array {
  const utf8 = decodeUtf8(payload);
  const text = utf8 ?? charactersOf(payload);
  const isMasked: IsMasked =
    utf8 === undefined
      ? (schema, table, column) => mask.has(nameOf(schema), nameOf(table), nameOf(column))
      : (schema, table, column) => mask.has(schema, table, column);
  const place = { isMasked, everything: mask.everything };
  let masked: string;
  try {
    masked =
      plugin === 'test_decoding' ? maskedTestDecoding(text, place) : maskedWal2json(text, place);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    return MASKED_BYTES;
  }
  if (masked === text) return payload;
  if (utf8 !== undefined) return encoder.encode(masked);
  return bytesOf(masked.replaceAll(MASKED_TEXT, MASKED_CHARACTERS));
}

type IsMasked = (schema: string, table: string, column: string) => boolean;

interface Masking {
  readonly isMasked: IsMasked;
  readonly everything: boolean;
}

const encoder = new TextEncoder();
const MASKED_CHARACTERS = charactersOf(MASKED_BYTES);

function maskedTestDecoding(text: string, { isMasked, everything }: Masking): string {
  if (isUntold(text)) return text;
  const edge = edgeEvent(text, { lsn: INVALID_LSN, xid: 0 });
  if (edge !== undefined) {
    if (edge.kind !== 'message' || !everything || !text.includes(' content:')) return text;
    const transactional = edge.transactional ? 1 : 0;
    const size = MASKED_BYTES.length;
    return `message: transactional: ${String(transactional)} prefix: ${edge.prefix}, sz: ${String(size)} content:${MASKED_TEXT}`;
  }
  const spans: { readonly column: string; readonly from: number; readonly to: number }[] = [];
  const item = new ChangeText(text, (column, from, to) => spans.push({ column, from, to })).parse({
    lsn: INVALID_LSN,
  });
  if (item.kind !== 'row') return text;
  let masked = '';
  let done = 0;
  for (const { column, from, to } of spans) {
    if (!isMasked(item.schema, item.table, column)) continue;
    masked += `${text.slice(done, from)}'${MASKED_TEXT}'`;
    done = to;
  }
  return masked + text.slice(done);
}

function maskedWal2json(text: string, masking: Masking): string {
  const piece = text.trim();
  if (CHUNK_END.test(piece) || CHUNK_START.test(piece)) return text;
  const comma = piece.startsWith(',') ? ',' : '';
  const row = objectOf(piece.replace(/^,/, ''));
  const masked = Array.isArray(row['change'])
    ? { ...row, change: row['change'].map(change => maskedChange(change, masking)) }
    : maskedChange(row, masking);
  const isSame = JSON.stringify(masked) === JSON.stringify(row);
  return isSame ? text : `${comma}${JSON.stringify(masked)}`;
}

/** An action of format version 2, or a change of version 1. */
function maskedChange(change: unknown, masking: Masking): unknown {
  if (!isObject(change)) throw new TextError('a change', 0, JSON.stringify(change));
  if (typeof change['content'] === 'string') {
    return masking.everything ? { ...change, content: MASKED_TEXT } : change;
  }
  const { schema = '', table } = change;
  if (typeof table !== 'string' || typeof schema !== 'string') return change;
  const isMasked = (column: unknown): boolean => masking.isMasked(schema, table, String(column));
  const masked: Record<string, unknown> = { ...change };
  for (const member of ['columns', 'identity']) {
    const list = change[member];
    if (Array.isArray(list)) masked[member] = list.map(column => maskedColumn(column, isMasked));
  }
  maskList(masked, 'columnnames', 'columnvalues', isMasked);
  const keys = change['oldkeys'];
  if (isObject(keys)) {
    const maskedKeys = { ...keys };
    maskList(maskedKeys, 'keynames', 'keyvalues', isMasked);
    masked['oldkeys'] = maskedKeys;
  }
  return masked;
}

function maskedColumn(column: unknown, isMasked: (name: unknown) => boolean): unknown {
  if (!isObject(column)) throw new TextError('a column', 0, JSON.stringify(column));
  const { name, value } = column;
  if (value === null || value === undefined || !isMasked(name)) return column;
  return { ...column, value: MASKED_TEXT };
}

/** Values that stand in a list of their own, beside that of their names. */
function maskList(
  row: Record<string, unknown>,
  names: string,
  values: string,
  isMasked: (name: unknown) => boolean,
): void {
  const named: Json[string] = row[names];
  const list = row[values];
  if (!Array.isArray(list)) return;
  row[values] = list.map((value: unknown, i) => {
    if (value === null) return null;
    // A value without a name may be any column's.
    const hasName = Array.isArray(named) && i < named.length;
    return hasName && !isMasked(named[i]) ? value : MASKED_TEXT;
  });
}
