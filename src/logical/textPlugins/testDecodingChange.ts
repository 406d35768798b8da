import type { LogicalEvent } from '../event';
import type { EventPlace, TextColumn, TextItem } from './textChange';
import { isWholeRow, UNCHANGED } from './textChange';
import { TextError } from './textLine';

type TableName = Extract<LogicalEvent, { readonly kind: 'truncate' }>['relations'][number];

/** What stands before the columns of a change. */
export interface ChangeHead {
  /** At least one; several for a truncate only. */
  readonly relations: readonly TableName[];
  readonly operation: 'insert' | 'update' | 'delete' | 'truncate';
}

/** Takes the name of a column and where its value stands in the text, with its quotes. */
type OnValue = (column: string, from: number, to: number) => void;

/**
 * Reads what test_decoding says of a change: `table schema.name: ACTION: columns`. Quoting is Postgres's
 * own: a doubled quote inside quotes. Throws TextError where it is something else.
 */
export class ChangeText {
  readonly #text: string;
  readonly #onValue: OnValue | undefined;
  #at = 0;

  /** `onValue` is told where each value that is neither NULL nor unchanged stands. */
  constructor(text: string, onValue?: OnValue) {
    this.#text = text;
    this.#onValue = onValue;
  }

  /** The tables and what happens to them; nothing behind that is read. */
  head(): ChangeHead {
    this.#expect('table ');
    const relations = [this.#relation()];
    while (this.#take(', ')) relations.push(this.#relation());
    this.#expect(': ');
    return { relations, operation: this.#operation() };
  }

  parse(place: EventPlace): TextItem {
    const { relations, operation } = this.head();
    if (operation === 'truncate') {
      const restartIdentity = this.#take(' restart_seqs');
      const cascade = this.#take(' cascade');
      if (!restartIdentity && !cascade) this.#expect(' (no-flags)');
      this.#end();
      return { kind: 'truncate', ...place, relations, cascade, restartIdentity };
    }
    const [{ schema, table } = { schema: '', table: '' }] = relations;
    const change = { kind: 'row', operation, place, schema, table } as const;
    switch (operation) {
      case 'insert':
        return { ...change, old: [], isWholeOld: false, new: this.#columns() };
      case 'delete': {
        const old = this.#columns();
        return { ...change, old, isWholeOld: isWholeRow(old, undefined), new: [] };
      }
      case 'update': {
        const hasOld = this.#take(' old-key:');
        const old = hasOld ? this.#columns() : [];
        if (hasOld) this.#expect(' new-tuple:');
        const columns = this.#columns();
        const isWholeOld = isWholeRow(old, columns) || (hasOld && isSameIn(old, columns));
        return { ...change, old, isWholeOld, new: columns };
      }
    }
  }

  #operation(): ChangeHead['operation'] {
    if (this.#take('INSERT:')) return 'insert';
    if (this.#take('DELETE:')) return 'delete';
    if (this.#take('TRUNCATE:')) return 'truncate';
    this.#expect('UPDATE:');
    return 'update';
  }

  /** Columns up to the end of the text, or to ` new-tuple:`, which is no column: it has no type. */
  #columns(): TextColumn[] {
    const columns: TextColumn[] = [];
    if (this.#take(' (no-tuple-data)')) return columns;
    while (this.#at < this.#text.length && !this.#text.startsWith(' new-tuple:', this.#at)) {
      this.#expect(' ');
      const name = this.#name('[');
      this.#expect('[');
      const from = this.#at;
      this.#skipType();
      const type = this.#text.slice(from, this.#at);
      this.#expect(']:');
      const valueAt = this.#at;
      const value = this.#value();
      columns.push({ name, type, value });
      if (typeof value === 'string') this.#onValue?.(name, valueAt, this.#at);
    }
    return columns;
  }

  #relation(): TableName {
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

/** A key is sent where it changed: old columns that did not change are those of the whole row. */
function isSameIn(old: readonly TextColumn[], columns: readonly TextColumn[]): boolean {
  const values = new Map(columns.map(({ name, value }) => [name, value]));
  return old.every(({ name, value }) => {
    const now = values.get(name);
    return now === value || now === UNCHANGED;
  });
}
