import type { ConnectionTarget, Failure, ProfileFacts } from './connection';
import type { Mark, StoppedMark } from './marks';

/** Options of pgoutput as START_REPLICATION takes them; absent ones are chosen by server version. */
export interface PgoutputOptions {
  /** Raw publication names, unquoted. */
  readonly publications: readonly string[];
  /** Asks for logical messages (14 and later). */
  readonly messages?: boolean;
}

/** Where a peek ends by itself. */
export interface PeekBudget {
  /** Change events. */
  readonly events: number;
  /** Bytes received. */
  readonly bytes: number;
  /** Seconds since the start of the stream. */
  readonly seconds: number;
}

export const DEFAULT_PEEK_BUDGET: PeekBudget = {
  events: 10_000,
  bytes: 64 * 1024 * 1024,
  seconds: 30,
};

/** Most WAL that a stream of ours may make the server keep, in bytes, unless the server allows less. */
export const DEFAULT_RETAINED_BUDGET = 1024 * 1024 * 1024;

interface SessionBase {
  readonly target: ConnectionTarget;
  readonly profile: ProfileFacts;
  /** The capture file to write; created, must not exist. */
  readonly capturePath: string;
  /** Bytes of WAL that we may make the server keep before the stream ends itself. */
  readonly retainedBudget: number;
  /**
   * The person was asked and wants it although fewer than two slots or senders would stay free, or the
   * server's wal_level would be switched.
   */
  readonly force?: boolean;
  /** False: pgoutput sends a large transaction at its commit, and the server spills it until then. */
  readonly streaming?: boolean;
  /** True: pgoutput sends values in binary form where their type has one. */
  readonly binary?: boolean;
  /** False: it is not looked in pg_stat_activity who writes, a few times a second, while a capture is written. */
  readonly who?: boolean;
}

/** Follow publications, or a whole database, from now on, on a temporary slot of ours. */
export interface TailSpec extends SessionBase {
  readonly kind: 'tail';
  /** `test_decoding` follows all tables of the database and knows no publications; absent: pgoutput. */
  readonly plugin?: TailPlugin;
  readonly options: PgoutputOptions;
}

/** Look at what a slot holds back, through a temporary copy; the slot itself is left untouched. */
export interface PeekSpec extends SessionBase {
  readonly kind: 'peek';
  readonly slot: string;
  /** Absent: taken from the active consumer's command where visible, else the only publication. */
  readonly options?: PgoutputOptions;
  readonly budget: PeekBudget;
  /** Continue: start after this LSN (the end of the last complete commit seen), as `X/X`. */
  readonly startAfter?: string;
  /** `copy` streams a temporary copy; `sql` uses pg_logical_slot_peek_binary_changes instead. */
  readonly method: 'copy' | 'sql';
}

/**
 * Read a slot of somebody's for good: what is durable in the capture is confirmed, never more, and so
 * the slot moves on. Refused on a read-only profile.
 */
export interface ConsumeSpec extends SessionBase {
  readonly kind: 'consume';
  readonly slot: string;
  /** Absent: the only publication of the database. */
  readonly options?: PgoutputOptions;
}

/** What decodes a tail. */
export type TailPlugin = 'pgoutput' | 'test_decoding';

export type SessionSpec = TailSpec | PeekSpec | ConsumeSpec;

/**
 * Where a session stands.
 * `waiting`: our slot waits for running transactions. `streaming`: data may come at any time.
 * `reconnecting`: the stream was cut, and another one will follow.
 * `ending`: the stream is being closed, our slot may still exist. `ended`: nothing of ours is left.
 */
export type SessionPhase =
  'connecting' | 'waiting' | 'streaming' | 'reconnecting' | 'ending' | 'ended';

/** Why a session ended. */
export type EndReason =
  | 'stopped' // by the user
  | 'complete' // a peek showed everything pending
  | 'limit' // a peek reached its budget: Continue is offered
  | 'retained-wal' // our slot made the server keep too much WAL
  | 'unwatched' // nobody looked any more
  | 'capture-limit' // the captures together are as large as they may be
  | 'server-shutdown'
  | 'slot-lost'
  | 'disk-full'
  | 'failed';

/** Why the host ends a session. */
export type StopReason = Extract<EndReason, 'stopped' | 'unwatched' | 'capture-limit'>;

/** The end that the host asked for, as one sentence each. */
export const STOP_ENDS: Readonly<
  Record<StopReason, { readonly message: string; readonly failure?: Failure }>
> = {
  stopped: { message: 'Stopped' },
  unwatched: { message: 'Ended because nobody looked any more' },
  'capture-limit': {
    message: 'Ended because all captures together have reached their limit',
    failure: {
      code: 'capture-limit',
      message: 'Ended because all captures together have reached their limit.',
      action:
        'What was captured can be read; delete captures or raise the setting walExplorer.captures.maxGigabytes, then start again.',
      detail: '',
    },
  },
};

/** What a session tells about itself: a snapshot, never a delta; plain JSON. */
export interface SessionSnapshot {
  readonly kind: SessionSpec['kind'];
  readonly phase: SessionPhase;
  /** One sentence for the person who looks, such as what we wait for. */
  readonly message: string;
  readonly endReason?: EndReason;
  /** Present when `endReason` is a failure, or when the failure of a peek offers the SQL peek. */
  readonly failure?: Failure;
  /** The slot we read: our own temporary one; of a consume, the slot itself. */
  readonly slot: string;
  /** Whether our positions are confirmed to the server; false with a reason in `notes`. */
  readonly confirming: boolean;
  /** Bytes of WAL the server keeps because of us; null when unknown. */
  readonly retainedBytes: number | null;
  readonly retainedBudget: number;
  /** Bytes of WAL that the server has to read to decode a peek; null for a tail or when unknown. */
  readonly costBytes: number | null;
  /** Milliseconds from commit to receipt of the last commit; null before the first, and when none came lately. */
  readonly lagMs: number | null;
  /** Milliseconds that the server's clock is ahead of ours, negative where it is behind; absent while not known. */
  readonly skewMs?: number;
  /** What it costs to look who writes; absent where nobody looks. */
  readonly who?: WhoCost;
  /** Last LSN received, `X/X`; empty before the first. */
  readonly receivedLsn: string;
  /** After which LSN a Continue would start; empty where a peek cannot be continued. */
  readonly continueAfter: string;
  /** Warnings of the server and remarks of ours that the user should see, oldest first, at most 20. */
  readonly notes: readonly string[];
}

/** What looking who writes costs the server. */
export interface WhoCost {
  /** Queries a second; 0 while it rests, because the server is overloaded or cannot be asked. */
  readonly perSecond: number;
  /** Milliseconds of the server that a query takes, on average. */
  readonly milliseconds: number;
}

/** Calls from the extension host to a recorder worker. */
export interface RecorderApi {
  /** Starts the first session of this worker; resolves when the capture file exists. */
  start(spec: SessionSpec): Promise<{ readonly header: SharedArrayBuffer }>;
  /**
   * Goes on with a peek that ended at its limit, after `startAfter`, in the same capture: the file stays
   * open at a limit for this. `budget` is for what is new: what the limit had cut off comes again and does
   * not count. Resolves when the stream's first answer is there; fails with the reason of its end.
   */
  continue(spec: PeekSpec): Promise<void>;
  /** Tries at once to come back, where the session waits before it does. */
  reconnect(): Promise<void>;
  /** Notes where the server is; without a name it gets a number. Fails where no stream runs. */
  startMark(p: { readonly name: string }): Promise<Mark>;
  /** Ends the mark when the stream has come to where the server is at the call; bounded to some seconds. */
  stopMark(): Promise<StoppedMark>;
  renameMark(p: { readonly id: number; readonly name: string }): Promise<void>;
  removeMark(p: { readonly id: number }): Promise<void>;
  /** Ends the session; resolves when nothing of ours is left on the server and the file is closed. */
  stop(p: { readonly reason: StopReason }): Promise<void>;
}

export interface RecorderEvents {
  session: SessionSnapshot;
  log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
    readonly message: string;
  };
}
