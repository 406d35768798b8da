import { tupleBytes, tupleState } from '../logical/pgoutput/tuple';
import type { Cell, RowImage } from '../logical/rowImage';
import type { FindType } from '../logical/types/binary/binaryText';
import { valueText } from '../logical/valueText';
import type { RelationCatalog } from './relationCatalog';

/** What a row is known by: a value for each of some columns. */
export interface RowKey {
  /** All columns: the table has no key, so values that one side does not tell are passed over. */
  readonly whole: boolean;
  readonly values: ReadonlyMap<string, KeyValue>;
}

interface KeyValue {
  /** `null` is SQL NULL. */
  readonly state: 'text' | 'binary' | 'null';
  readonly bytes: Uint8Array;
  /** The text of it, where it is known. */
  readonly text: string | undefined;
}

/**
 * The columns that say which row of a table it is: those of the version, else of any description of the
 * table that names a key. Undefined where none does.
 */
export function keyNames(
  catalog: RelationCatalog,
  versions: readonly number[],
  version: number,
): readonly string[] | undefined {
  for (const candidate of [version, ...versions.toReversed()]) {
    const relation = catalog.relation(candidate);
    if (relation === undefined || relation.replicaIdentity === 'full') continue;
    const names = relation.columns.filter(({ key }) => key).map(({ name }) => name);
    if (names.length > 0) return names;
  }
  return undefined;
}

/**
 * What the row is known by on one side of a change; undefined where the change does not tell all of it.
 *
 * @param names Columns of the key; undefined: the whole row.
 */
export function rowKey(
  image: RowImage,
  side: 'before' | 'after',
  names: readonly string[] | undefined,
  findType: FindType,
): RowKey | undefined {
  const { columns } = image.relation;
  const values = new Map<string, KeyValue>();
  for (const [i, { name, typeOid }] of columns.entries()) {
    if (names?.includes(name) === false) continue;
    const value = keyValue(
      side === 'before' ? image.before(i) : image.after(i),
      i,
      typeOid,
      findType,
    );
    if (value !== undefined) values.set(name, value);
  }
  if (names === undefined) return values.size === 0 ? undefined : { whole: true, values };
  return values.size === names.length ? { whole: false, values } : undefined;
}

function keyValue(
  { tuple }: Cell,
  column: number,
  typeOid: number,
  findType: FindType,
): KeyValue | undefined {
  if (tuple === undefined) return undefined;
  const state = tupleState(tuple, column);
  if (state === 'null') return { state, bytes: NOTHING, text: undefined };
  if (state !== 'text' && state !== 'binary') return undefined;
  // A copy: the bytes are a view of a buffer that is read into again.
  const bytes = tupleBytes(tuple, column).slice();
  const text = state === 'binary' ? valueText(tuple, column, typeOid, findType) : undefined;
  return { state, bytes, text };
}

export function isSameRow(a: RowKey, b: RowKey): boolean {
  let compared = 0;
  for (const [name, value] of a.values) {
    const other = b.values.get(name);
    if (other === undefined) {
      if (!a.whole) return false;
      continue;
    }
    if (!isSameValue(value, other)) return false;
    compared++;
  }
  return compared > 0;
}

function isSameValue(a: KeyValue, b: KeyValue): boolean {
  if (a.state === b.state) return Buffer.compare(a.bytes, b.bytes) === 0;
  if (a.state === 'null' || b.state === 'null') return false;
  return textOf(a) === textOf(b);
}

function textOf({ state, bytes, text }: KeyValue): string {
  return state === 'text' ? Buffer.from(bytes).toString('utf8') : (text ?? '\0');
}

/** Longest needle: what is longer tells rows apart no better. */
const NEEDLE_LIMIT = 512;

/**
 * Bytes that stand in every message about the row where values are sent as text: the longest value, with
 * the letter and the length before it. Undefined where there is none to go by.
 */
export function keyNeedle({ values }: RowKey): Uint8Array | undefined {
  let longest: KeyValue | undefined;
  for (const value of values.values()) {
    if (value.state !== 'text') continue;
    if (longest === undefined || value.bytes.length > longest.bytes.length) longest = value;
  }
  if (longest === undefined) return undefined;
  const { bytes } = longest;
  const needle = new Uint8Array(5 + Math.min(bytes.length, NEEDLE_LIMIT));
  needle[0] = TEXT;
  new DataView(needle.buffer).setUint32(1, bytes.length);
  needle.set(bytes.subarray(0, NEEDLE_LIMIT), 5);
  return needle;
}

/**
 * The same where a plugin writes text: the longest value that both plugins write as it is. Undefined where
 * none is sure to stand there so.
 */
export function textNeedle({ values }: RowKey): Uint8Array | undefined {
  let longest: Uint8Array | undefined;
  for (const { state, bytes } of values.values()) {
    if (state !== 'text' || bytes.length <= (longest?.length ?? 0)) continue;
    if (isPlain(bytes)) longest = bytes;
  }
  return longest?.subarray(0, NEEDLE_LIMIT);
}

/** Nothing that is quoted in one form or the other; a boolean has other words there than `t` and `f`. */
function isPlain(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  return /^[0-9A-Za-z_.:+ -]+$/.test(text) && !/^[tf]$/.test(text);
}

const TEXT = 0x74; // t
const NOTHING = new Uint8Array(0);
