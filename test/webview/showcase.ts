import type { CellValue, Fate } from '../../src/shared/timelineRow';
import type { Operation } from '../../src/shared/viewSpec';

/** A change as the generated capture knows it; rows, detail and bytes are made from it. */
export interface FakeColumn {
  readonly name: string;
  readonly type: string;
  readonly key?: boolean;
  readonly before: CellValue;
  readonly after: CellValue;
  readonly changed?: boolean;
  /** The whole value where the cell shows a part of it. */
  readonly whole?: string;
}

export interface FakeChange {
  readonly operation: Operation;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly FakeColumn[];
  readonly content?: string;
  readonly identity?: 'default' | 'full';
}

export const ABSENT: CellValue = { kind: 'absent' };
export const NULL: CellValue = { kind: 'null' };

export function text(value: string): CellValue {
  if (value === '') return { kind: 'empty' };
  const cut = value.length > 200;
  return { kind: 'text', text: cut ? value.slice(0, 200) : value, cut, bytes: value.length };
}

function column(name: string, type: string, before: CellValue, after: CellValue): FakeColumn {
  const both = before.kind !== 'absent' && after.kind !== 'absent' && after.kind !== 'unchanged';
  return {
    name,
    type,
    key: name === 'id' || name === 'sku',
    before,
    after,
    changed: both && JSON.stringify(before) !== JSON.stringify(after),
  };
}

const inserted = (name: string, type: string, after: CellValue): FakeColumn =>
  column(name, type, ABSENT, after);

/** One megabyte of text with line ends, as a document column holds it. */
export const MEGABYTE = 'The quick brown fox jumps over the lazy dog.\n'
  .repeat(23302)
  .slice(0, 1_048_576);

export const HOSTILE = {
  markup: '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>',
  bidi: 'user\u202etxt.exe\u2066 end',
  control: 'a\u0000b\u001b[31mred\u0007\nnew line\ttab',
};

/** The first twenty changes: one of each kind that a person may meet. */
export const SHOWCASE: readonly FakeChange[] = [
  {
    operation: 'insert',
    schema: 'public',
    table: 'sessions',
    columns: [
      inserted('id', 'uuid', text('7f1b9c1e-52a3-4f0e-9d9b-0d0f6f1c2a77')),
      inserted('user_name', 'text', text('ada')),
      inserted('note', 'text', NULL),
      inserted('referrer', 'text', text('')),
    ],
  },
  {
    operation: 'insert',
    schema: 'public',
    table: 'orders',
    columns: [
      inserted('id', 'bigint', text('918')),
      inserted('total', 'numeric(10,2)', text('12.50')),
      inserted('customer', 'text', text('ada')),
      inserted('note', 'text', NULL),
    ],
  },
  {
    operation: 'update',
    schema: 'public',
    table: 'stock',
    identity: 'full',
    columns: [
      column('sku', 'text', text('A-1'), text('A-1')),
      column('qty', 'integer', text('7'), text('6')),
      column('note', 'text', text(''), NULL),
      column('photo', 'bytea', ABSENT, { kind: 'unchanged' }),
      column('seen', 'timestamp with time zone', ABSENT, text('2026-11-20 13:00:00.123456+00')),
    ],
  },
  {
    operation: 'delete',
    schema: 'sales',
    table: 'carts',
    columns: [
      column('id', 'integer', text('44'), ABSENT),
      column('owner', 'text', ABSENT, ABSENT),
      column('items', 'jsonb', ABSENT, ABSENT),
    ],
  },
  {
    operation: 'insert',
    schema: 'public',
    table: '<img src=x onerror=alert(1)>',
    columns: [
      inserted('id', 'integer', text('1')),
      inserted('markup', 'text', text(HOSTILE.markup)),
      inserted('bidi', 'text', text(HOSTILE.bidi)),
      inserted('control', 'text', text(HOSTILE.control)),
      inserted('arabic', 'text', text('مرحبا بالعالم')),
    ],
  },
  {
    operation: 'insert',
    schema: 'public',
    table: 'documents',
    columns: [
      inserted('id', 'integer', text('5')),
      { ...inserted('body', 'text', text(MEGABYTE)), whole: MEGABYTE },
    ],
  },
  {
    operation: 'message',
    schema: '',
    table: 'checkout-service',
    content: '{"request":"9f1c","user":"ada"}',
    columns: [],
  },
  { operation: 'truncate', schema: 'public', table: 'audit', columns: [] },
];

/** Fates of the first transactions; all others are committed. */
export const FATES: readonly Fate[] = ['committed', 'committed', 'open', 'aborted', 'prepared'];

const OPERATION_OF = 'iuuiuduiuuiuumiuduti';
const TABLES = ['orders', 'stock', 'items', 'stock', 'customers'];
const NAMES = ['ada', 'grace', 'edsger', 'barbara', 'alan', 'katherine', 'linus'];

/** A change of the little shop, made from its number. */
export function shopChange(n: number): FakeChange {
  const special = SHOWCASE[n];
  if (special !== undefined) return special;
  const residue = n % 20;
  const table = TABLES[residue % TABLES.length] ?? 'orders';
  const base = { schema: 'public', table };
  const name = NAMES[n % NAMES.length] ?? 'ada';
  const price = (((n * 7919) % 100_000) / 100).toFixed(2);
  switch (OPERATION_OF[residue]) {
    case 'u':
      return {
        ...base,
        operation: 'update',
        columns: [
          column('id', 'bigint', text(String(n)), text(String(n))),
          column('qty', 'integer', text(String(n % 90)), text(String((n % 90) + 1))),
          column('price', 'numeric(10,2)', text(price), text(price)),
        ],
      };
    case 'd':
      return {
        ...base,
        operation: 'delete',
        columns: [
          column('id', 'bigint', text(String(n)), ABSENT),
          column('name', 'text', ABSENT, ABSENT),
        ],
      };
    case 'm':
      return {
        operation: 'message',
        schema: '',
        table: 'checkout-service',
        content: `request ${String(n)}`,
        columns: [],
      };
    case 't':
      return { operation: 'truncate', schema: 'public', table: 'audit', columns: [] };
    default:
      return {
        ...base,
        operation: 'insert',
        columns: [
          inserted('id', 'bigint', text(String(n))),
          inserted('total', 'numeric(10,2)', text(price)),
          inserted('customer', 'text', text(name)),
          inserted('note', 'text', NULL),
        ],
      };
  }
}
