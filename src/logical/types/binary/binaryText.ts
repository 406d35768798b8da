/**
 * Values that pgoutput sends in binary form (`binary 'true'`, the types' send functions), rendered as
 * the same server's output functions print them, under the settings that our sessions pin. Where a type
 * is not known, or the bytes are not its form, there is no text and the bytes stay what they are.
 */
import { DecodeError } from '../../../base/byteReader';
import { toHex } from '../../../base/hex';
import { formatLsn, lsnOfHalves } from '../../../base/lsn';
import type { CustomType } from '../../../shared/customType';
import { BUILTIN_TYPES } from '../builtinTypes';
import type { RenderMember } from './containers';
import { arrayText, compositeText, multirangeText, rangeText, vectorText } from './containers';
import { clockText, dateText, intervalText, timestampText, timetzText } from './dateTime';
import { extensionRenderer, versionedText } from './extensions';
import {
  boxText,
  circleText,
  lineText,
  lsegText,
  pathText,
  pointText,
  polygonText,
} from './geometry';
import { inetText, macaddrText } from './network';
import { float4Text, float8Text, moneyText, numericText } from './numbers';
import { utf8Text } from './plainText';
import { tsqueryText, tsvectorText } from './textSearch';
import { ValueReader } from './valueReader';

/** What must be known of a type that is not built in. */
export type TypeFacts = Pick<
  CustomType,
  'name' | 'typtype' | 'category' | 'base' | 'delimiter' | 'send'
>;

export type FindType = (oid: number) => TypeFacts | undefined;

/** Whether the binary form of the type is its text: what stands in the bytes is what is printed. */
export function isTextForm(typeOid: number, findType: FindType): boolean {
  let oid = typeOid;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (BUILTIN.get(oid) === plain) return true;
    const type = findType(oid);
    if (type?.typtype === 'e' || type?.send === 'citextsend') return true;
    if (type?.typtype !== 'd') return false;
    oid = type.base ?? 0;
  }
  return false;
}

/**
 * The text of a value in binary form, undefined where it cannot be told.
 *
 * @param findType Knows the types from OID 16384 up.
 */
export function binaryText(
  typeOid: number,
  bytes: Uint8Array,
  findType: FindType,
): string | undefined {
  try {
    return render(typeOid, bytes, findType, 0);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Containers in containers: deeper than any table has, and far from what the stack holds. */
const MAX_DEPTH = 64;

function render(oid: number, bytes: Uint8Array, findType: FindType, depth: number): string {
  if (depth > MAX_DEPTH) throw new DecodeError(0, 'fewer levels', MAX_DEPTH, depth);
  const member: RenderMember = (type, part) => render(type, part, findType, depth + 1);
  const reader = new ValueReader(bytes);
  const text = textOf(oid, reader, member, findType);
  reader.end();
  return text;
}

function textOf(
  oid: number,
  reader: ValueReader,
  member: RenderMember,
  findType: FindType,
): string {
  const builtin = BUILTIN.get(oid);
  if (builtin !== undefined) return builtin(reader, member);
  const type = findType(oid);
  if (type === undefined) throw unknown(oid);
  switch (type.typtype) {
    case 'c':
      return compositeText(reader, member);
    case 'd':
      return member(type.base ?? 0, reader.rest());
    case 'e':
      return utf8Text(reader.rest());
    case 'r':
      return rangeText(reader, type.base ?? 0, member);
    case 'm':
      return multirangeText(reader, type.base ?? 0, member);
    default:
      return baseText(oid, type, reader, member, findType);
  }
}

function baseText(
  oid: number,
  type: TypeFacts,
  reader: ValueReader,
  member: RenderMember,
  findType: FindType,
): string {
  if (type.category === 'A') {
    return arrayText(reader, member, element => findType(element)?.delimiter);
  }
  const renderer = extensionRenderer(type.name, type.send);
  if (renderer === undefined) throw unknown(oid);
  return renderer(reader);
}

function unknown(oid: number): DecodeError {
  return new DecodeError(0, `the binary form of type ${oid}`, 0, 0);
}

type Render = (reader: ValueReader, member: RenderMember) => string;

const plain: Render = reader => utf8Text(reader.rest());
const unsigned: Render = reader => String(reader.u32());
const unsignedLong: Render = reader => String(reader.u64());
const range =
  (subtype: number): Render =>
  (reader, member) =>
    rangeText(reader, subtype, member);
const multirange =
  (subtype: number): Render =>
  (reader, member) =>
    multirangeText(reader, subtype, member);

export const BYTEA_OID = 17;
const INT4 = 23;
const INT8 = 20;
const NUMERIC = 1700;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const DATE = 1082;

/** By `typname`. Types that print what only the server's catalog knows (regclass and its kin) are missing. */
const RENDERERS: Readonly<Record<string, Render>> = {
  bool: reader => (reader.u8() === 0 ? 'f' : 't'),
  bytea: reader => `\\x${toHex(reader.rest())}`,
  char: charText,
  name: plain,
  text: plain,
  bpchar: plain,
  varchar: plain,
  json: plain,
  xml: plain,
  cstring: plain,
  unknown: plain,
  refcursor: plain,
  int2: reader => String(reader.i16()),
  int4: reader => String(reader.i32()),
  int8: reader => String(reader.i64()),
  oid: unsigned,
  xid: unsigned,
  cid: unsigned,
  xid8: unsignedLong,
  tid: reader => `(${reader.u32()},${reader.u16()})`,
  pg_lsn: reader => formatLsn(lsnOfHalves(reader.u32(), reader.u32())),
  txid_snapshot: snapshotText,
  pg_snapshot: snapshotText,
  float4: reader => float4Text(reader.f32()),
  float8: reader => float8Text(reader.f64()),
  numeric: numericText,
  money: reader => moneyText(reader.i64()),
  date: reader => dateText(reader.i32()),
  time: reader => clockText(reader.i64()),
  timetz: timetzText,
  timestamp: reader => timestampText(reader.i64(), ''),
  timestamptz: reader => timestampText(reader.i64(), '+00'),
  interval: intervalText,
  uuid: reader => toHex(reader.take(16)).replace(UUID_PARTS, '$1-$2-$3-$4-$5'),
  jsonb: versionedText,
  jsonpath: versionedText,
  inet: inetText,
  cidr: inetText,
  macaddr: reader => macaddrText(reader.take(6)),
  macaddr8: reader => macaddrText(reader.take(8)),
  point: pointText,
  line: lineText,
  lseg: lsegText,
  box: boxText,
  path: pathText,
  polygon: polygonText,
  circle: circleText,
  bit: bitText,
  varbit: bitText,
  tsvector: tsvectorText,
  tsquery: tsqueryText,
  record: compositeText,
  int2vector: vectorText,
  oidvector: vectorText,
  int4range: range(INT4),
  int8range: range(INT8),
  numrange: range(NUMERIC),
  tsrange: range(TIMESTAMP),
  tstzrange: range(TIMESTAMPTZ),
  daterange: range(DATE),
  int4multirange: multirange(INT4),
  int8multirange: multirange(INT8),
  nummultirange: multirange(NUMERIC),
  tsmultirange: multirange(TIMESTAMP),
  tstzmultirange: multirange(TIMESTAMPTZ),
  datemultirange: multirange(DATE),
};

const UUID_PARTS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** `charout`: nothing for a zero, octal beyond ASCII (16 and later; before, the byte itself). */
function charText(reader: ValueReader): string {
  const byte = reader.u8();
  if (byte === 0) return '';
  return byte < 0x80 ? String.fromCharCode(byte) : `\\${byte.toString(8)}`;
}

/** `bit_send`: the number of bits, then the bits from the left. */
function bitText(reader: ValueReader): string {
  const count = reader.i32();
  const bytes = reader.rest();
  if (count < 0 || Math.ceil(count / 8) !== bytes.length) {
    throw new DecodeError(0, 'a number of bits', count, bytes.length * 8);
  }
  const bits = Array.from(bytes, byte => byte.toString(2).padStart(8, '0')).join('');
  return bits.slice(0, count);
}

/** `txid_snapshot_send`: xmin, xmax and the transactions that run between them. */
function snapshotText(reader: ValueReader): string {
  const count = reader.i32();
  const xmin = reader.u64();
  const xmax = reader.u64();
  if (count < 0 || count * 8 !== reader.remaining) {
    throw new DecodeError(0, 'the transactions of a snapshot', count * 8, reader.remaining);
  }
  const running = Array.from({ length: count }, () => String(reader.u64()));
  return `${xmin}:${xmax}:${running.join(',')}`;
}

/** The renderers by OID; an array type renders its elements, whose type the value itself tells. */
const BUILTIN: ReadonlyMap<number, Render> = new Map(
  BUILTIN_TYPES.flatMap(row => {
    const [oid = '', name = '', array = ''] = row.split(' ');
    const entries: [number, Render][] = [];
    const own = RENDERERS[name];
    if (own !== undefined) entries.push([Number(oid), own]);
    if (array !== '0') {
      entries.push([Number(array), (reader, member) => arrayText(reader, member)]);
    }
    return entries;
  }),
);
