import { parseIsoTime } from '../base/isoTime';
import { parseLsn } from '../base/lsn';
import type { CommitRange } from '../shared/viewSpec';
import { CaptureError } from './captureError';
import type { CapturedMessage } from './capturedMessage';
import type { CaptureFile } from './captureFile';
import { NONE } from './indexChunk';
import type { TransactionChunk } from './transactionChunk';
import { FATE, TX_MASK, TX_ROWS, TX_SHIFT } from './transactionChunk';
import type { Zone } from './zone';

/** What a range says of a transaction; `soFar`: its end has not been seen, and may change it. */
export const IN_RANGE = { unasked: 0, yes: 1, no: 2, yesSoFar: 3, noSoFar: 4 } as const;

/** Whether such a verdict lets the changes be shown at this moment. */
export function isInRange(verdict: number): boolean {
  return verdict === IN_RANGE.yes || verdict === IN_RANGE.yesSoFar;
}

export function isFinal(verdict: number): boolean {
  return verdict === IN_RANGE.yes || verdict === IN_RANGE.no;
}

/**
 * Which transactions were committed within a range ({@link CommitRange}). A Begin tells in advance where
 * its commit stands; of others it is known when they end. What was rolled back, or cut off and comes
 * again, is in no range. Without a range every transaction is in it, and only whether it has ended counts.
 */
export class CommitRangeFilter {
  readonly #file: CaptureFile;
  readonly #byTime: boolean;
  readonly #isRange: boolean;
  readonly #from: bigint | undefined;
  readonly #to: bigint | undefined;
  /** Verdicts of the transactions of each chunk. */
  readonly #pages: (Uint8Array | undefined)[] = [];
  /** How many messages there were when the page was made; -1 where nothing in it will change. */
  readonly #madeAt: number[] = [];

  /** Throws a {@link CaptureError} where an end of the range cannot be read. */
  constructor(range: CommitRange | undefined, file: CaptureFile) {
    this.#file = file;
    this.#isRange = range !== undefined;
    this.#byTime = range?.by === 'time';
    const read = (text: string | undefined): bigint | undefined => {
      if (text === undefined) return undefined;
      const value = range?.by === 'time' ? parseIsoTime(text) : parseLsn(text);
      if (value !== undefined) return value;
      const what = range?.by === 'time' ? 'time' : 'LSN';
      throw new CaptureError(
        'bad-view',
        `The range ends at ${JSON.stringify(text)}: that is no ${what}.`,
      );
    };
    this.#from = read(range?.from);
    this.#to = read(range?.to);
  }

  /** The verdict on a transaction whose page was prepared. */
  of(transaction: number): number {
    return this.#pages[transaction >>> TX_SHIFT]?.[transaction & TX_MASK] ?? IN_RANGE.unasked;
  }

  /** Brings the verdicts on these transactions up to date, and on those beside them. */
  async prepare(transaction: number): Promise<void> {
    const number = transaction >>> TX_SHIFT;
    const madeAt = this.#madeAt[number];
    if (madeAt === -1 || madeAt === this.#file.rows) return;
    const { rows } = this.#file;
    const chunk = await this.#file.transactionChunk(transaction);
    const page = (this.#pages[number] ??= new Uint8Array(TX_ROWS));
    let open = chunk.count < TX_ROWS;
    for (let i = 0; i < chunk.count; i++) {
      if (isFinal(page[i] ?? 0)) continue;
      const verdict = this.#verdict(chunk, i);
      page[i] = verdict;
      open ||= !isFinal(verdict);
    }
    this.#madeAt[number] = open ? rows : -1;
  }

  /** As {@link prepare}, for the transactions of some rows. */
  async prepareRows(transactions: ArrayLike<number>, first: number, end: number): Promise<void> {
    let last = -1;
    for (let i = first; i < end; i++) {
      const transaction = transactions[i] ?? NONE;
      if (transaction === NONE || transaction >>> TX_SHIFT === last) continue;
      last = transaction >>> TX_SHIFT;
      await this.prepare(transaction);
    }
  }

  #verdict(chunk: TransactionChunk, i: number): number {
    const fate = chunk.fate[i] ?? 0;
    if (fate === FATE.aborted || fate === FATE.cut)
      return this.#isRange ? IN_RANGE.no : IN_RANGE.yes;
    const column = this.#byTime ? chunk.commitTime : chunk.commitLsn;
    const value = column[i] ?? 0n;
    if (fate === FATE.committed) return this.#holds(value) ? IN_RANGE.yes : IN_RANGE.no;
    const known = fate === FATE.open && value !== 0n;
    const passes = known ? this.#holds(value) : this.#to === undefined;
    return passes ? IN_RANGE.yesSoFar : IN_RANGE.noSoFar;
  }

  /** Whether the place of a message outside transactions is in the range. */
  holdsMessage(message: CapturedMessage): boolean {
    if (!this.#byTime) {
      const { gap, lsn } = message;
      if (gap === undefined) return this.#holds(lsn);
      // What a gap may hide counts: it reaches into the range.
      const isBelow = this.#from !== undefined && gap.to < this.#from;
      return !isBelow && (this.#to === undefined || gap.from < this.#to);
    }
    if (message.gap !== undefined || message.seam !== undefined) return true;
    // The server sends such a message as soon as it is there.
    const { serverTime } = message;
    return serverTime === 0n ? this.#to === undefined : this.#holds(serverTime);
  }

  /** False where no message of a chunk can be in the range. */
  async mayHold(zone: Zone): Promise<boolean> {
    if (!this.#isRange) return true;
    if ('M' in zone.kinds && (this.#byTime || this.#overlaps(zone))) return true;
    if (zone.firstTransaction < 0) return !this.#byTime && this.#overlaps(zone);
    for (let at = zone.firstTransaction; at <= zone.lastTransaction;) {
      await this.prepare(at);
      const page = this.#pages[at >>> TX_SHIFT];
      const end = Math.min(zone.lastTransaction + 1, ((at >>> TX_SHIFT) + 1) * TX_ROWS);
      for (; at < end; at++) if (page?.[at & TX_MASK] !== IN_RANGE.no) return true;
    }
    return false;
  }

  #overlaps(zone: Zone): boolean {
    const isBelow = this.#from !== undefined && BigInt(zone.maxLsn) < this.#from;
    return !isBelow && (this.#to === undefined || BigInt(zone.minLsn) < this.#to);
  }

  #holds(value: bigint): boolean {
    if (this.#from !== undefined && value < this.#from) return false;
    return this.#to === undefined || value < this.#to;
  }
}
