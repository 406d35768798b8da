import type { Lsn } from '../../base/lsn';
import { isOwnName } from '../ownName';
import type { SqlRow, SqlSession } from '../sqlSession';
import { CURRENT_LSN } from './currentLsn';
import { flagOf, lsnOf, numberOf, textOf } from './rowValues';
import { classifySlot, type SlotHealth } from './slotHealth';

/** Who reads a slot now. */
export interface SlotConsumer {
  readonly pid: number;
  readonly applicationName: string;
  readonly user: string;
  /** Address, or empty for a local socket and where we may not see it. */
  readonly client: string;
  /** Its command, where our role may see it (pg_read_all_stats): see consumerOptions. */
  readonly query: string | undefined;
  /** Text as the server prints it. */
  readonly since: string;
}

export interface SlotInfo {
  readonly name: string;
  readonly type: 'logical' | 'physical';
  readonly plugin: string | undefined;
  readonly database: string | undefined;
  readonly temporary: boolean;
  readonly active: boolean;
  readonly consumer: SlotConsumer | undefined;
  readonly restartLsn: Lsn | undefined;
  readonly confirmedFlushLsn: Lsn | undefined;
  /** Bytes of WAL from restart_lsn to now: what the server keeps, and must read for a peek. */
  readonly retainedBytes: number | undefined;
  /** Bytes of WAL from confirmed_flush_lsn to now: how far the consumer is behind. */
  readonly pendingBytes: number | undefined;
  readonly walStatus: string | undefined;
  readonly safeWalSize: number | undefined;
  readonly twoPhase: boolean;
  readonly failover: boolean;
  /**
   * Copied here from a primary (17 and later): can be neither decoded nor dropped. After a promotion the
   * server leaves its mark on the slot, and it means nothing any more.
   */
  readonly synced: boolean;
  readonly inactiveSince: string | undefined;
  readonly health: SlotHealth;
  readonly healthExplanation: string;
  /** Made by this product, in this or another window. */
  readonly isOurs: boolean;
  /** Every column of pg_replication_slots that this version has, in its order. */
  readonly columns: Readonly<Record<string, string | null>>;
}

/** Columns that this query adds to the view's own; no version has a column with such a name. */
const ADDED = 'walexplorer_';

/** All slots of the cluster by name, one query. */
export async function readSlots(session: SqlSession): Promise<readonly SlotInfo[]> {
  return (await session.query(`${SLOT_QUERY} ORDER BY s.slot_name`)).map(toSlot);
}

/** `danger`: what may harm soonest first; `name`: by name. */
export type SlotOrder = 'danger' | 'name';

export interface SlotPageQuery {
  readonly order: SlotOrder;
  /** Part of a name, a database, a plugin or a consumer's application name, in any case; empty for all. */
  readonly filter: string;
  /** Most slots to give. */
  readonly limit: number;
}

export interface SlotPage {
  readonly slots: readonly SlotInfo[];
  /** Slots that the filter lets through, also those beyond the limit. */
  readonly matching: number;
}

/** How far a slot holds WAL back, in steps of four from 64 MB on; 0 below. */
const HELD_BACK = `pg_catalog.floor(pg_catalog.log(4.0, GREATEST(16777216.0,
  pg_catalog.pg_wal_lsn_diff(now.lsn, s.restart_lsn)) / 16777216.0))`;

/**
 * The order of danger: WAL about to be removed, then lost, then by what is retained, and idle before used
 * among those that retain much. In steps, so that slots at work do not change places with every reading, nor
 * a small one whenever its consumer comes or goes: a line must not move away from under the pointer.
 */
const ORDER_BY: Readonly<Record<SlotOrder, string>> = {
  danger: `CASE s.wal_status WHEN 'unreserved' THEN 0 WHEN 'lost' THEN 1 ELSE 2 END,
    ${HELD_BACK} DESC, ${HELD_BACK} > 0 AND s.active, s.slot_name`,
  name: 's.slot_name',
};

/** The first slots in an order, one query: of a thousand, only those that are shown are sent. */
export async function readSlotPage(session: SqlSession, query: SlotPageQuery): Promise<SlotPage> {
  const rows = await session.query(
    `${SLOT_QUERY}
      WHERE $1 = '' OR pg_catalog.strpos(pg_catalog.lower(pg_catalog.concat_ws(' ',
        s.slot_name, s.database, s.plugin, a.application_name)), pg_catalog.lower($1)) > 0
      ORDER BY ${ORDER_BY[query.order]} LIMIT $2`,
    [query.filter, String(query.limit)],
  );
  const matching = rows[0] === undefined ? 0 : numberOf(rows[0], `${ADDED}matching`);
  return { slots: rows.map(toSlot), matching: matching ?? 0 };
}

/** One slot, or undefined when there is none of that name. */
export async function readSlot(session: SqlSession, name: string): Promise<SlotInfo | undefined> {
  const rows = await session.query(`${SLOT_QUERY} WHERE s.slot_name = $1`, [name]);
  return rows[0] === undefined ? undefined : toSlot(rows[0]);
}

const SLOT_QUERY = `
  WITH now AS MATERIALIZED (
    SELECT ${CURRENT_LSN} AS lsn, pg_catalog.pg_is_in_recovery() AS standby)
  SELECT s.*, a.application_name AS ${ADDED}application, a.usename AS ${ADDED}user,
    a.client_addr AS ${ADDED}client, a.query AS ${ADDED}query, a.backend_start AS ${ADDED}since,
    pg_catalog.pg_wal_lsn_diff(now.lsn, s.restart_lsn) AS ${ADDED}retained,
    pg_catalog.pg_wal_lsn_diff(now.lsn, s.confirmed_flush_lsn) AS ${ADDED}pending,
    now.standby AS ${ADDED}standby,
    pg_catalog.count(*) OVER () AS ${ADDED}matching
  FROM now CROSS JOIN pg_catalog.pg_replication_slots s
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid`;

function toSlot(row: SqlRow): SlotInfo {
  const isLogical = row.slot_type === 'logical';
  const restartLsn = lsnOf(row, 'restart_lsn');
  const confirmedFlushLsn = lsnOf(row, 'confirmed_flush_lsn');
  const walStatus = textOf(row, 'wal_status');
  const { health, explanation } = classifySlot({
    isLogical,
    walStatus,
    hasRestartLsn: restartLsn !== undefined,
    hasConfirmedLsn: confirmedFlushLsn !== undefined,
    invalidationReason: textOf(row, 'invalidation_reason'),
    conflicting: flagOf(row, 'conflicting'),
  });
  const name = textOf(row, 'slot_name') ?? '';
  return {
    name,
    type: isLogical ? 'logical' : 'physical',
    plugin: textOf(row, 'plugin'),
    database: textOf(row, 'database'),
    temporary: flagOf(row, 'temporary'),
    active: flagOf(row, 'active'),
    consumer: toConsumer(row),
    restartLsn,
    confirmedFlushLsn,
    retainedBytes: bytesOf(row, `${ADDED}retained`),
    pendingBytes: bytesOf(row, `${ADDED}pending`),
    walStatus,
    safeWalSize: numberOf(row, 'safe_wal_size'),
    twoPhase: flagOf(row, 'two_phase'),
    failover: flagOf(row, 'failover'),
    synced: flagOf(row, 'synced') && flagOf(row, `${ADDED}standby`),
    inactiveSince: textOf(row, 'inactive_since'),
    health,
    healthExplanation: explanation,
    isOurs: isOwnName(name),
    columns: Object.fromEntries(
      Object.entries(row).filter(([column]) => !column.startsWith(ADDED)),
    ),
  };
}

function toConsumer(row: SqlRow): SlotConsumer | undefined {
  const pid = numberOf(row, 'active_pid');
  if (pid === undefined) return undefined;
  const query = textOf(row, `${ADDED}query`);
  return {
    pid,
    applicationName: textOf(row, `${ADDED}application`) ?? '',
    user: textOf(row, `${ADDED}user`) ?? '',
    client: textOf(row, `${ADDED}client`) ?? '',
    // What pg_stat_activity shows to those who may not see the text.
    query: query === '' || query === '<insufficient privilege>' ? undefined : query,
    since: textOf(row, `${ADDED}since`) ?? '',
  };
}

/** A standby may have replayed less than a slot's position: that retains nothing. */
function bytesOf(row: SqlRow, column: string): number | undefined {
  const bytes = numberOf(row, column);
  return bytes === undefined ? undefined : Math.max(0, bytes);
}
