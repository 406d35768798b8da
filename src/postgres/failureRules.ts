import type { ConnectionTarget } from '../shared/connection';
import { formatTarget } from './formatTarget';
import { quoteIdentifier } from './quote';

export interface FailureContext {
  readonly target: ConnectionTarget;
  /** Slot that was asked for, where there was one. */
  readonly slot?: string;
  /** Whether this process runs in a container; looked up when absent. */
  readonly inContainer?: boolean;
}

/** One cause of failure: how to recognise it, and what to say. First match wins. */
export interface FailureRule {
  /** SQLSTATEs, or codes of Node's errors. */
  readonly states: readonly string[];
  /** Where the same code is no end of the connection as well. The server may speak another language. */
  readonly severity?: 'FATAL';
  /** Part of the message, where the code alone says too little. The server may speak another language. */
  readonly text?: RegExp;
  readonly code: string;
  readonly message: (context: FailureContext, error: string) => string;
  readonly action: (context: FailureContext) => string;
}

const where = ({ target }: FailureContext): string => formatTarget(target);
const server = ({ target }: FailureContext): string => `${target.host}:${String(target.port)}`;
const slotName = ({ slot }: FailureContext): string =>
  slot === undefined ? 'the slot' : `the slot "${slot}"`;
const none = (): string => '';

/** What the server reports, by SQLSTATE (doc: "PostgreSQL Error Codes"). */
export const SERVER_RULES: readonly FailureRule[] = [
  {
    states: ['28P01'],
    code: 'password-wrong',
    message: context =>
      `${server(context)} did not accept the password of user "${context.target.user}".`,
    // The server answers the same where there is no such user, lest somebody try names.
    action: () => 'Enter the password again; check that the user exists and the password is valid.',
  },
  {
    states: ['28000'],
    text: /role "|rôle|not permitted to log in/i,
    code: 'role-missing',
    message: ({ target }) =>
      `The user "${target.user}" does not exist on ${target.host} or may not log in.`,
    action: () => 'Correct the user name.',
  },
  {
    states: ['28000'],
    code: 'pg-hba',
    message: context =>
      `The server does not admit ${where(context)} from this address: no entry of pg_hba.conf lets it in.`,
    action: ({ target }) =>
      target.sslMode === 'disable'
        ? 'Ask for an entry in pg_hba.conf, or try with TLS (sslmode=require).'
        : 'Ask for an entry in pg_hba.conf for this user, database and address.',
  },
  {
    states: ['3D000'],
    code: 'database-missing',
    message: ({ target }) => `The database "${target.database}" does not exist on ${target.host}.`,
    action: () => 'Correct the name of the database.',
  },
  {
    states: ['42501'],
    text: /output plugin/i,
    code: 'plugin-not-allowed',
    message: (_, error) => `The server does not allow this output plugin: ${error}.`,
    action: () =>
      'Ask a superuser to add it to output_plugin_libraries, keeping what the list has, and to reload the configuration.',
  },
  {
    states: ['42501'],
    // Not an object that only has the word in its name.
    text: /^(?!must be owner of |permission denied for ).*(?:replication|wal ?sender)/i,
    code: 'no-replication-privilege',
    message: ({ target }) => `The user "${target.user}" may not replicate.`,
    action: ({ target }) => {
      const role = plainName(target.user);
      return `Ask a superuser for: ALTER ROLE ${role} REPLICATION; (on Amazon RDS: GRANT rds_replication TO ${role};).`;
    },
  },
  {
    states: ['42501'],
    severity: 'FATAL',
    text: /permission denied for database/i,
    code: 'no-connect-privilege',
    message: ({ target }) =>
      `The user "${target.user}" may not connect to the database "${target.database}".`,
    action: ({ target }) =>
      `Ask its owner for: GRANT CONNECT ON DATABASE ${plainName(target.database)} TO ${plainName(target.user)};`,
  },
  {
    states: ['42501'],
    // Connected already, so it is CREATE that is missing.
    text: /permission denied for database/i,
    code: 'no-create-privilege',
    message: ({ target }) =>
      `The user "${target.user}" may not create anything in the database "${target.database}".`,
    action: ({ target }) =>
      `Ask its owner for: GRANT CREATE ON DATABASE ${plainName(target.database)} TO ${plainName(target.user)};`,
  },
  {
    states: ['42501'],
    text: /must be (?:owner of|superuser to create)/i,
    code: 'no-privilege',
    message: ({ target }, error) => `The user "${target.user}" lacks a privilege: ${error}.`,
    action: () =>
      'A table is published by its owner, a whole schema or all tables by a superuser: use such a user.',
  },
  {
    states: ['42501'],
    code: 'no-privilege',
    message: ({ target }, error) => `The user "${target.user}" lacks a privilege: ${error}.`,
    action: () => 'Ask for the privilege, or use another user.',
  },
  {
    states: ['25006'],
    code: 'read-only-server',
    message: (context, error) => `${server(context)} takes no changes here: ${error}.`,
    action: () =>
      'Connect to the primary, or ask why default_transaction_read_only is on for this user or database.',
  },
  {
    states: ['53300'],
    text: /max_wal_senders|standby connections/i,
    code: 'no-free-sender',
    message: context => `All WAL senders of ${server(context)} are in use.`,
    action: () => 'Wait until one is free, or raise max_wal_senders.',
  },
  {
    states: ['53300'],
    code: 'too-many-connections',
    message: context => `${server(context)} has no connection left for this user.`,
    action: () => 'Close other connections, or try again later.',
  },
  {
    states: ['53400'],
    text: /slot/i,
    code: 'no-free-slot',
    message: context => `All replication slots of ${server(context)} are in use.`,
    action: () => 'Drop a slot that nobody needs, or raise max_replication_slots.',
  },
  {
    states: ['55006'],
    code: 'slot-in-use',
    message: (context, error) => `Somebody else reads ${slotName(context)}: ${error}.`,
    action: () => 'Peek instead, which works beside a consumer, or stop that consumer.',
  },
  {
    states: ['42704'],
    text: /publication/i,
    code: 'publication-missing',
    message: (_, error) => `A publication does not exist where the slot stands in WAL: ${error}.`,
    action: () => 'Check the name. A publication that was made after the slot needs a new slot.',
  },
  {
    states: ['42704'],
    code: 'slot-missing',
    message: context => `${capital(slotName(context))} does not exist.`,
    action: () => 'Refresh the list of slots.',
  },
  {
    states: ['58P01'],
    code: 'plugin-missing',
    message: (_, error) => `The server does not have this output plugin: ${error}.`,
    action: () => 'Install the plugin on the server, or use pgoutput.',
  },
  {
    states: ['55000', '0A000'],
    text: /wal_level/i,
    code: 'wal-level',
    message: context => `The wal_level of ${server(context)} is too low for logical decoding.`,
    action: () => 'Set wal_level = logical on the primary and restart it.',
  },
  {
    states: ['55000', '0A000'],
    text: /recovery|standby/i,
    code: 'standby-unsupported',
    message: (_, error) => `This standby cannot do logical decoding: ${error}.`,
    action: () => 'Connect to the primary; standbys decode from version 16 on.',
  },
  {
    states: ['55000'],
    text: /not currently accepting connections/i,
    code: 'database-closed',
    message: ({ target }) =>
      `The database "${target.database}" on ${target.host} is closed to connections.`,
    action: ({ target }) =>
      `Choose another database, or ask for: ALTER DATABASE ${plainName(target.database)} ALLOW_CONNECTIONS true;`,
  },
  {
    states: ['55000', '0A000'],
    text: /another database|not created in this database/i,
    code: 'slot-other-database',
    message: context => `${capital(slotName(context))} belongs to another database.`,
    action: () => "Connect to the slot's own database.",
  },
  {
    states: ['55000'],
    text: /cop(y|ied).*(unfinished|not yet)|unfinished/i,
    code: 'slot-unfinished',
    message: context => `${capital(slotName(context))} is not ready yet.`,
    action: () => 'Wait until its creation is finished.',
  },
  {
    states: ['55000', '0A000', 'XX000', '58P02'],
    text: /invalidated|no longer|removed|copy a (logical )?replication slot|WAL segment/i,
    code: 'slot-lost',
    message: context =>
      `${capital(slotName(context))} is lost: WAL that it needs is gone, or it was invalidated.`,
    action: () => 'Nothing can be read from it any more; its consumer needs a new slot.',
  },
  {
    states: ['57P03'],
    text: /shutting down|shut down/i,
    code: 'server-shutdown',
    message: context => `${server(context)} is shutting down.`,
    action: () => 'Try again when it is up.',
  },
  {
    states: ['57P03'],
    code: 'server-starting',
    message: (context, error) => `${server(context)} does not take connections now: ${error}.`,
    action: () => 'Try again in a moment.',
  },
  {
    states: ['57P01', '57P02'],
    code: 'server-shutdown',
    message: context =>
      `${server(context)} ended the connection: it shuts down, or an administrator ended the session.`,
    action: () => 'Try again when it is up.',
  },
  {
    states: ['57P05', '25P03', '25P04'],
    code: 'session-timeout',
    message: (_, error) => `The server ended the session: ${error}.`,
    action: () => 'Try again.',
  },
  {
    states: ['55P03'],
    code: 'lock-timeout',
    message: () => 'The wait for running transactions took too long.',
    action: () => 'End the transactions that run for long, or try again later.',
  },
  {
    states: ['57014'],
    code: 'cancelled',
    message: (_, error) => `The statement was given up: ${error}.`,
    action: none,
  },
  {
    states: ['42601', '08P01', '0A000'],
    text: /syntax error|startup parameter|replication connection|not supported by pgbouncer|extended query|unsupported/i,
    code: 'pooler',
    message: context =>
      `${server(context)} does not speak the replication protocol: a connection pooler stands in the way.`,
    action: () => 'Connect to the Postgres server itself, past PgBouncer or the like.',
  },
];

/** For SQL that somebody copies: quoted unless it is plain, since a name can hold anything. */
function plainName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteIdentifier(name);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
