import { readServerFacts, type ServerFacts } from '../catalog/serverFacts';
import { flagOf, namesOf, numberOf, textOf } from '../catalog/rowValues';
import type { SqlSession } from '../sqlSession';
import { managerOf, type Manager } from './manager';

/** What the findings about a server are made from, beside {@link ServerFacts}. */
export interface CheckFacts {
  readonly server: ServerFacts;
  /** Settings as this role sees them, in their base units; those it may not see are absent. */
  readonly settings: ReadonlyMap<string, string>;
  /** What the server says of the connection's encryption; undefined for none. */
  readonly tlsVersion: string | undefined;
  /** The server process that runs our statements: another one than we connected to where a pooler is. */
  readonly servingPid: number;
  readonly mayReadStatistics: boolean;
  readonly mayReadControlFile: boolean;
  /** `name=value` of ALTER ROLE and ALTER DATABASE that count for this role here. */
  readonly roleSettings: readonly string[];
  readonly manager: Manager | undefined;
}

/** The settings that findings tell of. */
const SETTINGS = [
  'output_plugin_libraries',
  'hot_standby_feedback',
  'primary_slot_name',
  'logical_decoding_work_mem',
  'wal_sender_timeout',
  'default_transaction_read_only',
  'server_encoding',
];

/** A few queries; no privilege needed, nothing changed. */
export async function readCheckFacts(session: SqlSession): Promise<CheckFacts> {
  const server = await readServerFacts(session);
  const [row = {}] = await session.query(`
    SELECT pg_catalog.pg_backend_pid() AS pid,
      (SELECT version FROM pg_catalog.pg_stat_ssl
        WHERE pid = pg_catalog.pg_backend_pid() AND ssl) AS tls,
      pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS statistics,
      pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS control_file,
      (SELECT pg_catalog.to_json(pg_catalog.array_agg(setting))
        FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS setting
        WHERE setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
          AND setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database
            WHERE datname = pg_catalog.current_database()))) AS role_settings`);
  const settings = await session.query(
    `SELECT name, setting FROM pg_catalog.pg_settings
      WHERE name = ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json)))`,
    [JSON.stringify(SETTINGS)],
  );
  return {
    server,
    settings: new Map(settings.map(each => [textOf(each, 'name') ?? '', each.setting ?? ''])),
    tlsVersion: textOf(row, 'tls'),
    servingPid: numberOf(row, 'pid') ?? 0,
    mayReadStatistics: flagOf(row, 'statistics'),
    mayReadControlFile: flagOf(row, 'control_file'),
    roleSettings: namesOf(row, 'role_settings'),
    manager: await managerOf(session),
  };
}
