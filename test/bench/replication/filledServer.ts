import type { Cluster } from '../../../scripts/postgres/cluster';
import { startCluster } from '../../../scripts/postgres/cluster';
import type { PostgresMajor } from '../../../scripts/postgres/embeddedServers';

const ROWS_A_TRANSACTION = 1000;

/** A server whose slot `ours` has a number of small inserts to send, and the position where they end. */
export interface FilledServer {
  readonly cluster: Cluster;
  readonly end: string;
}

/** `copies` slots named `copy0` and so on begin where `ours` does. */
export async function startFilledServer(
  major: PostgresMajor,
  rows: number,
  copies: number,
): Promise<FilledServer> {
  const slots = String(copies + 4);
  const cluster = await startCluster({
    major,
    settings: { max_wal_size: '4GB', max_replication_slots: slots },
  });
  try {
    return { cluster, end: await fill(cluster, rows, copies) };
  } catch (error) {
    await cluster.dispose();
    throw error;
  }
}

async function fill(cluster: Cluster, rows: number, copies: number): Promise<string> {
  await cluster.adminQuery(`
    create table orders (id bigint primary key, customer int, total numeric(10,2), state text,
      note text, at timestamptz);
    create publication p for table orders`);
  const session = await cluster.openAdmin();
  await session.query(`select pg_create_logical_replication_slot('ours', 'pgoutput')`);
  for (let i = 0; i < copies; i++) {
    await session.query(`select pg_copy_logical_replication_slot('ours', 'copy${String(i)}')`);
  }
  for (let first = 1; first <= rows; first += ROWS_A_TRANSACTION) {
    const last = Math.min(rows, first + ROWS_A_TRANSACTION - 1);
    await session.query(
      `insert into orders select g, g % 1000, g % 5000 / 7.0, 'open', 'some words that a row of a shop has', now()
         from generate_series(${String(first)}, ${String(last)}) g`,
    );
  }
  await session.query(`select pg_logical_emit_message(false, 'bench', 'end')`);
  await session.query('checkpoint');
  const [row] = await session.query('select pg_current_wal_lsn()::text as lsn');
  await session.end();
  return row?.['lsn'] ?? '';
}
