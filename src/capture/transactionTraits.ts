import { toPgTime } from '../base/time';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { TransactionTraits } from '../shared/timelineRow';
import type { Operation } from '../shared/viewSpec';
import { OPERATIONS } from '../shared/viewSpec';
import type { CaptureFile } from './captureFile';
import { decodeCaptured } from './decodedMessage';
import { CHUNK_ROWS, CHUNK_SHIFT, NONE } from './indexChunk';
import { IS_CHANGE, letterOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import { TX_MASK } from './transactionChunk';
import type { TransactionRecord } from './transactionRecord';

/** Ended transactions whose counts and origins are kept: they never change. */
const KEPT = 2048;

/** Changes of a transaction whose messages lie further apart are not counted by operation. */
const MOST_MESSAGES = 16 * CHUNK_ROWS;

/** So few are looked at without the rest of their chunk. */
const FEW_MESSAGES = 4096;

/**
 * What the line of a transaction tells beyond its record: counts by operation, origin, how long it took.
 */
export class TransactionTraitsReader {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #kept = new Map<number, TransactionTraits>();

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
  }

  async read(record: TransactionRecord): Promise<TransactionTraits> {
    // Who wrote it may become known after its commit, so this is looked at each time.
    const lastedMs = await this.#lasted(record);
    const lasted = lastedMs === undefined ? {} : { lastedMs };
    const known = this.#kept.get(record.ordinal);
    if (known !== undefined) return { ...known, ...lasted };
    const operations = await this.#operations(record);
    const origin = await this.#origin(record);
    const traits: TransactionTraits = {
      ...(operations === undefined ? {} : { operations }),
      ...(origin === undefined ? {} : { origin }),
    };
    if (record.fate === 'committed' || record.fate === 'aborted') this.#keep(record, traits);
    return { ...traits, ...lasted };
  }

  #keep({ ordinal }: TransactionRecord, traits: TransactionTraits): void {
    this.#kept.set(ordinal, traits);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  async #operations(record: TransactionRecord): Promise<TransactionTraits['operations']> {
    const { ordinal, firstSeq, lastSeq, changes } = record;
    if (changes === 0 || lastSeq - firstSeq > MOST_MESSAGES) return undefined;
    const counts = new Uint32Array(256);
    if (this.#countByClass(record, counts)) return byOperation(counts);
    counts.fill(0);
    let left = changes;
    const take = (kind: number, owner: number): void => {
      if (owner !== ordinal || IS_CHANGE[kind] !== 1) return;
      counts[kind] = (counts[kind] ?? 0) + 1;
      left--;
    };
    for (let seq = firstSeq; seq <= lastSeq && left > 0;) {
      if (lastSeq - firstSeq < FEW_MESSAGES) {
        const { rows, first } = await this.#file.rowsAround(seq);
        const end = Math.min(first + rows.count, lastSeq + 1);
        for (; seq < end; seq++) {
          take(rows.kind[seq - first] ?? 0, rows.transaction[seq - first] ?? NONE);
        }
        continue;
      }
      const number = seq >>> CHUNK_SHIFT;
      const start = number * CHUNK_ROWS;
      const kinds = await this.#file.column(number, 'kind');
      const owners = await this.#file.column(number, 'transaction');
      const end = Math.min(start + kinds.length, lastSeq + 1);
      for (; seq < end; seq++) take(kinds[seq - start] ?? 0, owners[seq - start] ?? NONE);
    }
    return byOperation(counts);
  }

  /**
   * Counts by what is in memory already. False where that does not tell: messages of other transactions stand
   * between those of this one.
   */
  #countByClass({ firstSeq, lastSeq, changes }: TransactionRecord, counts: Uint32Array): boolean {
    if (lastSeq - firstSeq >= FEW_MESSAGES) return false;
    const { classes } = this.#file;
    let left = changes;
    for (let seq = firstSeq; seq <= lastSeq && left >= 0; seq++) {
      const row = classes.at(seq);
      if (row === undefined) return false;
      if (IS_CHANGE[row.kind] !== 1) continue;
      counts[row.kind] = (counts[row.kind] ?? 0) + 1;
      left--;
    }
    return left === 0;
  }

  /** The replication origin stands right behind the begin. */
  async #origin({ ordinal, firstSeq, lastSeq }: TransactionRecord): Promise<string | undefined> {
    if (lastSeq === firstSeq) return undefined;
    const second = this.#file.classes.at(firstSeq + 1);
    if (second !== undefined && second.kind !== MessageLetter.origin) return undefined;
    const row = await this.#file.row(firstSeq + 1);
    if (row.kind !== MessageLetter.origin || row.transaction !== ordinal) return undefined;
    const { message } = decodeCaptured(await this.#file.readMessage(firstSeq + 1), this.#catalog);
    return message?.kind === 'origin' ? message.name : undefined;
  }

  /**
   * From the moment it is known to have run until its commit. WAL does not tell when a transaction began,
   * so it took at least this long. Known where it was sent before its commit, or was seen running.
   */
  async #lasted(record: TransactionRecord): Promise<number | undefined> {
    const { commitTime, streamed, fate, firstSeq, ordinal } = record;
    if (fate !== 'committed' || commitTime === '') return undefined;
    const chunk = await this.#file.transactionChunk(ordinal);
    const end = toPgTime(chunk.commitTime[ordinal & TX_MASK] ?? 0n);
    const known: number[] = [];
    if (streamed) {
      const { serverTime } = await this.#file.readMessage(firstSeq);
      if (serverTime !== 0n && serverTime <= end) known.push(Number(end - serverTime) / 1000);
    }
    const who = this.#file.who(record);
    if (who?.seen === true) {
      const seen = Date.parse(commitTime) - Date.parse(who.firstSeen);
      if (seen > 0) known.push(seen);
    }
    return known.length === 0 ? undefined : Math.round(Math.max(...known));
  }
}

function byOperation(counts: Uint32Array): Partial<Record<Operation, number>> {
  const found: Partial<Record<Operation, number>> = {};
  for (const operation of OPERATIONS) {
    const count = counts[letterOf(operation)] ?? 0;
    if (count > 0) found[operation] = count;
  }
  return found;
}
