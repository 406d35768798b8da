import fc from 'fast-check';
import type { Draw } from './draw';
import { COLUMN_TYPES, KEY_TYPES } from './columnTypes';
import { identifier, literal } from './sqlText';

export interface Column {
  readonly name: string;
  /** A key of {@link COLUMN_TYPES}, or `text` after a change of type. */
  readonly type: string;
}

/** A table as the generator knows it: what can be written, and whether rows can be changed. */
export interface Table {
  /** Stays when the table is renamed. */
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  /** Columns of the replica identity's index or the primary key; none where there is neither. */
  readonly key: readonly Column[];
  readonly columns: readonly Column[];
  /** Nothing but inserts and truncates where the server has no way to say which row it was. */
  readonly identity: 'default' | 'full' | 'index' | 'nothing';
  readonly partitioned: boolean;
  /** SQL that makes it, one statement each. */
  readonly creation: readonly string[];
}

const NAMES = [
  'orders',
  'select',
  'Über Größe',
  'a"b""c',
  "it's",
  'dot.ted',
  ' leading',
  '__proto__',
  '😀',
  'x'.repeat(60),
  'table [public]: INSERT:',
  'ALLCAPS',
];

export function nameOf(table: Pick<Table, 'schema' | 'name'>): string {
  return `${identifier(table.schema)}.${identifier(table.name)}`;
}

export function canChange(table: Table): boolean {
  return table.identity === 'full' || (table.key.length > 0 && table.identity !== 'nothing');
}

/** A column of any type with a name that nobody else has in the table. */
export function drawColumn(draw: Draw, number: number): Column {
  const stem = draw.pick(NAMES.map(name => name.slice(0, 50)));
  return {
    name: draw.chance(50) ? `c${String(number)}` : `${stem}${String(number)}`,
    type: draw.pick(Object.keys(COLUMN_TYPES)),
  };
}

/** A random table; `number` makes its name unique. */
export function drawTable(draw: Draw, number: number, major: number): Table {
  const schema = draw.chance(70) ? 'public' : 'Odd "Schema';
  const name = `${draw.pick(NAMES)}${String(number)}`.slice(-62);
  const shape = draw.weighted({ plain: 60, partitioned: 20, keyless: 10, nothing: 10 });
  const columns = Array.from({ length: draw.int(1, 9) }, (_, n) => drawColumn(draw, n));
  // One that grows beyond a page, stored out of line, so that updates leave it unchanged.
  columns.push({ name: 'Big', type: 'text' });
  const keyed = shape === 'plain' || shape === 'partitioned';
  const key = keyed ? drawKey(draw) : [];
  const partitioned = shape === 'partitioned';
  const identity = partitioned
    ? draw.weighted({ default: 70, full: 30 })
    : shape === 'plain'
      ? draw.weighted({ default: 50, full: 20, index: 30 })
      : shape === 'keyless'
        ? 'full'
        : draw.pick(['nothing', 'default'] as const);
  const table = { id: number, schema, name, key, columns, identity, partitioned };
  return { ...table, creation: creationOf(draw, table, major) };
}

function drawKey(draw: Draw): Column[] {
  const types = draw.chance(70)
    ? [draw.pick(['int4', 'int8', 'text'])]
    : Array.from({ length: draw.int(1, 3) }, () => draw.pick(Object.keys(KEY_TYPES)));
  return types.map((type, n) => ({ name: n === 0 ? 'id' : `id ${String(n)}`, type }));
}

function creationOf(draw: Draw, table: Omit<Table, 'creation'>, major: number): string[] {
  const name = nameOf(table);
  const keyColumns = table.key.map(column => identifier(column.name)).join(', ');
  const fromKey = table.key.find(({ type }) => type === 'int4');
  const columns = draw.from(
    shuffled([
      ...table.key.map(({ name, type }) => `${identifier(name)} ${type} not null`),
      ...table.columns.map(({ name, type }) => `${identifier(name)} ${type}`),
    ]),
  );
  if (fromKey !== undefined && draw.chance(40)) {
    const virtual = major >= 18 && !table.partitioned && draw.chance(50);
    const sql = `(${identifier(fromKey.name)}::int8 * 3)`;
    columns.push(`"made" int8 generated always as ${sql} ${virtual ? 'virtual' : 'stored'}`);
  }
  if (!table.partitioned && draw.chance(20)) {
    columns.push('counted int generated always as identity');
  }
  const primary = table.key.length > 0 && table.identity !== 'index';
  const rules = primary ? [`primary key (${keyColumns})`] : [];
  const first = identifier(table.key[0]?.name ?? '');
  const parts = table.partitioned ? ` partition by hash (${first})` : '';
  const sql = [`create table ${name} (${[...columns, ...rules].join(', ')})${parts}`];
  const all = [name];
  if (table.partitioned) {
    for (let n = 0; n < 3; n++) {
      const leaf = nameOf({ schema: 'public', name: `${table.name.slice(-50)} part ${String(n)}` });
      all.push(leaf);
      const bound = `for values with (modulus 3, remainder ${String(n)})`;
      if (n < 2) sql.push(`create table ${leaf} partition of ${name} ${bound}`);
      else {
        // A table that was there before has its columns in an order of its own.
        sql.push(`create table ${leaf} (${[...columns].reverse().join(', ')})`);
        sql.push(`alter table ${name} attach partition ${leaf} ${bound}`);
      }
    }
  }
  // Attributes of the storage are a table's own; a partition has none of its own choice.
  for (const each of all) {
    sql.push(`alter table ${each} alter column "Big" set storage external`);
    if (table.identity === 'full') sql.push(`alter table ${each} replica identity full`);
  }
  if (table.identity === 'index') {
    const index = identifier(`${table.name.slice(-50)} index`);
    sql.push(`create unique index ${index} on ${name} (${keyColumns})`);
    sql.push(`alter table ${name} replica identity using index ${index}`);
  }
  if (table.identity === 'nothing') sql.push(`alter table ${name} replica identity nothing`);
  return sql;
}

function shuffled<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

/** The key's values for row number `n`, as literals. */
export function keyLiterals(table: Table, n: number): string[] {
  return table.key.map(({ type }) => literal(KEY_TYPES[type]?.(n) ?? ''));
}
