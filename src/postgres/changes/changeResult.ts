import type { Lsn } from '../../base/lsn';
import type { SlotInfo } from '../catalog/slots';

/** Somebody whom a change waits for. PID 0 is a prepared transaction, of which nothing else is known. */
export interface Blocker {
  readonly pid: number;
  readonly user: string;
  readonly applicationName: string;
  /** Seconds since its transaction began; undefined when unknown. */
  readonly ageSeconds: number | undefined;
}

/** Why a change is not done yet; told about once a second. */
export interface WaitFacts {
  readonly blockers: readonly Blocker[];
  /** One sentence without its full stop, such as `Waiting for a running transaction to end: PID 12 …`. */
  readonly message: string;
}

export interface ChangeOptions {
  /** Gives the change up: the server is asked to cancel, and nothing of it stays. */
  readonly signal?: AbortSignal;
  readonly onWait?: (facts: WaitFacts) => void;
}

export interface ChangeResult {
  /** As they ran. */
  readonly statements: readonly string[];
  /** The slot as it stands now; undefined when it is gone, and for a publication. */
  readonly slot: SlotInfo | undefined;
  /** Advance: how far it really came, which may lie before or after what was asked for. */
  readonly reached: Lsn | undefined;
  /** Warnings of the server, one sentence each. */
  readonly notices: readonly string[];
}

/** The person gave it up in time. The slot of an advance stands where it stood, unless it says otherwise. */
export class ChangeCancelled extends Error {
  override readonly name = 'ChangeCancelled';

  constructor(
    message: string,
    /** The slot as it stands now, of an advance. */
    readonly slot: SlotInfo | undefined,
  ) {
    super(message);
  }
}
