import { namesOf } from '../catalog/rowValues';
import type { SqlSession } from '../sqlSession';
import { grantMembership } from './adviceSql';

/** Who runs a server beside its owner, and so has a word in slots, settings and privileges. */
export interface Manager {
  readonly name: string;
  /** What that means for a stream; one or two sentences. */
  readonly remark: string;
  /** How its settings are changed, where ALTER SYSTEM is not for users; undefined where it is. */
  readonly settings: string | undefined;
  /** The statement that lets a role replicate, where it is another one than usual. */
  readonly grant?: (role: string) => string;
}

interface Mark extends Manager {
  /** A role, or the beginning of a setting's name or of an application_name. */
  readonly by: { readonly role?: string; readonly setting?: string; readonly application?: string };
}

const temporary = 'Tails and peeks use temporary slots, which it leaves alone.';

/** By what each of them leaves on its servers; the first that fits. */
const MARKS: readonly Mark[] = [
  {
    name: 'Amazon RDS or Aurora',
    by: { role: 'rds_superuser' },
    remark: 'Replication is granted by membership in rds_replication.',
    settings:
      'in its parameter group (wal_level is rds.logical_replication there), and reboot where it needs a restart',
    grant: role => grantMembership('rds_replication', role),
  },
  {
    name: 'Google Cloud SQL or AlloyDB',
    by: { role: 'cloudsqlsuperuser' },
    remark: 'Settings are database flags there.',
    settings:
      'as a database flag (wal_level is cloudsql.logical_decoding, or alloydb.logical_decoding)',
  },
  {
    name: 'Azure Database for PostgreSQL',
    by: { role: 'azure_pg_admin' },
    remark: 'Settings are server parameters there.',
    settings: 'among its server parameters',
  },
  {
    name: 'Neon',
    by: { role: 'neon_superuser' },
    remark:
      'It removes slots that nobody has read for about 40 hours, and a running tail keeps the compute awake, which is paid for.',
    settings: 'in its console (logical replication is a setting of the project)',
  },
  {
    name: 'Supabase',
    by: { role: 'supabase_admin' },
    remark: 'Its pooler takes no replication: connect directly.',
    settings: 'with its command line',
  },
  {
    name: 'Patroni',
    by: { application: 'Patroni' },
    remark: `It drops persistent slots that its configuration does not name. ${temporary}`,
    settings: 'in its dynamic configuration (patronictl edit-config)',
  },
  {
    name: 'CloudNativePG',
    by: { setting: 'cnpg.', application: 'cnpg_' },
    remark: `Settings and slots belong into the Cluster resource. ${temporary}`,
    settings: 'in its Cluster resource (spec.postgresql.parameters)',
  },
];

/** The service or program that manages the server, by its marks; undefined where there are none. */
export async function managerOf(session: SqlSession): Promise<Manager | undefined> {
  const [row = {}] = await session.query(
    `SELECT
      (SELECT pg_catalog.to_json(pg_catalog.array_agg(rolname)) FROM pg_catalog.pg_roles
        WHERE rolname = ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json))))
        AS roles,
      (SELECT pg_catalog.to_json(pg_catalog.array_agg(name)) FROM pg_catalog.pg_settings
        WHERE name LIKE '%.%') AS settings,
      (SELECT pg_catalog.to_json(pg_catalog.array_agg(DISTINCT application_name))
        FROM pg_catalog.pg_stat_activity) AS applications`,
    [JSON.stringify(MARKS.flatMap(({ by }) => by.role ?? []))],
  );
  return managerByMarks({
    roles: namesOf(row, 'roles'),
    settings: namesOf(row, 'settings'),
    applications: namesOf(row, 'applications'),
  });
}

export function managerByMarks(seen: {
  readonly roles: readonly string[];
  readonly settings: readonly string[];
  readonly applications: readonly string[];
}): Manager | undefined {
  return MARKS.find(({ by: { role, setting, application } }) => {
    if (role !== undefined && seen.roles.includes(role)) return true;
    if (setting !== undefined && seen.settings.some(name => name.startsWith(setting))) return true;
    return (
      application !== undefined && seen.applications.some(name => name.startsWith(application))
    );
  });
}
