/**
 * Settings that every session of ours has whatever the role, the database or the server prescribe:
 * a role with DateStyle German and extra_float_digits -5 would otherwise show values that are not
 * what is stored. search_path and quote_all_identifiers decide how `regclass` and its like are written.
 */
const VALUE_SETTINGS: Readonly<Record<string, string>> = {
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  timezone: 'UTC',
  search_path: 'pg_catalog',
  quote_all_identifiers: 'off',
  // No debug output for us, but every warning: 18 and later only warn where a publication is gone.
  client_min_messages: 'notice',
  // A hot standby refuses serializable, and deferrable ones wait for other transactions.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  idle_session_timeout: '0',
  // The server finds out within about 45 seconds that we are gone without a word.
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
};

/** For sessions that ask the catalog. A query of ours never runs long, whoever holds a lock. */
export function sqlSessionSettings(statementTimeoutMs: number): Readonly<Record<string, string>> {
  return {
    ...VALUE_SETTINGS,
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: '5000',
    idle_in_transaction_session_timeout: '60000',
  };
}

/** For sessions that decode. `walSenderTimeoutMs`: after this silence of ours the server ends us. */
export function replicationSettings(walSenderTimeoutMs: number): Readonly<Record<string, string>> {
  return {
    ...VALUE_SETTINGS,
    statement_timeout: '0',
    lock_timeout: '0',
    wal_sender_timeout: String(walSenderTimeoutMs),
  };
}

/**
 * The encoding to ask for, or undefined when the session has it already. UTF-8, but in an SQL_ASCII
 * database the server would refuse to convert and end the stream: its bytes are taken as they are.
 */
export function clientEncodingToSet(parameters: ReadonlyMap<string, string>): string | undefined {
  const wanted = parameters.get('server_encoding') === 'SQL_ASCII' ? 'SQL_ASCII' : 'UTF8';
  return parameters.get('client_encoding') === wanted ? undefined : wanted;
}

/**
 * The server's version as `server_version_num` has it, from the text it reports at the start:
 * `18.4`, `16.3 (Debian 16.3-1)`, `19beta2`. 0 when it cannot be read.
 */
export function versionNumber(serverVersion: string | undefined): number {
  const match = /^(\d+)(?:\.(\d+))?/.exec(serverVersion ?? '');
  if (match === null) return 0;
  return Number(match[1]) * 10_000 + Number(match[2] ?? 0);
}
