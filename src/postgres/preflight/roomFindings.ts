import { formatBytes } from '../../base/quantity';
import { numberOf, textOf } from '../catalog/rowValues';
import type { SqlSession } from '../sqlSession';
import { alterSystem } from './adviceSql';
import type { CheckFacts } from './checkFacts';
import type { CheckNeed } from './checkRequest';
import { ok, problem, warning, type Finding, type FindingCode } from './finding';

/** So many must stay free beside ours, for a standby that reconnects and for a backup. */
const MUST_STAY_FREE = 2;
const MOST_HOLDERS = 5;

interface Room {
  readonly code: FindingCode & ('slots' | 'senders');
  readonly what: string;
  readonly setting: string;
  readonly max: number;
  readonly free: number;
  /** What ours would take. */
  readonly taken: number;
  readonly holders: readonly string[];
  readonly more: number;
}

/** Whether a slot and a sender are left for us, and who has those that are taken. */
export async function roomFindings(
  session: SqlSession,
  { server, manager }: CheckFacts,
  need: CheckNeed,
): Promise<readonly Finding[]> {
  const slots = await session.query(`
    SELECT slot_name, active, pg_catalog.pg_wal_lsn_diff(
        CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
          ELSE pg_catalog.pg_current_wal_lsn() END, restart_lsn) AS retained
    FROM pg_catalog.pg_replication_slots
    ORDER BY active, 3 DESC NULLS LAST, slot_name LIMIT ${String(MOST_HOLDERS)}`);
  const senders = await session.query(`
    SELECT pid, application_name, usename FROM pg_catalog.pg_stat_replication
    ORDER BY pid LIMIT ${String(MOST_HOLDERS)}`);
  const rooms: readonly Room[] = [
    {
      code: 'slots',
      what: 'replication slot',
      setting: 'max_replication_slots',
      max: server.maxSlots,
      free: server.freeSlots,
      taken: need.wants === 'consume' ? 0 : 1,
      holders: slots.map(row => {
        const retained = numberOf(row, 'retained');
        const facts = [
          row.active === 't' ? 'in use' : 'idle',
          ...(retained === undefined ? [] : [`retains ${formatBytes(Math.max(0, retained))}`]),
        ];
        return `${JSON.stringify(textOf(row, 'slot_name') ?? '')} (${facts.join(', ')})`;
      }),
      more: server.maxSlots - server.freeSlots - slots.length,
    },
    {
      code: 'senders',
      what: 'WAL sender',
      setting: 'max_wal_senders',
      max: server.maxSenders,
      free: server.freeSenders,
      taken: 1,
      holders: senders.map(row => {
        const name = textOf(row, 'application_name') ?? '';
        const who = name === '' ? (textOf(row, 'usename') ?? '') : name;
        return `${JSON.stringify(who)} (PID ${textOf(row, 'pid') ?? '?'})`;
      }),
      more: server.maxSenders - server.freeSenders - senders.length,
    },
  ];
  return rooms.map(room => roomFinding(room, manager?.settings));
}

function roomFinding(room: Room, managed: string | undefined): Finding {
  const { code, what, setting, max, free, taken, holders, more } = room;
  const left = free - taken;
  const held =
    holders.length === 0
      ? ''
      : ` Taken: ${holders.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}.`;
  const count = `${String(free)} of ${String(max)} ${what}s ${free === 1 ? 'is' : 'are'} free`;
  if (taken === 0 || left >= MUST_STAY_FREE) return ok(code, `${count}.`);
  const end =
    code === 'slots' ? 'Drop a slot that nobody needs' : 'End a connection that nobody needs';
  const raise =
    managed === undefined
      ? `raise ${setting} and restart the server`
      : `raise ${setting} ${managed}`;
  const sql = managed === undefined ? alterSystem(setting, [String(max + 10)], false) : undefined;
  if (left < 0) return problem(code, `${count}.${held}`, `${end}, or ${raise}.`, sql);
  return warning(
    code,
    `${count}; two must stay free beside ours, for standbys and backups.${held}`,
    `${end}, or ${raise}. A stream asks before it takes one of the last (--force).`,
    sql,
  );
}
