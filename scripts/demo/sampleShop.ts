/** The database, slot and publication of the sample capture. */
export const SAMPLE_DATABASE = 'shop';
export const SAMPLE_SLOT = 'sample';
export const SAMPLE_PUBLICATION = 'shop_changes';

/**
 * A shop in which every table is there for something to see: `orders` has replica identity full, so that what
 * a row was before stands in its change, `customers.profile` is stored out of line and
 * rarely changes, `prices` has no key, `audit` has none, `carts` is truncated, `imported`
 * takes the large transactions.
 */
export const SAMPLE_SCHEMA = `
CREATE TYPE order_status AS ENUM ('new', 'paid', 'shipped', 'returned');
CREATE TABLE customers (
  id int PRIMARY KEY,
  name text NOT NULL,
  email text,
  phone text,
  points int NOT NULL DEFAULT 0,
  profile text
);
ALTER TABLE customers ALTER COLUMN profile SET STORAGE EXTERNAL;
CREATE TABLE orders (
  id int PRIMARY KEY,
  customer_id int NOT NULL REFERENCES customers,
  status order_status NOT NULL DEFAULT 'new',
  total numeric(10,2) NOT NULL,
  tags text[],
  details jsonb,
  placed_at timestamptz NOT NULL DEFAULT now(),
  note text
);
ALTER TABLE orders REPLICA IDENTITY FULL;
CREATE TABLE stock (sku text PRIMARY KEY, qty int NOT NULL, shelf text NOT NULL);
CREATE TABLE prices (sku text NOT NULL, price numeric(10,2) NOT NULL, reason text);
ALTER TABLE prices REPLICA IDENTITY FULL;
CREATE TABLE audit (at timestamptz NOT NULL DEFAULT now(), what text NOT NULL, who text);
ALTER TABLE audit REPLICA IDENTITY NOTHING;
CREATE TABLE carts (session uuid PRIMARY KEY, content jsonb NOT NULL);
CREATE TABLE imported (line int PRIMARY KEY, supplier text NOT NULL, sku text);
INSERT INTO stock SELECT 'A-' || n, 100, 'R' || n % 4 FROM generate_series(1, 12) AS n;
INSERT INTO prices SELECT 'A-' || n, 9.90 + n, NULL FROM generate_series(1, 12) AS n;
CREATE PUBLICATION ${SAMPLE_PUBLICATION} FOR ALL TABLES;
`;

/** It takes a moment, as a checkout does: long enough to be seen by who looks at the server's sessions. */
const order = (id: number, customer: number, sku: number, details: string): SampleWork => ({
  application: 'checkout-service',
  sql: `
BEGIN;
INSERT INTO orders (id, customer_id, total, tags, details, note)
VALUES (${id}, ${customer}, ${9 + sku}.90, ${id % 3 === 0 ? `ARRAY['gift', 'två']` : `'{}'`},
        '${details}', ${['NULL', `''`, `'leave at the door'`][id % 3] ?? 'NULL'});
UPDATE stock SET qty = qty - 1 WHERE sku = 'A-${sku}';
INSERT INTO audit (what, who) VALUES ('order ${id} placed', 'checkout-service');
SELECT pg_logical_emit_message(true, 'checkout', '{"request":"7f3c-${id}","ms":${17 + id}}');
SELECT pg_sleep(0.6);
COMMIT`,
});

/** What one program of the shop runs, under its own name. */
export interface SampleWork {
  readonly application: string;
  readonly sql: string;
}

/** Where somebody presses a button to see what the shop writes for it; without a name: it is done. */
export interface SampleMark {
  readonly mark: string | undefined;
}

/** The day of the shop, one statement list a step, in order. */
export const SAMPLE_STEPS: readonly (string | SampleWork | SampleMark)[] = [
  `INSERT INTO customers (id, name, email, phone, profile) VALUES
     (1, 'Ada Novak', 'ada@example.org', '+44 20 7946 0101', repeat('Likes lamps and long walks. ', 90)),
     (2, 'Grace Okafor', 'grace@example.org', NULL, NULL),
     (3, 'Zoë 🦊 Larsen', NULL, '', 'Prefers letters.')`,
  order(1, 1, 1, '{"channel": "web", "items": [{"sku": "A-1", "qty": 1}]}'),
  order(2, 2, 4, '{"channel": "app", "coupon": null}'),
  `UPDATE orders SET status = 'paid' WHERE id = 1`,
  // The long profile is not touched, so it is not in the WAL.
  `UPDATE customers SET points = points + 12 WHERE id = 1`,
  `INSERT INTO carts VALUES
     ('11111111-2222-3333-4444-555555555555', '{"items": 2}'),
     ('66666666-7777-8888-9999-aaaaaaaaaaaa', '{"items": []}')`,
  order(3, 3, 7, '{"channel": "web", "gift": {"for": "Ada", "text": "🎂 Happy birthday"}}'),
  `UPDATE orders SET status = 'paid' WHERE id IN (2, 3)`,
  // The old row is there as well: replica identity full.
  `UPDATE prices SET price = round(price * 0.9, 2), reason = 'autumn sale' WHERE sku IN ('A-2', 'A-5')`,
  // Large enough to arrive in blocks before its commit.
  `INSERT INTO imported SELECT n, 'Lumen & Sons', CASE WHEN n % 5 > 0 THEN 'A-' || n % 12 END
     FROM generate_series(1, 500) AS n`,
  `UPDATE orders SET status = 'shipped' WHERE id = 1`,
  // The same again, and then a second thought.
  {
    application: 'supplier-import',
    sql: `BEGIN;
   INSERT INTO imported SELECT n, 'Wrong file', 'A-' || n % 12 FROM generate_series(1001, 1500) AS n;
   SELECT pg_sleep(0.6);
   ROLLBACK`,
  },
  `SELECT pg_logical_emit_message(false, 'import', 'the second file was refused')`,
  { mark: 'Order 4 by phone' },
  order(4, 1, 2, '{"channel": "phone"}'),
  { mark: undefined },
  // Another key: the old one is told.
  `BEGIN;
   UPDATE stock SET sku = 'B-12' WHERE sku = 'A-12';
   INSERT INTO audit (what) VALUES ('A-12 is B-12 now');
   COMMIT`,
  // Prepared here, decided later.
  `BEGIN;
   UPDATE stock SET qty = qty + 50 WHERE sku IN ('A-1', 'A-4', 'A-7');
   INSERT INTO audit (what, who) VALUES ('delivery 812 booked', 'warehouse');
   PREPARE TRANSACTION 'delivery-812'`,
  { mark: 'Return of order 2' },
  `UPDATE orders SET status = 'returned', note = 'arrived broken 😢' WHERE id = 2`,
  { mark: undefined },
  `COMMIT PREPARED 'delivery-812'`,
  `BEGIN; UPDATE stock SET qty = 0 WHERE sku = 'A-3'; PREPARE TRANSACTION 'delivery-813'`,
  `ROLLBACK PREPARED 'delivery-813'`,
  `TRUNCATE carts`,
  `DELETE FROM prices WHERE sku = 'A-5'`,
  {
    application: 'support-desk',
    sql: `BEGIN;
   DELETE FROM orders WHERE id = 2;
   INSERT INTO audit (what, who) VALUES ('order 2 deleted', 'support');
   SELECT pg_sleep(0.6);
   COMMIT`,
  },
  `TRUNCATE imported, audit RESTART IDENTITY CASCADE`,
];
