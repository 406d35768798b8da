import type { DecodedTransaction, Values } from './independentDecoding';

const PASSWORD = 'path-and-secret-9';

/** Who walks the path: no superuser, the owner of the tables. */
export const SHOPKEEPER = {
  password: PASSWORD,
  sql: [
    `CREATE ROLE shopkeeper LOGIN REPLICATION PASSWORD '${PASSWORD}'`,
    'GRANT CREATE ON DATABASE shop TO shopkeeper',
    'CREATE TABLE orders (id int PRIMARY KEY, customer text, total numeric(12,2), note text)',
    'CREATE TABLE audit (id int PRIMARY KEY, what text)',
    'ALTER TABLE orders OWNER TO shopkeeper',
    'ALTER TABLE audit OWNER TO shopkeeper',
  ],
  url: (port: number): string =>
    `postgresql://shopkeeper:${PASSWORD}@127.0.0.1:${port}/shop?sslmode=disable`,
} as const;

/** The text that some of the changes hold, in one case or another. */
export const FILTER = 'ada';

/** What is written, a transaction a line. */
export const WRITES: readonly string[] = [
  `INSERT INTO orders VALUES (1, 'Ada Lovelace', 12.5, NULL); INSERT INTO audit VALUES (1, 'Ada came')`,
  `INSERT INTO orders VALUES (2, '<img src=x onerror=alert(1)>', 3, '')`,
  `UPDATE orders SET total = 13, note = 'it''s "fine" 🦣' WHERE id = 1`,
  `INSERT INTO orders SELECT n, 'Grace ' || n, n, 'new-tuple: id[integer]:7' FROM generate_series(10, 12) AS n`,
  `UPDATE orders SET id = 20 WHERE id = 2`,
  `DELETE FROM orders WHERE id = 1`,
  `INSERT INTO orders VALUES (30, 'ADA, the last', 99, 'last')`,
];

interface Written {
  readonly before: Values;
  readonly after: Values;
}

const order = (id: string, customer: string, total: string, note: string | null): Values => ({
  id,
  customer,
  total,
  note,
});

/** The rows that those statements wrote, in their order. */
export const WRITTEN: readonly Written[] = [
  { before: {}, after: order('1', 'Ada Lovelace', '12.50', null) },
  { before: {}, after: { id: '1', what: 'Ada came' } },
  { before: {}, after: order('2', '<img src=x onerror=alert(1)>', '3.00', '') },
  // The key did not change, so the server sends it once; it is shown on both sides.
  { before: { id: '1' }, after: order('1', 'Ada Lovelace', '13.00', `it's "fine" 🦣`) },
  ...[10, 11, 12].map(n => ({
    before: {},
    after: order(String(n), `Grace ${n}`, `${n}.00`, 'new-tuple: id[integer]:7'),
  })),
  { before: { id: '2' }, after: order('20', '<img src=x onerror=alert(1)>', '3.00', '') },
  { before: { id: '1' }, after: {} },
  { before: {}, after: order('30', 'ADA, the last', '99.00', 'last') },
];

/** What an export of the changes that hold `text` has to say, by an independent decoding. */
export function eventsWith(
  text: string,
  transactions: readonly DecodedTransaction[],
): readonly unknown[] {
  const holds = (values: Values | undefined): boolean =>
    Object.values(values ?? {}).some(value => value?.toLowerCase().includes(text) === true);
  return transactions.flatMap(({ xid, endLsn, changes }) => {
    const passing = changes.filter(change => holds(change.key) || holds(change.new));
    if (passing.length === 0) return [];
    return [{ kind: 'begin', xid }, ...passing, { kind: 'commit', xid, endLsn }];
  });
}
