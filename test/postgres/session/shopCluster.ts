import type { Cluster, ClusterOptions } from '../../../scripts/postgres/cluster';
import { startCluster } from '../../../scripts/postgres/cluster';
import type { PostgresMajor } from '../../../scripts/postgres/embeddedServers';
import { eventually } from './cliProcess';
import { SCHEMA } from './workload';

/** Name of the database that tests look at. */
export const SHOP = 'shop';

/** A server with the tables of the workload, a publication of all of them, and a role that may only look. */
export async function startShop(
  major: PostgresMajor,
  settings: Readonly<Record<string, string>> = {},
  more: Pick<ClusterOptions, 'isOwnSystem'> = {},
): Promise<Cluster> {
  const name = `shop${String(major)}`;
  const cluster = await startCluster({ major, settings, name, ...more });
  await cluster.adminQuery('create database shop');
  await cluster.adminQuery(
    `create role looker login replication password '${cluster.password}'`,
    SHOP,
  );
  await run(cluster, [...SCHEMA, 'create publication everything for all tables']);
  return cluster;
}

/** Runs statements one after another in a session of the shop. */
export async function run(
  cluster: Cluster,
  statements: readonly string[],
  database = SHOP,
): Promise<void> {
  const session = await cluster.openAdmin(database);
  try {
    for (const statement of statements) await session.query(statement);
  } finally {
    await session.end();
  }
}

export async function createSlot(
  cluster: Cluster,
  name: string,
  plugin = 'pgoutput',
  database = SHOP,
): Promise<void> {
  await cluster.adminQuery(
    `select pg_create_logical_replication_slot('${name}', '${plugin}')`,
    database,
  );
}

/** Where a slot stands, as text. */
export async function slotPosition(
  cluster: Cluster,
  name: string,
): Promise<{ readonly restart: string; readonly confirmed: string }> {
  const [row] = await cluster.adminQuery(
    `select restart_lsn::text as restart, confirmed_flush_lsn::text as confirmed
       from pg_replication_slots where slot_name = '${name}'`,
  );
  return { restart: row?.['restart'] ?? '', confirmed: row?.['confirmed'] ?? '' };
}

/** Names of the slots of ours that the server has. */
export async function ownSlots(cluster: Cluster): Promise<readonly string[]> {
  const rows = await cluster.adminQuery(
    `select slot_name from pg_replication_slots where slot_name like 'walexplorer%'`,
  );
  return rows.map(row => row['slot_name'] ?? '');
}

/** Resolves when a stream of ours runs, with the PID of its server process. */
export function untilStreaming(cluster: Cluster): Promise<number> {
  return eventually(async () => {
    const [row] = await cluster.adminQuery(
      `select a.pid::text as pid from pg_stat_replication a
         join pg_replication_slots s on s.active_pid = a.pid
        where a.application_name like 'walexplorer%' and s.confirmed_flush_lsn is not null
          and exists (select from pg_stat_activity b
                       where b.pid = a.pid and b.query like 'START_REPLICATION%')`,
    );
    return row?.['pid'] === undefined ? undefined : Number(row['pid']);
  }, 'a stream of ours');
}
