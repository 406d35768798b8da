import { startCluster, type Cluster } from './cluster';

/** The numbers of a server that is hard to browse. */
export interface LargeNumbers {
  readonly databases: number;
  /** In the first database. */
  readonly tables: number;
  /** In each of the other databases. */
  readonly otherTables: number;
  /** In the first database. */
  readonly publications: number;
  readonly slots: number;
}

/** What is over every limit of the sidebar, and made in seconds; `PGWX_LONG=1` makes all of it. */
export function largeNumbers(): LargeNumbers {
  return process.env['PGWX_LONG'] === '1'
    ? { databases: 50, tables: 5_100, otherTables: 100, publications: 500, slots: 1_000 }
    : { databases: 10, tables: 510, otherTables: 1, publications: 510, slots: 510 };
}

/**
 * A server with databases `db_01`, `db_02`, …, tables `t_00001`, …, of which every tenth has a key,
 * publications `everything` and `p_001`, …, and slots `slot_0001`, …; it logs connections and statements.
 * All slots are physical but the last ten, and the databases are copies of one: that is the fastest way.
 */
export async function startLargeCluster(numbers = largeNumbers()): Promise<Cluster> {
  const cluster = await startCluster({
    major: 18,
    name: 'large',
    settings: {
      max_replication_slots: String(numbers.slots + 100),
      max_locks_per_transaction: '8192',
      max_wal_size: '4GB',
      shared_buffers: '64MB',
      wal_keep_size: '0',
    },
  });
  try {
    const database = (number: number): string => `db_${String(number).padStart(2, '0')}`;
    await cluster.adminQuery(`CREATE DATABASE ${database(2)}`);
    await cluster.adminQuery(tables(1, numbers.otherTables), database(2));
    for (let number = 3; number <= numbers.databases; number++) {
      await cluster.adminQuery(`CREATE DATABASE ${database(number)} TEMPLATE ${database(2)}`);
    }
    await cluster.adminQuery(`CREATE DATABASE ${database(1)} TEMPLATE ${database(2)}`);
    await cluster.adminQuery(
      `${tables(numbers.otherTables + 1, numbers.tables)};
       DO $$ BEGIN FOR i IN 1..${numbers.publications - 1} LOOP
         EXECUTE format('CREATE PUBLICATION p_%s FOR TABLE t_00001', lpad(i::text, 3, '0'));
       END LOOP; END $$;
       CREATE PUBLICATION everything FOR ALL TABLES`,
      database(1),
    );
    await cluster.adminQuery(
      `SELECT count(pg_create_physical_replication_slot(
         'slot_' || lpad(i::text, 4, '0'), true)) FROM generate_series(1, ${numbers.slots - 10}) i`,
    );
    await cluster.adminQuery(
      `SELECT count(pg_create_logical_replication_slot(
         'slot_' || lpad(i::text, 4, '0'), 'pgoutput'))
       FROM generate_series(${numbers.slots - 9}, ${numbers.slots}) i`,
      database(1),
    );
    cluster.configure({ log_connections: 'on', log_statement: 'all' });
    cluster.reload();
    return cluster;
  } catch (error) {
    await cluster.dispose();
    throw error;
  }
}

function tables(from: number, to: number): string {
  return `DO $$ BEGIN FOR i IN ${from}..${to} LOOP
      EXECUTE format('CREATE TABLE t_%s (a int%s)', lpad(i::text, 5, '0'),
        CASE WHEN i % 10 = 0 THEN ' PRIMARY KEY' ELSE '' END);
    END LOOP; END $$`;
}
