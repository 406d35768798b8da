import { COLUMN_TYPES } from './columnTypes';
import type { Draw } from './draw';
import { identifier, literal } from './sqlText';
import type { Column, Table } from './tableModel';
import { canChange, keyLiterals, nameOf } from './tableModel';

/** Makes statements that write to a table. Each key is given once, also where the row was rolled back. */
export class Statements {
  readonly #keys = new Map<number, number>();

  constructor(
    readonly draw: Draw,
    readonly major: number,
  ) {}

  /** One statement that changes rows of the table, small. */
  small(table: Table): string {
    const way = this.draw.weighted({
      insert: 40,
      upsert: table.key.length > 0 ? 8 : 0,
      merge: this.major >= 15 && table.key.length > 0 && canChange(table) ? 6 : 0,
      update: canChange(table) ? 25 : 0,
      same: canChange(table) ? 8 : 0,
      rekey: canChange(table) && table.key.length > 0 ? 8 : 0,
      delete: canChange(table) ? 12 : 0,
    });
    switch (way) {
      case 'insert':
        return this.insert(table, this.draw.int(1, 3));
      case 'upsert':
        return this.#upsert(table);
      case 'merge':
        return this.#merge(table);
      case 'update':
        return this.update(table, this.draw.int(1, 3));
      case 'same': {
        const column = identifier(this.draw.pick(table.columns).name);
        return `update ${nameOf(table)} set ${column} = ${column} ${this.#rows(table, 3)}`;
      }
      case 'rekey': {
        const set = table.key.map(
          ({ name }, n) =>
            `${identifier(name)} = ${keyLiterals(table, this.#next(table))[n] ?? ''}`,
        );
        return `update ${nameOf(table)} set ${set.join(', ')} ${this.#rows(table, 1)}`;
      }
      case 'delete':
        return `delete from ${nameOf(table)} ${this.#rows(table, this.draw.int(1, 3))}`;
    }
  }

  /** One statement that changes hundreds of rows, so that the server streams it. */
  large(table: Table): string {
    const way = this.draw.weighted({
      insert: 60,
      copy: this.#canCopy(table) ? 25 : 0,
      update: canChange(table) ? 20 : 0,
      delete: canChange(table) ? 5 : 0,
    });
    if (way === 'insert') return this.insert(table, this.draw.int(200, 900));
    if (way === 'update') return this.update(table, this.draw.int(100, 400));
    if (way === 'delete') return `delete from ${nameOf(table)} ${this.#rows(table, 300)}`;
    const count = this.draw.int(100, 1500);
    const first = this.#next(table, count);
    // COPY writes many rows with one record.
    const key = identifier(table.key[0]?.name ?? '');
    return `copy ${nameOf(table)} (${key}) from program 'seq ${String(first)} ${String(first + count - 1)}'`;
  }

  insert(table: Table, rows: number): string {
    const columns = this.draw.some(table.columns, 80);
    const first = this.#next(table, rows);
    const lists: string[] = [];
    let values = columns.map(column => this.value(column));
    for (let n = 0; n < rows; n++) {
      // A value for each row is what makes a large one slow to draw.
      if (n < 5 || n % 50 === 0) values = columns.map(column => this.value(column));
      lists.push(`(${[...keyLiterals(table, first + n), ...values].join(', ')})`);
    }
    if (columns.length + table.key.length === 0)
      return `insert into ${nameOf(table)} default values`;
    return `insert into ${nameOf(table)} (${namesOf([...table.key, ...columns])}) values ${lists.join(', ')}`;
  }

  update(table: Table, rows: number): string {
    const columns = this.draw.some(table.columns, 40);
    if (columns.length === 0) columns.push(this.draw.pick(table.columns));
    return `update ${nameOf(table)} set ${this.#sets(columns)} ${this.#rows(table, rows)}`;
  }

  /** A literal or expression of the column's type. */
  value(column: Column): string {
    if (this.draw.chance(15)) return 'null';
    if (column.name === 'Big' && column.type === 'text' && this.draw.chance(50)) {
      const pieces = this.draw.int(60, 400);
      return `(select string_agg(md5('${String(this.draw.int(0, 999))}' || g), E'\\n') from generate_series(1, ${String(pieces)}) g)`;
    }
    return literal(this.draw.from(COLUMN_TYPES[column.type] ?? COLUMN_TYPES['text']!));
  }

  #upsert(table: Table): string {
    const column = this.draw.pick(table.columns);
    const key = keyLiterals(table, this.draw.int(0, this.#next(table)));
    return (
      `insert into ${nameOf(table)} (${namesOf([...table.key, column])}) ` +
      `values (${[...key, this.value(column)].join(', ')}) ` +
      `on conflict (${namesOf(table.key)}) do update set ${this.#sets([this.draw.pick(table.columns)])}`
    );
  }

  #merge(table: Table): string {
    const column = this.draw.pick(table.columns);
    const key = keyLiterals(table, this.draw.int(0, this.#next(table)));
    const on = table.key.map(({ name }, n) => `t.${identifier(name)} = ${key[n] ?? ''}`);
    const matched = this.draw.chance(70) ? `update set ${this.#sets([column])}` : 'delete';
    return (
      `merge into ${nameOf(table)} t using (select 1) s on ${on.join(' and ')} ` +
      `when matched then ${matched} ` +
      `when not matched then insert (${namesOf([...table.key, column])}) ` +
      `values (${[...key, this.value(column)].join(', ')})`
    );
  }

  #sets(columns: readonly Column[]): string {
    return columns.map(column => `${identifier(column.name)} = ${this.value(column)}`).join(', ');
  }

  /** Rows somewhere in the table that nobody else is at. */
  #rows(table: Table, most: number): string {
    const from = this.draw.int(0, 20);
    return (
      `where (tableoid, ctid) in (select tableoid, ctid from ${nameOf(table)} ` +
      `offset ${String(from)} limit ${String(most)} for update skip locked)`
    );
  }

  #canCopy(table: Table): boolean {
    return table.key.length === 1 && table.key[0]?.type === 'int4';
  }

  #next(table: Table, count = 1): number {
    const next = this.#keys.get(table.id) ?? 0;
    this.#keys.set(table.id, next + count);
    return next;
  }
}

function namesOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => identifier(name)).join(', ');
}
