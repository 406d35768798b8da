/**
 * Who wrote a transaction, as `pg_stat_activity` showed it while the transaction ran. The WAL itself never
 * names anybody, so what is short may not have been seen.
 */
export type Who = WhoSeen | WhoNotSeen;

/** The server was sampled while the transaction ran, and it was not among what was seen. */
export interface WhoNotSeen {
  readonly seen: false;
}

export interface WhoSeen {
  readonly seen: true;
  /** `application_name`; may be empty. */
  readonly application: string;
  readonly user: string;
  /** `address:port`, or `local socket`; empty where our role may not see it. */
  readonly client: string;
  /** Process of the server; 0 where only the prepared transaction was seen, which has none. */
  readonly pid: number;
  /** When that process was started; empty where our role may not see it. */
  readonly backendStart: string;
  /** The statement that ran, or the last one that had, when it was seen last; empty where not `queryVisible`. */
  readonly query: string;
  /** The statement was longer than what is kept of it. */
  readonly queryCut: boolean;
  /** False: our role may see only its own statements (pg_read_all_stats lets it see all). */
  readonly queryVisible: boolean;
  /** By the server's clock, ISO 8601 with microseconds. */
  readonly firstSeen: string;
  readonly seenAt: string;
  /** The name that PREPARE TRANSACTION gave it; empty where it was not seen prepared. */
  readonly prepared: string;
}

/** Most characters of a statement that are kept. */
export const WHO_QUERY_LIMIT = 1000;

/** The short form of {@link Who} for a column: empty where it was looked for and not seen. */
export function whoName(who: Who): string {
  if (!who.seen) return '';
  return who.application === '' ? who.user : who.application;
}
