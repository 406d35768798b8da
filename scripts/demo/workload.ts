import { setTimeout as sleep } from 'node:timers/promises';
import { AdminSession } from '../postgres/adminSession';

/** Time between two actions, in milliseconds; one action makes up to a dozen changes. */
const PACE_MS = 130;
/** Orders that are kept; older ones are deleted, so that the demo can run for days. */
const KEPT_ORDERS = 400;
const IMPORT_ROWS = 20_000;
const FIRST_IMPORT_MS = 20_000;
const IMPORT_EVERY_MS = 120_000;

const pick = (count: number): number => 1 + Math.floor(Math.random() * count);

/** What happens in the shop: SQL, and how often compared with the others. */
interface Action {
  readonly weight: number;
  sql(): string;
}

const ACTIONS: readonly Action[] = [
  {
    // Somebody buys: an order, its items, the stock, and a message that names the request.
    weight: 8,
    sql: () => `
      BEGIN;
      WITH placed AS (
        INSERT INTO orders (customer_id, note)
        VALUES (${pick(60)}, ${pick(4) === 1 ? `'leave at the door'` : 'NULL'}) RETURNING id
      )
      INSERT INTO items
      SELECT placed.id, row_number() OVER (), sku, 1 + (random() * 2)::int, price
      FROM placed, (SELECT sku, price FROM products ORDER BY random() LIMIT ${pick(4)}) AS chosen;
      UPDATE orders SET total = (SELECT sum(quantity * price) FROM items WHERE order_id = orders.id)
      WHERE id = (SELECT max(id) FROM orders);
      UPDATE stock SET qty = qty - quantity FROM items
      WHERE stock.sku = items.sku AND order_id = (SELECT max(id) FROM orders);
      SELECT pg_logical_emit_message(true, 'checkout', format('{"request":"%s"}', gen_random_uuid()));
      COMMIT;`,
  },
  {
    weight: 10,
    sql: () => `
      UPDATE orders SET status = CASE status WHEN 'new' THEN 'paid' WHEN 'paid' THEN 'packed'
        WHEN 'packed' THEN 'shipped' ELSE 'returned' END::order_status
      WHERE id = (SELECT id FROM orders WHERE status <> 'returned' ORDER BY random() LIMIT 1)`,
  },
  // One column; the long profile stays out of line and is not in the WAL.
  {
    weight: 6,
    sql: () => `UPDATE customers SET points = points + ${pick(50)} WHERE id = ${pick(60)}`,
  },
  { weight: 3, sql: () => `UPDATE stock SET qty = qty + 50 WHERE sku = 'A-${pick(40)}'` },
  {
    weight: 2,
    sql: () => `
      BEGIN;
      WITH changed AS (
        UPDATE products SET price = round(price * (0.9 + random()::numeric / 5), 2)
        WHERE sku = 'A-${pick(40)}' RETURNING sku, price
      )
      UPDATE price_changes SET old_price = new_price, new_price = price, reason = NULL
      FROM changed WHERE price_changes.sku = changed.sku;
      COMMIT;`,
  },
  {
    weight: 4,
    sql: () =>
      `INSERT INTO carts (content) VALUES ('{"sku":"A-${pick(40)}","quantity":${pick(3)}}')`,
  },
  {
    weight: 3,
    sql: () => `
      DELETE FROM orders WHERE id IN (
        SELECT id FROM orders ORDER BY id DESC OFFSET ${KEPT_ORDERS} LIMIT 5)`,
  },
  // Somebody's card is refused: nothing of this may ever be shown as committed.
  {
    weight: 2,
    sql: () => `
      BEGIN;
      INSERT INTO orders (customer_id, note) VALUES (${pick(60)}, 'card refused');
      UPDATE stock SET qty = qty - 1 WHERE sku = 'A-${pick(40)}';
      ROLLBACK;`,
  },
  {
    weight: 1,
    sql: () =>
      `SELECT pg_logical_emit_message(false, 'heartbeat', now()::text);
       UPDATE products SET description = description || ' Now even finer.'
       WHERE sku = 'A-${pick(40)}' AND length(description) < 8000`,
  },
  { weight: 0.3, sql: () => 'TRUNCATE carts' },
];

const TOTAL_WEIGHT = ACTIONS.reduce((sum, action) => sum + action.weight, 0);

function nextSql(): string {
  let at = Math.random() * TOTAL_WEIGHT;
  const found = ACTIONS.find(action => (at -= action.weight) < 0) ?? ACTIONS[0];
  return found?.sql() ?? '';
}

/** An import of 20,000 rows in one transaction, in steps, so that it is seen while it is open. */
async function importBatch(
  session: AdminSession,
  batch: number,
  signal: AbortSignal,
): Promise<void> {
  const steps = 10;
  await session.query('BEGIN');
  await session.query(`DELETE FROM import_rows WHERE batch < ${batch - 1}`);
  for (let step = 0; step < steps; step += 1) {
    const from = (step * IMPORT_ROWS) / steps;
    await session.query(`
      INSERT INTO import_rows
      SELECT ${batch}, n, 'row ' || n || ' of batch ${batch}: ' || md5(n::text)
      FROM generate_series(${from + 1}, ${from + IMPORT_ROWS / steps}) AS n`);
    await sleep(150, undefined, { signal });
  }
  await session.query('COMMIT');
}

/**
 * Lets the shop live until `signal` is aborted. Runs in our own process, so that it ends with it
 * whatever happens; it only waits for the server, so it disturbs nothing else here.
 */
export async function runWorkload(url: string, signal: AbortSignal): Promise<void> {
  const shop = await AdminSession.open(url, 'checkout-service');
  const importer = await AdminSession.open(url, 'night-import');
  const trade = async (): Promise<void> => {
    while (!signal.aborted) {
      await shop.query(nextSql());
      await sleep(PACE_MS * (0.5 + Math.random()), undefined, { signal });
    }
  };
  const imports = async (): Promise<void> => {
    await sleep(FIRST_IMPORT_MS, undefined, { signal });
    for (let batch = 1; !signal.aborted; batch += 1) {
      await importBatch(importer, batch, signal);
      await sleep(IMPORT_EVERY_MS, undefined, { signal });
    }
  };
  try {
    await Promise.all([trade(), imports()]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all([shop.end(), importer.end()]);
  }
}
