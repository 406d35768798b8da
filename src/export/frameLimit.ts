import type { IndexRow } from '../capture/indexChunk';
import { NONE, ROW } from '../capture/indexChunk';
import { MessageLetter } from '../logical/pgoutput/messageLetter';

/** What may stand behind the last change: the end of a block, and that of the transaction. */
const ENDS: ReadonlySet<number> = new Set([
  MessageLetter.commit,
  MessageLetter.prepare,
  MessageLetter.streamCommit,
  MessageLetter.streamPrepare,
]);

/**
 * Lets a number of changes pass, as {@link EventLimit} does where frames are written and not events: a
 * transaction which is complete by then still gets its end, one that is cut does not.
 */
export class FrameLimit {
  readonly #most: number;
  #changes = 0;
  #done = false;

  /** @param most Absent: there is no limit. */
  constructor(most = Infinity) {
    this.#most = most;
  }

  /** Nothing more is to be written. */
  get done(): boolean {
    return this.#done;
  }

  /** A message is going to be written, unless it is {@link done} then. */
  before({ kind }: IndexRow): void {
    const mayFollow = ENDS.has(kind) || kind === MessageLetter.streamStop;
    if (this.#changes >= this.#most && !mayFollow) this.#done = true;
  }

  /** A message was written, a change or one that makes sense of them. */
  after({ kind, flags, transaction }: IndexRow, isChange: boolean): void {
    if (isChange && (flags & ROW.ownFrame) === 0) this.#changes++;
    const isWhole = ENDS.has(kind) || transaction === NONE;
    if (this.#changes >= this.#most && isWhole) this.#done = true;
  }
}
