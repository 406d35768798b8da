/**
 * The text of test_decoding (contrib/test_decoding/test_decoding.c) as events of the native format. What
 * the plugin does not tell stays untold: the types' OIDs, which columns are the key, and everything
 * within a streamed block, of which it only says that there was a change.
 */
import type { PgTime } from '../../base/time';
import { toXid } from '../../base/xid';
import type { LogicalEvent } from '../event';
import { ChangeText } from './testDecodingChange';
import type { EventPlace, TextItem } from './textChange';
import type { TextPlace } from './textLine';
import { parseTimestamp } from './textLine';

/** What one text says. Throws TextError where it is not what the plugin writes. */
export function testDecodingItem(text: string, place: TextPlace): TextItem {
  return edgeEvent(text, place) ?? new ChangeText(text).parse(baseOf(place));
}

const BEGIN = /^BEGIN(?: (\d+))?$/;
const COMMIT = /^COMMIT(?: (\d+))?(?: \(at (.+)\))?$/;
const PREPARE = /^PREPARE TRANSACTION '([\s\S]*)'(?:, txid (\d+))?(?: \(at (.+)\))?$/;
const PREPARED_END = /^(COMMIT|ROLLBACK) PREPARED '([\s\S]*)'(?:, txid (\d+))?(?: \(at (.+)\))?$/;
const MESSAGE = /^(?:streaming )?message: transactional: ([01]) prefix: (?=[\s\S]*?, sz: \d+)/;
/** What stands between prefix and content; both may hold the same. */
const SIZE = /, sz: (\d+)(?: content:|$)/g;
const STREAM = /^(opening|closing) a streamed block for transaction(?: TXN (\d+))?$/;
const STREAM_END =
  /^(committing|aborting) streamed (?:\(sub\))?transaction(?: TXN (\d+))?(?: \(at (.+)\))?$/;
const STREAM_PREPARE =
  /^preparing streamed transaction(?: TXN)? '([\s\S]*)'(?:, txid (\d+))?(?: \(at (.+)\))?$/;

/** What is not a change of rows; undefined where the text is one. */
export function edgeEvent(text: string, place: TextPlace): LogicalEvent | undefined {
  const { lsn } = place;
  const ids = (xid: string | undefined): EventPlace => baseOf(place, xid);
  let match = BEGIN.exec(text);
  if (match !== null) return { kind: 'begin', ...ids(match[1]) };
  match = COMMIT.exec(text);
  if (match !== null) {
    return { kind: 'commit', ...ids(match[1]), endLsn: lsn, ...timeOf('commitTime', match[2]) };
  }
  match = MESSAGE.exec(text);
  if (match !== null) {
    return messageEvent(match[1] === '1', text.slice(match[0].length), place);
  }
  match = STREAM.exec(text);
  if (match !== null) {
    const base = ids(match[2]);
    if (match[1] === 'closing') return { kind: 'streamStop', ...base };
    return { kind: 'streamStart', ...base, first: false };
  }
  match = STREAM_END.exec(text);
  if (match !== null) {
    const base = ids(match[2]);
    if (match[1] === 'aborting') return { kind: 'streamAbort', ...base };
    return { kind: 'streamCommit', ...base, endLsn: lsn, ...timeOf('commitTime', match[3]) };
  }
  match = PREPARE.exec(text) ?? STREAM_PREPARE.exec(text);
  if (match !== null) {
    const kind = text.startsWith('PREPARE') ? 'prepare' : 'streamPrepare';
    const gid = undoubled(match[1] ?? '');
    return { kind, ...ids(match[2]), gid, endLsn: lsn, ...timeOf('prepareTime', match[3]) };
  }
  match = PREPARED_END.exec(text);
  if (match === null) return undefined;
  const base = { ...ids(match[3]), gid: undoubled(match[2] ?? ''), endLsn: lsn };
  return match[1] === 'COMMIT'
    ? { kind: 'commitPrepared', ...base, ...timeOf('commitTime', match[4]) }
    : { kind: 'rollbackPrepared', ...base, ...timeOf('rollbackTime', match[4]) };
}

/** The xid that the text tells counts before the one beside it. */
function baseOf(place: TextPlace, xid?: string): EventPlace {
  const own = xid === undefined ? place.xid : Number(xid);
  return own === 0 ? { lsn: place.lsn } : { lsn: place.lsn, xid: toXid(own) };
}

/** A time under its name; nothing where the option include-timestamp is off. */
function timeOf<K extends string>(
  name: K,
  text: string | undefined,
): { readonly [P in K]?: PgTime } {
  const time = text === undefined ? undefined : parseTimestamp(text);
  // A key that is computed has the type of any text.
  return (time === undefined ? {} : { [name]: time }) as { readonly [P in K]?: PgTime };
}

/**
 * A message outside or within a transaction. Prefix and content may hold anything, so that the size tells
 * where the content begins. It counts bytes in the encoding of the server: where no place fits, because
 * what is read was converted, it is the first.
 */
function messageEvent(transactional: boolean, rest: string, place: TextPlace): LogicalEvent {
  const { prefix, content } = partsOf(rest);
  return {
    kind: 'message',
    ...(transactional ? baseOf(place) : { lsn: place.lsn }),
    transactional,
    prefix,
    content,
    contentEncoding: 'utf8',
  };
}

function partsOf(rest: string): { readonly prefix: string; readonly content: string } {
  let first: { prefix: string; content: string } | undefined;
  // Bytes of the content, counted from the end of the text as the places go by.
  let left = byteLength(rest);
  let at = 0;
  for (const match of rest.matchAll(SIZE)) {
    const end = match.index + match[0].length;
    left -= byteLength(rest.slice(at, end));
    at = end;
    const size = Number(match[1]);
    // A text that was read with a character for each byte has as many characters.
    if (size === left || size === rest.length - end) {
      return { prefix: rest.slice(0, match.index), content: rest.slice(end) };
    }
    first ??= { prefix: rest.slice(0, match.index), content: rest.slice(end) };
  }
  return first ?? { prefix: rest, content: '' };
}

function byteLength(text: string): number {
  return utf8.encode(text).length;
}

const utf8 = new TextEncoder();

/** A gid is printed as a literal: a quote inside is doubled. */
function undoubled(text: string): string {
  return text.replaceAll("''", "'");
}
