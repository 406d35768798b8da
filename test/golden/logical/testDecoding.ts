/**
 * Reads the text of test_decoding (contrib/test_decoding/test_decoding.c), independently of src: an
 * oracle for the decoder. Quoting is Postgres's own: a doubled quote inside quotes, nothing else.
 */

export interface OracleColumn {
  readonly name: string;
  readonly type: string;
  readonly value: string | null | typeof UNCHANGED;
}

/** A value that test_decoding prints as `unchanged-toast-datum`. */
export const UNCHANGED = Symbol('unchanged');

export type OracleItem =
  | { readonly kind: 'begin'; readonly xid: number }
  /** `time` as ISO 8601 in UTC with microseconds, where the option include-timestamp was on. */
  | { readonly kind: 'commit'; readonly xid: number; readonly time?: string }
  | {
      readonly kind: 'insert' | 'update' | 'delete';
      readonly schema: string;
      readonly table: string;
      readonly old?: readonly OracleColumn[];
      readonly row?: readonly OracleColumn[];
    }
  | {
      readonly kind: 'truncate';
      readonly relations: readonly { readonly schema: string; readonly table: string }[];
      readonly cascade: boolean;
      readonly restartIdentity: boolean;
    }
  | {
      readonly kind: 'message';
      readonly transactional: boolean;
      readonly prefix: string;
      readonly size: number;
      readonly content: string;
    };

export function parseTestDecoding(text: string): OracleItem {
  const begin = /^BEGIN (\d+)$/.exec(text);
  if (begin) return { kind: 'begin', xid: Number(begin[1]) };
  const commit = /^COMMIT (\d+)(?: \(at (\S+) ([\d:]+)(?:\.(\d+))?\+00\))?$/.exec(text);
  if (commit) {
    const [, xid, date, time, fraction = ''] = commit;
    if (date === undefined) return { kind: 'commit', xid: Number(xid) };
    return {
      kind: 'commit',
      xid: Number(xid),
      time: `${date}T${time}.${fraction.padEnd(6, '0')}Z`,
    };
  }
  if (text.startsWith('message: ')) return parseMessage(text);
  return new ChangeParser(text).parse();
}

function parseMessage(text: string): OracleItem {
  const match =
    /^message: transactional: ([01]) prefix: ([\s\S]*), sz: (\d+) content:([\s\S]*)$/.exec(text);
  if (!match) throw new Error(`not a message: ${text}`);
  return {
    kind: 'message',
    transactional: match[1] === '1',
    prefix: match[2]!,
    size: Number(match[3]),
    content: match[4]!,
  };
}

class ChangeParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): OracleItem {
    this.#expect('table ');
    const relations = [this.#relation()];
    while (this.#take(', ')) relations.push(this.#relation());
    this.#expect(': ');
    if (this.#take('TRUNCATE:')) {
      const restartIdentity = this.#take(' restart_seqs');
      const cascade = this.#take(' cascade');
      if (!restartIdentity && !cascade) this.#expect(' (no-flags)');
      this.#end();
      return { kind: 'truncate', relations, cascade, restartIdentity };
    }
    const { schema, table } = relations[0]!;
    for (const kind of ['insert', 'update', 'delete'] as const) {
      if (!this.#take(`${kind.toUpperCase()}:`)) continue;
      if (this.#take(' (no-tuple-data)')) return { kind, schema, table };
      if (kind === 'delete') return { kind, schema, table, old: this.#columns() };
      if (!this.#take(' old-key:')) return { kind, schema, table, row: this.#columns() };
      const old = this.#columns();
      this.#expect(' new-tuple:');
      return { kind, schema, table, old, row: this.#columns() };
    }
    throw this.#error('INSERT, UPDATE, DELETE or TRUNCATE');
  }

  /** Columns up to the end of the text or to ` new-tuple:`, which is no column: it has no type. */
  #columns(): OracleColumn[] {
    const columns: OracleColumn[] = [];
    while (this.#at < this.#text.length && !this.#text.startsWith(' new-tuple:', this.#at)) {
      this.#expect(' ');
      const name = this.#identifier('[');
      this.#expect('[');
      const type = this.#type();
      this.#expect(']:');
      columns.push({ name, type, value: this.#value() });
    }
    return columns;
  }

  #relation(): { schema: string; table: string } {
    const schema = this.#identifier('.');
    this.#expect('.');
    return { schema, table: this.#identifier(':,') };
  }

  /** A name, quoted or up to one of the characters of `until`. */
  #identifier(until: string): string {
    if (this.#text[this.#at] === '"') return this.#quoted('"');
    const from = this.#at;
    while (this.#at < this.#text.length && !until.includes(this.#text[this.#at]!)) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  /** A type may have brackets (`integer[]`) and quoted parts of its own. */
  #type(): string {
    const from = this.#at;
    for (let depth = 0; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#quoted('"');
        this.#at--;
      } else if (character === '[') depth++;
      else if (character === ']' && depth-- === 0) return this.#text.slice(from, this.#at);
    }
    throw this.#error('the end of a type');
  }

  #value(): string | null | typeof UNCHANGED {
    if (this.#text[this.#at] === "'") return this.#quoted("'");
    if (this.#take('B')) return this.#quoted("'");
    const from = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== ' ') this.#at++;
    const bare = this.#text.slice(from, this.#at);
    if (bare === 'null') return null;
    if (bare === 'unchanged-toast-datum') return UNCHANGED;
    // The only bare words are booleans; pgoutput has the type's own output for them.
    return bare === 'true' ? 't' : bare === 'false' ? 'f' : bare;
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
    if (!this.#take(text)) throw this.#error(`'${text}'`);
  }

  #end(): void {
    if (this.#at !== this.#text.length) throw this.#error('the end');
  }

  #error(wanted: string): Error {
    return new Error(
      `expected ${wanted} at ${this.#at}: ${this.#text.slice(this.#at, this.#at + 40)}`,
    );
  }
}
