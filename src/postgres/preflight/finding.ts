/** What is looked at; tests, menus and scripts key on it. */
export type FindingCode =
  | 'reachable'
  | 'tls'
  | 'version'
  | 'role'
  | 'manager'
  | 'pooler'
  | 'replication'
  | 'wal-level'
  | 'slots'
  | 'senders'
  | 'plugin'
  | 'slot'
  | 'slot-database'
  | 'slot-consumer'
  | 'slot-wal'
  | 'slot-options'
  | 'publication'
  | 'replica-identity'
  | 'synchronous'
  | 'transactions'
  | 'keep-size'
  | 'decoding-memory'
  | 'sender-timeout'
  | 'encoding'
  | 'role-settings'
  | 'statistics'
  | 'system-identifier'
  | 'profile';

/**
 * `ok`: nothing needs to be done. `warning`: it works, and costs or hides something. `problem`: what is
 * wanted cannot begin, or shows nothing. `unknown`: it cannot be seen from here.
 */
export type FindingState = 'ok' | 'warning' | 'problem' | 'unknown';

/** One thing that was looked at before a stream begins, for a person. Plain data. */
export interface Finding {
  readonly code: FindingCode;
  readonly state: FindingState;
  /** Two or three words, such as `WAL level`. */
  readonly subject: string;
  /** What is so: one or two sentences. */
  readonly sentence: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly action: string;
  /** Statements that do it, for whoever may: names and values are quoted. Never run by us. */
  readonly sql?: string;
  /** Of a connection that failed: the code of its {@link Failure}. */
  readonly cause?: string;
}

const SUBJECTS: Readonly<Record<FindingCode, string>> = {
  reachable: 'Connection',
  tls: 'Encryption',
  version: 'Version',
  role: 'Role of the server',
  manager: 'Managed by',
  pooler: 'Pooler',
  replication: 'Replication',
  'wal-level': 'WAL level',
  slots: 'Replication slots',
  senders: 'WAL senders',
  plugin: 'Output plugin',
  slot: 'Slot',
  'slot-database': "Slot's database",
  'slot-consumer': 'Consumer',
  'slot-wal': "Slot's WAL",
  'slot-options': "Slot's options",
  publication: 'Publication',
  'replica-identity': 'Replica identity',
  synchronous: 'Synchronous replication',
  transactions: 'Long transactions',
  'keep-size': 'Retained WAL',
  'decoding-memory': 'Decoding memory',
  'sender-timeout': 'Sender timeout',
  encoding: 'Encoding',
  'role-settings': 'Settings of the role',
  statistics: 'Statistics',
  'system-identifier': 'System identifier',
  profile: 'Read-only',
};

export function ok(code: FindingCode, sentence: string, action = '', sql?: string): Finding {
  return finding('ok', code, sentence, action, sql);
}

export function warning(
  code: FindingCode,
  sentence: string,
  action: string,
  sql?: string,
): Finding {
  return finding('warning', code, sentence, action, sql);
}

export function problem(
  code: FindingCode,
  sentence: string,
  action: string,
  sql?: string,
): Finding {
  return finding('problem', code, sentence, action, sql);
}

export function unknown(
  code: FindingCode,
  sentence: string,
  action: string,
  sql?: string,
): Finding {
  return finding('unknown', code, sentence, action, sql);
}

function finding(
  state: FindingState,
  code: FindingCode,
  sentence: string,
  action: string,
  sql: string | undefined,
): Finding {
  return {
    code,
    state,
    subject: SUBJECTS[code],
    sentence,
    action,
    ...(sql === undefined ? {} : { sql }),
  };
}

/** `"a", "b" and 3 more`: names as somebody reads them, at most so many. */
export function nameList(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).map(name => JSON.stringify(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ');
}
