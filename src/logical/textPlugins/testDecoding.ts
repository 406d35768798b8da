/**
 * The text of test_decoding (contrib/test_decoding/test_decoding.c) as events of the native format. What
 * the plugin does not tell stays untold: the types' OIDs, which columns are the key, and everything
 * within a streamed block, of which it only says that there was a change.
 */
import type { Lsn } from '../../base/lsn';
import type { PgTime } from '../../base/time';
import type { Xid } from '../../base/xid';
import { toXid } from '../../base/xid';
import type { EventColumn, EventRow, LogicalEvent } from '../event';
import type { TextPlace } from './textLine';
import { parseTimestamp, TextError } from './textLine';

/** The event of one text. Throws TextError where it is not what the plugin writes. */
export function testDecodingEvent(text: string, place: TextPlace): LogicalEvent {
  return edgeEvent(text, place) ?? new ChangeText(text, place).parse();
}

const BEGIN = /^BEGIN(?: (\d+))?$/;
const COMMIT = /^COMMIT(?: (\d+))?(?: \(at (.+)\))?$/;
const PREPARE = /^PREPARE TRANSACTION '([\s\S]*)'(?:, txid (\d+))?(?: \(at (.+)\))?$/;
const PREPARED_END = /^(COMMIT|ROLLBACK) PREPARED '([\s\S]*)'(?:, txid (\d+))?(?: \(at (.+)\))?$/;
const MESSAGE =
  /^(?:streaming )?message: transactional: ([01]) prefix: ([\s\S]*?), sz: (\d+)(?: content:([\s\S]*))?$/;
const STREAM = /^(opening|closing) a streamed block for transaction(?: TXN (\d+))?$/;
const STREAM_END =
  /^(committing|aborting) streamed (?:\(sub\))?transaction(?: TXN (\d+))?(?: \(at (.+)\))?$/;
const STREAM_PREPARE =
  /^preparing streamed transaction(?: TXN)? '([\s\S]*)'(?:, txid (\d+))?(?: \(at (.+)\))?$/;

/** What is not a change of rows; undefined where the text is one. */
function edgeEvent(text: string, place: TextPlace): LogicalEvent | undefined {
  const { lsn } = place;
  const ids = (xid: string | undefined): Base => baseOf(place, xid);
  let match = BEGIN.exec(text);
  if (match !== null) return { kind: 'begin', ...ids(match[1]) };
  match = COMMIT.exec(text);
  if (match !== null) {
    return { kind: 'commit', ...ids(match[1]), endLsn: lsn, ...timeOf('commitTime', match[2]) };
  }
  match = MESSAGE.exec(text);
  if (match !== null) return messageEvent(match, place);
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

interface Base {
  readonly lsn: Lsn;
  readonly xid?: Xid;
}

/** The xid that the text tells counts before the one beside it. */
function baseOf(place: TextPlace, xid?: string): Base {
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

function messageEvent(match: RegExpExecArray, place: TextPlace): LogicalEvent {
  const [, transactional, prefix = '', , content = ''] = match;
  return {
    kind: 'message',
    ...(transactional === '1' ? baseOf(place) : { lsn: place.lsn }),
    transactional: transactional === '1',
    prefix,
    content,
    contentEncoding: 'utf8',
  };
}

const UNCHANGED = Symbol('unchanged');

interface TextColumn {
  readonly name: string;
  readonly value: string | null | typeof UNCHANGED;
}

/** Reads `table schema.name: ACTION: columns`. Quoting is Postgres's own: a doubled quote inside quotes. */
class ChangeText {
  readonly #text: string;
  readonly #place: TextPlace;
  #at = 0;

  constructor(text: string, place: TextPlace) {
    this.#text = text;
    this.#place = place;
  }

  parse(): LogicalEvent {
    this.#expect('table ');
    const relations = [this.#relation()];
    while (this.#take(', ')) relations.push(this.#relation());
    this.#expect(': ');
    const base = baseOf(this.#place);
    if (this.#take('TRUNCATE:')) {
      const restartIdentity = this.#take(' restart_seqs');
      const cascade = this.#take(' cascade');
      if (!restartIdentity && !cascade) this.#expect(' (no-flags)');
      this.#end();
      return { kind: 'truncate', ...base, relations, cascade, restartIdentity };
    }
    const table = { ...base, ...(relations[0] ?? { schema: '', table: '' }) };
    if (this.#take('INSERT:')) {
      return { kind: 'insert', ...table, new: present(this.#columns()) };
    }
    if (this.#take('DELETE:')) {
      const key = present(this.#columns());
      return { kind: 'delete', ...table, ...(key.length === 0 ? {} : { key }) };
    }
    this.#expect('UPDATE:');
    const key = this.#take(' old-key:') ? present(this.#columns()) : undefined;
    if (key !== undefined) this.#expect(' new-tuple:');
    const columns = filledIn(this.#columns(), key ?? []);
    const unchanged = columns.filter(({ value }) => value === UNCHANGED).map(({ name }) => name);
    return {
      kind: 'update',
      ...table,
      ...(key === undefined ? {} : { key }),
      new: present(columns),
      ...(unchanged.length === 0 ? {} : { unchanged }),
    };
  }

  /** Columns up to the end of the text, or to ` new-tuple:`, which is no column: it has no type. */
  #columns(): TextColumn[] {
    const columns: TextColumn[] = [];
    if (this.#take(' (no-tuple-data)')) return columns;
    while (this.#at < this.#text.length && !this.#text.startsWith(' new-tuple:', this.#at)) {
      this.#expect(' ');
      const name = this.#name('[');
      this.#expect('[');
      this.#skipType();
      this.#expect(']:');
      columns.push({ name, value: this.#value() });
    }
    return columns;
  }

  #relation(): { readonly schema: string; readonly table: string } {
    const schema = this.#name('.');
    this.#expect('.');
    return { schema, table: this.#name(':,') };
  }

  /** A name in quotes, or up to one of the characters of `until`. */
  #name(until: string): string {
    if (this.#text[this.#at] === '"') return this.#quoted('"');
    const from = this.#at;
    while (this.#at < this.#text.length && !until.includes(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  /** A type may have brackets (`integer[]`) and quoted parts of its own. */
  #skipType(): void {
    for (let depth = 0; this.#at < this.#text.length;) {
      const character = this.#text.charAt(this.#at);
      if (character === '"') {
        this.#quoted('"');
        continue;
      }
      if (character === '[') depth++;
      if (character === ']' && depth-- === 0) return;
      this.#at++;
    }
    throw this.#error('the end of a type');
  }

  #value(): TextColumn['value'] {
    if (this.#text[this.#at] === "'") return this.#quoted("'");
    if (this.#text.startsWith("B'", this.#at)) {
      this.#at++;
      return this.#quoted("'");
    }
    const from = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== ' ') this.#at++;
    const bare = this.#text.slice(from, this.#at);
    switch (bare) {
      case '':
        throw this.#error('a value');
      case 'null':
        return null;
      case 'unchanged-toast-datum':
        return UNCHANGED;
      case 'true':
        return 't'; // as boolout prints it
      case 'false':
        return 'f';
      default:
        return bare;
    }
  }

  #quoted(quote: string): string {
    this.#expect(quote);
    let value = '';
    for (;;) {
      const end = this.#text.indexOf(quote, this.#at);
      if (end < 0) throw this.#error(`a closing ${quote}`);
      value += this.#text.slice(this.#at, end);
      this.#at = end + 1;
      if (!this.#take(quote)) return value;
      value += quote;
    }
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#error(JSON.stringify(text));
  }

  #end(): void {
    if (this.#at !== this.#text.length) throw this.#error('the end');
  }

  #error(wanted: string): TextError {
    return new TextError(wanted, this.#at, this.#text);
  }
}

/** A TOASTed value that is unchanged is the one of the old row, where that was sent. */
function filledIn(columns: readonly TextColumn[], old: EventRow): readonly TextColumn[] {
  return columns.map(column => {
    if (column.value !== UNCHANGED) return column;
    return old.find(({ name }) => name === column.name) ?? column;
  });
}

function present(columns: readonly TextColumn[]): EventRow {
  const row: EventColumn[] = [];
  for (const { name, value } of columns) if (value !== UNCHANGED) row.push({ name, value });
  return row;
}

/** A gid is printed as a literal: a quote inside is doubled. */
function undoubled(text: string): string {
  return text.replaceAll("''", "'");
}
