import type { LogicalEvent } from '../logical/event';

const CHANGES = new Set<LogicalEvent['kind']>([
  'insert',
  'update',
  'delete',
  'truncate',
  'message',
  // A message of another plugin, or one that cannot be read: as good as a change.
  'unknown',
]);
const ENDS = new Set<LogicalEvent['kind']>([
  'commit',
  'streamCommit',
  'prepare',
  'streamPrepare',
  'commitPrepared',
]);

/**
 * Lets a number of changes pass. `exact` stops after that many: a transaction which is complete by
 * then still gets its commit, one that is cut does not. `transactions` never cuts: it stops at the end
 * of the transaction in which the number is reached.
 */
export class EventLimit {
  readonly #most: number;
  readonly #unit: 'exact' | 'transactions';
  #changes = 0;
  #reached = false;
  #done = false;

  constructor(most: number, unit: 'exact' | 'transactions') {
    this.#most = most;
    this.#unit = unit;
  }

  /** Nothing more is wanted. */
  get done(): boolean {
    return this.#done;
  }

  /** Whether this event is to be written. */
  take(event: LogicalEvent): boolean {
    if (this.#done) return false;
    if (this.#reached && this.#unit === 'exact') {
      this.#done = true;
      return ENDS.has(event.kind);
    }
    if (CHANGES.has(event.kind)) {
      this.#changes++;
      if (this.#changes >= this.#most) this.#reached = true;
      const alone = event.kind === 'unknown' || (event.kind === 'message' && !event.transactional);
      if (this.#reached && alone) this.#done = true;
    } else if (this.#reached && ENDS.has(event.kind)) {
      this.#done = true;
    }
    return true;
  }
}
