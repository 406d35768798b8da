import type { Failure } from '../shared/connection';
import type { ServerFacts } from './catalog/serverFacts';
import { readServerFacts } from './catalog/serverFacts';
import { explainFailure } from './explainFailure';
import { openReplicationSession } from './replicationSession';
import { formatServers } from './serverList';
import type { SqlSession } from './sqlSession';

/** One thing that was looked at: in order, or with what to do about it. */
export interface CheckLine {
  /** Stable name of what was looked at; tests key on it. */
  readonly code:
    'connection' | 'server' | 'wal-level' | 'slots' | 'senders' | 'replication' | 'profile';
  /** `note` is worth knowing and needs nothing to be done. */
  readonly state: 'good' | 'note' | 'bad';
  readonly text: string;
  /** One sentence: what to do. Empty where there is nothing to do. */
  readonly advice: string;
}

/** One slot or sender for us, and two that stay free for standbys and backups. */
const ENOUGH_FREE = 3;

/**
 * Looks whether this server can be watched as this user: in the given session, and by opening a
 * replication connection beside it, since a service may grant that by other means than the role's own
 * attribute. Changes nothing; the walsender is gone when this resolves.
 */
export async function checkConnection(
  session: SqlSession,
  options: { readonly applicationName: string; readonly signal?: AbortSignal | undefined },
): Promise<readonly CheckLine[]> {
  const [row] = await session.query(`
    SELECT pg_catalog.current_setting('default_transaction_read_only') AS read_only, ssl.version AS tls
    FROM (SELECT 1) AS one
    LEFT JOIN pg_catalog.pg_stat_ssl AS ssl ON ssl.pid = pg_catalog.pg_backend_pid() AND ssl.ssl`);
  // Counted before our own walsender is there.
  const facts = await readServerFacts(session);
  const refusal = await replicationRefusal(session, options);
  const { user, database } = session.target;
  const tls = row?.['tls'] ?? null;
  return [
    good(
      'connection',
      `Connected to ${formatServers(session.target)} as ${user}, to the database ${database}, ${tls === null ? 'not encrypted' : `encrypted with ${tls}`}.`,
    ),
    serverLine(facts, row?.['read_only'] === 'on'),
    walLevelLine(facts),
    roomLine('slots', 'replication slots', facts.freeSlots, facts.maxSlots),
    roomLine('senders', 'WAL senders', facts.freeSenders, facts.maxSenders),
    refusal === undefined
      ? good('replication', 'The user may open replication connections.')
      : { code: 'replication', state: 'bad', text: refusal.message, advice: refusal.action },
  ];
}

async function replicationRefusal(
  session: SqlSession,
  options: { readonly applicationName: string; readonly signal?: AbortSignal | undefined },
): Promise<Failure | undefined> {
  const { target } = session;
  try {
    const replication = await openReplicationSession(target, options);
    try {
      await replication.identifySystem();
    } finally {
      await replication.close();
    }
    return undefined;
  } catch (error) {
    return explainFailure(error, { target });
  }
}

function serverLine(facts: ServerFacts, isReadOnly: boolean): CheckLine {
  const server = `PostgreSQL ${facts.version}`;
  if (facts.role === 'standby') {
    return note(
      'server',
      `${server}, a standby: it can be looked at; changes belong on its primary.`,
    );
  }
  return isReadOnly
    ? note('server', `${server}, the primary, read-only by default_transaction_read_only.`)
    : good('server', `${server}, the primary.`);
}

function walLevelLine({ walLevel, effectiveWalLevel, versionNum, role }: ServerFacts): CheckLine {
  const level = effectiveWalLevel ?? walLevel;
  if (level === 'logical')
    return good('wal-level', 'wal_level is logical: changes can be decoded.');
  if (effectiveWalLevel !== undefined && walLevel === 'replica' && versionNum >= 190_000) {
    return note('wal-level', 'wal_level is replica: the first logical slot raises it to logical.');
  }
  return {
    code: 'wal-level',
    state: 'bad',
    text: `wal_level is ${level}: nothing can be decoded here.`,
    advice: `Set wal_level = logical ${role === 'standby' ? 'on the primary' : 'on the server'} and restart it.`,
  };
}

function roomLine(code: 'slots' | 'senders', what: string, free: number, max: number): CheckLine {
  const text = `${free} of ${max} ${what} are free`;
  if (free >= ENOUGH_FREE) return good(code, `${text}.`);
  const setting = code === 'slots' ? 'max_replication_slots' : 'max_wal_senders';
  const end =
    code === 'slots' ? 'Drop a slot that nobody needs' : 'End a connection that nobody needs';
  return {
    code,
    state: 'bad',
    text: free === 0 ? `${text}.` : `${text}; two stay free for standbys and backups.`,
    advice: `${end}, or raise ${setting} and restart the server.`,
  };
}

function good(code: CheckLine['code'], text: string): CheckLine {
  return { code, state: 'good', text, advice: '' };
}

function note(code: CheckLine['code'], text: string): CheckLine {
  return { code, state: 'note', text, advice: '' };
}
