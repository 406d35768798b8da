import type { Mark } from './marks';
import type { WhoSeen } from './who';

/** What a capture knows beside what the server sent: the content of its N blocks (docs/capture-format.md). */
export type CaptureNote = WhoNote | SamplingNote | MarkNote | LagNote;

/** Who was seen in a transaction; a later note with the same `xid` and `firstSeen` replaces it. */
export interface WhoNote extends Omit<WhoSeen, 'seen'> {
  readonly kind: 'who';
  /** Of the top transaction. */
  readonly xid: number;
  /** When the transaction began; empty where our role may not see it. */
  readonly began: string;
}

/** From `at` on, by the server's clock, it is looked who writes, or is no longer. */
export interface SamplingNote {
  readonly kind: 'sampling';
  readonly on: boolean;
  readonly at: string;
}

/** A later note with the same `id` replaces it. */
export interface MarkNote extends Mark {
  readonly kind: 'mark';
  readonly removed?: true;
}

/** How far the server was ahead of what had been received: samples in a row that found the same distance. */
export interface LagNote {
  readonly kind: 'lag';
  /** Time of the first of them and of the last, ISO 8601, by the server's clock. */
  readonly since: string;
  readonly at: string;
  readonly samples: number;
  /** At the last: where the server's WAL ended, on a standby where its replay was. */
  readonly current: string;
  /** At the last: the highest position that the stream had named. */
  readonly received: string;
}
