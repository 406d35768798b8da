import { DecodeError } from '../../../base/byteReader';
import { float8Text } from './numbers';
import { utf8Text } from './plainText';
import type { ValueReader } from './valueReader';

type Render = (reader: ValueReader) => string;

/**
 * The types of extensions that come with Postgres, as far as they have a binary form. Their OIDs are
 * given at installation: they are known by the function that makes the form, and where that is not
 * told, by the type's name.
 */
export function extensionRenderer(
  name: string,
  send: string | undefined,
): ((reader: ValueReader) => string) | undefined {
  if (send !== undefined) return BY_SEND.get(send);
  return BY_SEND.get(SEND_OF.get(name) ?? '');
}

/** A version byte, 1, and the text form behind it. */
export function versionedText(reader: ValueReader): string {
  const version = reader.u8();
  if (version !== 1) throw new DecodeError(0, 'version 1', 1, version);
  return utf8Text(reader.rest());
}

/** `hstore_send`, contrib/hstore/hstore_io.c. */
function hstoreText(reader: ValueReader): string {
  const quoted = (length: number): string =>
    `"${utf8Text(reader.take(length)).replace(/["\\]/g, '\\$&')}"`;
  const pairs = Array.from({ length: reader.count(8) }, () => {
    const key = quoted(reader.i32());
    const length = reader.i32();
    return `${key}=>${length === -1 ? 'NULL' : quoted(length)}`;
  });
  return pairs.join(', ');
}

/** `POINT_BIT`, contrib/cube/cubedata.h: the upper corner is the lower one, and not sent. */
const POINT_BIT = 0x8000_0000;

/** `cube_send` and `cube_out`, contrib/cube/cube.c. */
function cubeText(reader: ValueReader): string {
  const header = reader.u32();
  const isPoint = header >= POINT_BIT;
  const dimensions = isPoint ? header - POINT_BIT : header;
  if (dimensions * (isPoint ? 8 : 16) !== reader.remaining) {
    throw new DecodeError(0, 'the corners of a cube', dimensions * 8, reader.remaining);
  }
  const corner = (): number[] => Array.from({ length: dimensions }, () => reader.f64());
  const text = (numbers: readonly number[]): string => `(${numbers.map(float8Text).join(', ')})`;
  const lower = corner();
  const upper = isPoint ? lower : corner();
  return lower.every((number, i) => number === upper[i])
    ? text(lower)
    : `${text(lower)},${text(upper)}`;
}

const BY_SEND: ReadonlyMap<string, Render> = new Map<string, Render>([
  ['citextsend', reader => utf8Text(reader.rest())],
  ['cube_send', cubeText],
  ['hstore_send', hstoreText],
  ['ltree_send', versionedText],
  ['lquery_send', versionedText],
  ['ltxtq_send', versionedText],
]);

const SEND_OF: ReadonlyMap<string, string> = new Map([
  ['citext', 'citextsend'],
  ['cube', 'cube_send'],
  ['hstore', 'hstore_send'],
  ['ltree', 'ltree_send'],
  ['lquery', 'lquery_send'],
  ['ltxtquery', 'ltxtq_send'],
]);
