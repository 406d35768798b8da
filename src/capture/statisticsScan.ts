import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { isRowMessage } from '../logical/rowImage';
import { STATISTICS_LARGEST } from '../shared/statisticsApi';
import type { CaptureFile } from './captureFile';
import { CellGrid } from './cellGrid';
import { ROLE, ROLES, SERIES, isCounted } from './changeRoles';
import { ChunkColumns } from './chunkColumns';
import { CommitPlaces } from './commitPlaces';
import { decodeCaptured } from './decodedMessage';
import { DATA_CLOCK_AT, frameLsn } from './frame';
import { CHUNK_ROWS, NONE } from './indexChunk';
import type { CountedView } from './indexWalk';
import { IndexWalk } from './indexWalk';
import { LargestOf } from './largestOf';
import type { RelationCatalog } from './relationCatalog';
import { Sampler } from './sampler';
import { FATE } from './transactionChunk';

/** Columns of {@link StatisticsScan.tables}: changes of each series, then bytes. */
export const TABLE_COLUMNS = SERIES + 1;
const BYTES = SERIES;
/** Commits and updates whose frames are read: the others are only counted. */
const LOOKED_COMMITS = 4096;
const LOOKED_UPDATES = 512;
/** 'u' of a tuple: unchanged TOAST. */
const UNCHANGED = 0x75;

/** What counts of a transaction. */
export interface Part {
  readonly transaction: number;
  changes: number;
  bytes: number;
}

/** A part that may become more, or whose end was not seen. */
interface OpenPart extends Part {
  /** What stands at no time yet. */
  waiting: { changes: number; bytes: number; transactions: number };
}

/** A commit that was looked at: when, and after how many microseconds the server sent it. */
export interface LookedCommit {
  readonly time: number;
  readonly lag: number;
}

export interface LookedUpdate {
  readonly relation: number;
  readonly columns: number;
  readonly unchanged: number;
}

/** Goes through a capture and adds up what the statistics tell, from where it stopped the last time. */
export class StatisticsScan {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #view: CountedView | undefined;
  readonly #places: CommitPlaces;
  readonly #columns: ChunkColumns;
  readonly #walk: IndexWalk;
  readonly #open = new Map<number, OpenPart>();
  readonly #amounts = new Float64Array(3);
  readonly #clock = new Uint8Array(8);
  changes = 0;
  bytes = 0;
  transactions = 0;
  /** Changes that were rolled back or cut off. */
  dropped = 0;
  /** Changes, bytes and transactions by commit time. */
  readonly rates = new CellGrid(3);
  /** By relation version plus one; none is 0. */
  tables = new Float64Array(64 * TABLE_COLUMNS);
  readonly byChanges = new LargestOf<Part>(STATISTICS_LARGEST);
  readonly byBytes = new LargestOf<Part>(STATISTICS_LARGEST);
  readonly commits = new Sampler<LookedCommit>(LOOKED_COMMITS);
  readonly updates = new Sampler<LookedUpdate>(LOOKED_UPDATES);

  constructor(file: CaptureFile, catalog: RelationCatalog, view?: CountedView) {
    this.#file = file;
    this.#catalog = catalog;
    this.#view = view;
    this.#places = new CommitPlaces(file);
    this.#columns = new ChunkColumns(file);
    this.#walk = new IndexWalk(file, view, {
      settle: () => this.#settle(),
      count: (number, first, end) => this.#count(number, first, end),
    });
  }

  get evaluated(): number {
    return this.#walk.evaluated;
  }

  /** Parts that are not among the largest yet, because they may become more. */
  get openParts(): Iterable<Part> {
    return this.#open.values();
  }

  /** Changes whose transaction has not ended. */
  get waiting(): number {
    let changes = 0;
    for (const { waiting } of this.#open.values()) changes += waiting.changes;
    return changes;
  }

  /** As {@link IndexWalk.advance}. */
  advance(deadline: number, pause: () => Promise<void>): Promise<boolean> {
    return this.#walk.advance(deadline, pause);
  }

  async #count(number: number, first: number, end: number): Promise<void> {
    const file = this.#file;
    const base = number * CHUNK_ROWS;
    const { kinds, flags, transactions, relations, lengths } = await this.#columns.all(number, end);
    const places = this.#places;
    const view = this.#view;
    this.#growTables(file.relations.all.length + 1);
    const { tables } = this;
    let run = NONE;
    let changes = 0;
    let bytes = 0;
    for (let i = first; i < end; i++) {
      const role = ROLES[kinds[i]!]!;
      if (role > ROLE.commit || !isCounted(role, flags[i]!)) continue;
      const transaction = transactions[i]!;
      if (transaction !== run) {
        if (changes > 0) {
          if (!places.turnTo(run)) await places.load(run);
          this.#flush(run, changes, bytes, false);
          changes = bytes = 0;
        }
        run = transaction;
      }
      if (role === ROLE.commit) {
        // Of a view, only transactions that have something in it.
        if (view !== undefined && changes === 0 && !this.#open.has(transaction)) continue;
        if (this.commits.next()) await this.#lookAtCommit(base + i, transaction);
        continue;
      }
      if (view?.isVisible(base + i) === false) continue;
      const length = lengths[i]!;
      const at = (relations[i]! === NONE ? 0 : relations[i]! + 1) * TABLE_COLUMNS;
      tables[at + role]!++;
      tables[at + BYTES]! += length;
      this.changes++;
      this.bytes += length;
      if (kinds[i] === MessageLetter.update && this.updates.next()) {
        await this.#lookAtUpdate(base + i, relations[i]!);
      }
      if (transaction === NONE) continue;
      changes++;
      bytes += length;
    }
    if (changes === 0) return;
    if (!places.turnTo(run)) await places.load(run);
    this.#flush(run, changes, bytes, true);
  }

  /** Takes in changes of the transaction at hand; `cut` where more of the same run may follow. */
  #flush(transaction: number, changes: number, bytes: number, cut: boolean): void {
    const { fate, time, isStreamed } = this.#places;
    const open = this.#open.get(transaction);
    const isEnded = fate === FATE.committed || fate === FATE.aborted || fate === FATE.cut;
    if (open === undefined && isEnded && !isStreamed && !cut) {
      this.transactions++;
      this.#place(fate, time, changes, bytes, 1);
      this.#offer({ transaction, changes, bytes });
      return;
    }
    const part =
      open ??
      ({
        transaction,
        changes: 0,
        bytes: 0,
        waiting: { changes: 0, bytes: 0, transactions: 0 },
      } satisfies OpenPart);
    part.changes += changes;
    part.bytes += bytes;
    if (open === undefined) {
      this.transactions++;
      this.#open.set(transaction, part);
    }
    const isFirst = open === undefined ? 1 : 0;
    if (isEnded) {
      this.#place(fate, time, changes, bytes, isFirst);
      return;
    }
    part.waiting.changes += changes;
    part.waiting.bytes += bytes;
    part.waiting.transactions += isFirst;
  }

  #offer(part: Part): void {
    if (part.changes > this.byChanges.least) this.byChanges.offer(part.changes, part);
    if (part.bytes > this.byBytes.least) this.byBytes.offer(part.bytes, part);
  }

  #place(fate: number, time: number, changes: number, bytes: number, transactions: number): void {
    if (fate !== FATE.committed) {
      this.dropped += changes;
      return;
    }
    if (Number.isNaN(time)) return;
    const amounts = this.#amounts;
    amounts[0] = changes;
    amounts[1] = bytes;
    amounts[2] = transactions;
    this.rates.add(time, amounts);
  }

  /** What was open may have ended since. */
  async #settle(): Promise<void> {
    const places = this.#places;
    for (const [transaction, part] of this.#open) {
      const { changes, bytes, transactions } = part.waiting;
      if (changes === 0) continue;
      if (!places.turnTo(transaction)) await places.load(transaction);
      const { fate, time } = places;
      if (fate === FATE.open || fate === FATE.prepared) continue;
      part.waiting = { changes: 0, bytes: 0, transactions: 0 };
      this.#place(fate, time, changes, bytes, transactions);
    }
  }

  async #lookAtCommit(seq: number, transaction: number): Promise<void> {
    const places = this.#places;
    if (!places.turnTo(transaction)) await places.load(transaction);
    const { time } = places;
    const row = await this.#file.row(seq);
    // Eight bytes here and there: a cache of large pages would read the whole file for them.
    await this.#file.readSpan(this.#clock, row.offset + DATA_CLOCK_AT);
    const clock = frameLsn(this.#clock, 0);
    const sent = Number(BigInt.asIntN(64, clock));
    // SQL gives no clock, and some plugins no time of the commit.
    if (sent === 0 || Number.isNaN(time)) return;
    this.commits.add({ time, lag: sent - time });
  }

  async #lookAtUpdate(seq: number, relation: number): Promise<void> {
    const { message } = decodeCaptured(await this.#file.readMessage(seq), this.#catalog);
    if (message === undefined || !isRowMessage(message) || message.kind !== 'update') return;
    const { kinds } = message.new;
    const unchanged = kinds.reduce((sum, kind) => sum + (kind === UNCHANGED ? 1 : 0), 0);
    this.updates.add({ relation, columns: kinds.length, unchanged });
  }

  #growTables(versions: number): void {
    const length = (versions + 1) * TABLE_COLUMNS;
    if (length <= this.tables.length) return;
    const tables = new Float64Array(length * 2);
    tables.set(this.tables);
    this.tables = tables;
  }
}
