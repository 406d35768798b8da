import type { ConnectionTarget } from '../shared/connection';
import { toLsn, type Lsn } from '../base/lsn';
import { CURRENT_LSN } from './catalog/currentLsn';
import { lsnOf, numberOf, textOf } from './catalog/rowValues';
import { ServerError } from './serverError';
import { openSqlSession, type SessionOptions, type SqlSession } from './sqlSession';

/** What the watch saw at one look. */
export interface WatchSample {
  /** By the server's clock, ISO 8601. */
  readonly at: string;
  /** The slot that is watched exists. */
  readonly slotExists: boolean;
  /** Bytes of WAL that the server keeps for it; undefined when there is no slot or no position yet. */
  readonly retainedBytes: number | undefined;
  readonly walStatus: string | undefined;
  readonly confirmedFlushLsn: Lsn | undefined;
  readonly currentLsn: Lsn;
  readonly synchronousStandbyNames: string;
  /** Bytes of WAL that a slot may keep at most; undefined for no limit. */
  readonly maxSlotWalKeepBytes: number | undefined;
}

/** Why the server is to be left alone: it said so, or it cannot be asked any more. */
export type GoneReason = 'shutdown' | 'unreachable';

export interface ShutdownWatchOptions extends SessionOptions {
  /** The slot whose WAL is watched; may not exist yet. */
  readonly slot: string;
  readonly onSample: (sample: WatchSample) => void;
  /** Called once: the stream's socket has to be closed at once, or the server waits for it. */
  readonly onGone: (reason: GoneReason, error: Error | undefined) => void;
  readonly pollMs?: number;
}

const POLL_MS = 2_000;
/** A look that takes longer means that the server or the network is gone. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Opens the watch's session and takes a first sample; rejects when that fails. */
export async function openShutdownWatch(
  target: ConnectionTarget,
  options: ShutdownWatchOptions,
): Promise<ShutdownWatch> {
  const watch = new ShutdownWatch(target, options);
  await watch.open();
  return watch;
}

/**
 * A plain session beside a stream. At a shutdown the server ends plain sessions first and then waits
 * for each walsender's client to take everything: when this session is ended, the stream must go.
 * The same session looks every two seconds at what our slot costs and at the settings that concern
 * a stream.
 */
export class ShutdownWatch {
  readonly #target: ConnectionTarget;
  readonly #options: ShutdownWatchOptions;
  #session: SqlSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(target: ConnectionTarget, options: ShutdownWatchOptions) {
    this.#target = target;
    this.#options = options;
  }

  async open(): Promise<void> {
    const { signal } = this.#options;
    await this.#connect(this.#target, signal);
    try {
      await this.#session?.answersInTime(() => this.#look(), signal, ANSWER_TIMEOUT_MS);
    } catch (error) {
      // Nobody has a watch that was not opened: its session is not restored.
      this.#closed = true;
      this.#session?.destroy();
      throw error;
    }
    this.#schedule();
  }

  /** The watch's session, for other questions to the same server; undefined while it is restored. */
  get session(): SqlSession | undefined {
    return this.#session;
  }

  /** Takes a sample now, such as after our slot was made. */
  async sampleNow(): Promise<void> {
    await this.#look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#session?.close();
  }

  async #connect(target: ConnectionTarget, signal?: AbortSignal): Promise<void> {
    const session = await openSqlSession(target, {
      applicationName: this.#options.applicationName,
      signal,
    });
    if (this.#closed) {
      session.destroy();
      return;
    }
    this.#session = session;
    session.onEnd(end => {
      this.#session = undefined;
      if (this.#closed) return;
      if (isShutdown(end.error)) this.#gone('shutdown', end.error);
      else void this.#restore();
    });
  }

  /** One more attempt: a session can be lost for reasons of its own. */
  async #restore(): Promise<void> {
    try {
      await this.#connect({ ...this.#target, connectTimeout: ANSWER_TIMEOUT_MS / 1000 });
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#gone(isShutdown(error) ? 'shutdown' : 'unreachable', cause);
    }
  }

  #gone(reason: GoneReason, error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#options.onGone(reason, error);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#poll();
    }, this.#options.pollMs ?? POLL_MS);
  }

  async #poll(): Promise<void> {
    const session = this.#session;
    const stuck = setTimeout(() => {
      // Its end starts the attempt to restore it, which tells a broken network from a lost session.
      session?.dropForSilence();
    }, ANSWER_TIMEOUT_MS);
    try {
      await this.#look();
    } catch {
      // The session's end says what happened; a single statement that failed is tried again.
    } finally {
      clearTimeout(stuck);
      this.#schedule();
    }
  }

  async #look(): Promise<void> {
    const rows = await this.#session?.query(WATCH_QUERY, [this.#options.slot]);
    const row = rows?.[0];
    if (row === undefined || this.#closed) return;
    const retained = numberOf(row, 'retained');
    const keep = numberOf(row, 'keep') ?? -1;
    this.#options.onSample({
      at: textOf(row, 'at') ?? '',
      slotExists: textOf(row, 'slot_name') !== undefined,
      retainedBytes: retained === undefined ? undefined : Math.max(0, retained),
      walStatus: textOf(row, 'wal_status'),
      confirmedFlushLsn: lsnOf(row, 'confirmed_flush_lsn'),
      currentLsn: lsnOf(row, 'lsn') ?? toLsn(0n),
      synchronousStandbyNames: textOf(row, 'synchronous') ?? '',
      maxSlotWalKeepBytes: keep < 0 ? undefined : keep,
    });
  }
}

const WATCH_QUERY = `
  WITH now AS MATERIALIZED (
    SELECT ${CURRENT_LSN} AS lsn,
      pg_catalog.to_char(pg_catalog.clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
  )
  SELECT now.lsn, now.at, s.slot_name, s.wal_status, s.confirmed_flush_lsn,
    pg_catalog.pg_wal_lsn_diff(now.lsn, s.restart_lsn) AS retained,
    pg_catalog.current_setting('synchronous_standby_names') AS synchronous,
    pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_slot_wal_keep_size')) AS keep
  FROM now LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = $1`;

/** Shutdown, crash of another process, and "not taking connections": SQLSTATEs 57P01 to 57P03. */
function isShutdown(error: unknown): boolean {
  return error instanceof ServerError && /^57P0[123]$/.test(error.sqlState);
}
