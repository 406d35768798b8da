/** Publication whose changes the demo shows: everything the shop writes. */
export const DEMO_PUBLICATION = 'shop_changes';
export const DEMO_DATABASE = 'shop';

/**
 * A small shop. Each table is there for something that a timeline must show: `customers.profile` and
 * `products.description` are stored out of line (TOAST) and rarely change, `price_changes` has
 * replica identity full, `carts` is truncated, `import_rows` takes the huge transaction.
 */
export const DEMO_SCHEMA = `
CREATE TYPE order_status AS ENUM ('new', 'paid', 'packed', 'shipped', 'returned');

CREATE TABLE customers (
  id int PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  points int NOT NULL DEFAULT 0,
  phone text,
  profile text NOT NULL
);
ALTER TABLE customers ALTER COLUMN profile SET STORAGE EXTERNAL;

CREATE TABLE products (
  sku text PRIMARY KEY,
  title text NOT NULL,
  price numeric(10,2) NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  description text NOT NULL
);
ALTER TABLE products ALTER COLUMN description SET STORAGE EXTERNAL;

CREATE TABLE stock (
  sku text PRIMARY KEY REFERENCES products,
  qty int NOT NULL,
  shelf text NOT NULL
);

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id int NOT NULL REFERENCES customers,
  status order_status NOT NULL DEFAULT 'new',
  total numeric(10,2) NOT NULL DEFAULT 0,
  placed_at timestamptz NOT NULL DEFAULT now(),
  note text
);

CREATE TABLE items (
  order_id bigint REFERENCES orders ON DELETE CASCADE,
  line int,
  sku text NOT NULL REFERENCES products,
  quantity int NOT NULL,
  price numeric(10,2) NOT NULL,
  PRIMARY KEY (order_id, line)
);

CREATE TABLE carts (
  session uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  content jsonb NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE price_changes (
  sku text NOT NULL,
  old_price numeric(10,2),
  new_price numeric(10,2) NOT NULL,
  reason text
);
ALTER TABLE price_changes REPLICA IDENTITY FULL;

CREATE TABLE import_rows (
  batch int,
  line int,
  payload text NOT NULL,
  PRIMARY KEY (batch, line)
);

INSERT INTO customers (id, name, email, phone, profile)
SELECT n,
       (ARRAY['Ada','Grace','Edsger','Barbara','Alan','Radia','Donald','Margaret'])[1 + n % 8]
         || ' ' || (ARRAY['Novak','Okafor','Silva','Kim','Haddad','Larsen'])[1 + n % 6],
       'customer' || n || '@example.org',
       CASE WHEN n % 3 = 0 THEN NULL WHEN n % 7 = 0 THEN '' ELSE '+44 20 7946 0' || 100 + n END,
       repeat('Likes ' || md5(n::text) || '. ', 120)
FROM generate_series(1, 60) AS n;

INSERT INTO products (sku, title, price, tags, description)
SELECT 'A-' || n,
       (ARRAY['Lamp','Chair','Desk','Mug','Notebook','Clock'])[1 + n % 6] || ' No. ' || n,
       (5 + n * 3 % 97)::numeric + 0.90,
       CASE WHEN n % 4 = 0 THEN ARRAY['sale','new'] ELSE '{}' END,
       repeat('A fine thing, number ' || n || '. ', 160)
FROM generate_series(1, 40) AS n;

INSERT INTO stock SELECT sku, 500, 'R' || 1 + length(title) % 9 FROM products;
INSERT INTO price_changes SELECT sku, NULL, price, 'first price' FROM products LIMIT 12;

CREATE PUBLICATION ${DEMO_PUBLICATION} FOR ALL TABLES;
CREATE PUBLICATION sampled_orders FOR TABLE orders (id, status, total) WHERE (id % 10 = 0), items;
`;

/** Slots that nobody reads: what they hold back can be peeked. Each needs a transaction of its own. */
export const DEMO_SLOTS: readonly string[] = [
  "SELECT pg_create_logical_replication_slot('warehouse_export', 'pgoutput')",
  "SELECT pg_create_logical_replication_slot('old_audit', 'test_decoding')",
];
