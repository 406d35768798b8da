import type { Lsn } from '../base/lsn';
import { formatLsn, toLsn } from '../base/lsn';
import { formatPgTime, toPgTime } from '../base/time';
import type { Fate } from '../shared/timelineRow';
import type { IndexRow } from './indexChunk';
import { NONE } from './indexChunk';
import type { TransactionChunk } from './transactionChunk';
import { FATE, TX, TX_MASK } from './transactionChunk';

/** A transaction of a capture, ready to be shown. */
export interface TransactionRecord {
  readonly ordinal: number;
  readonly xid: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly changes: number;
  readonly bytes: number;
  readonly fate: Fate;
  readonly streamed: boolean;
  /** Of the commit record, `X/X`; empty while not known, and where there was no commit. */
  readonly commitLsn: string;
  readonly endLsn: string;
  /** ISO 8601; empty while not known, and where there was no commit. */
  readonly commitTime: string;
  /** Relation versions of its first tables. */
  readonly tables: readonly number[];
  readonly moreTables: boolean;
}

export function transactionRecord(chunk: TransactionChunk, ordinal: number): TransactionRecord {
  const i = ordinal & TX_MASK;
  const flags = chunk.flags[i] ?? 0;
  const fate = fateOf(chunk.fate[i] ?? 0);
  const time = chunk.commitTime[i] ?? 0n;
  // Position and time of a prepare or an abort are none of a commit; Begin tells of it in advance.
  const committed = fate === 'committed' || fate === 'open';
  const tables = [chunk.table0[i], chunk.table1[i], chunk.table2[i]];
  return {
    ordinal,
    xid: chunk.xid[i] ?? 0,
    firstSeq: chunk.firstSeq[i] ?? 0,
    lastSeq: chunk.lastSeq[i] ?? 0,
    changes: chunk.changes[i] ?? 0,
    bytes: chunk.bytes[i] ?? 0,
    fate,
    streamed: (flags & TX.streamed) !== 0,
    commitLsn: committed ? showLsn(chunk.commitLsn[i] ?? 0n) : '',
    endLsn: committed ? showLsn(chunk.endLsn[i] ?? 0n) : '',
    commitTime: committed && time !== 0n ? formatPgTime(toPgTime(time)) : '',
    tables: tables.filter(version => version !== undefined && version !== NONE) as number[],
    moreTables: (flags & TX.moreTables) !== 0,
  };
}

/**
 * Where a transaction begins. The server gives no position with a message that it sends together with the
 * one below it, such as the begin that test_decoding writes before a first change.
 */
export async function firstPosition(
  file: { readonly row: (seq: number) => Promise<IndexRow> },
  { ordinal, firstSeq, lastSeq }: TransactionRecord,
  first: Pick<IndexRow, 'lsn'>,
): Promise<Lsn> {
  if (first.lsn !== 0n || lastSeq === firstSeq) return toLsn(first.lsn);
  const next = await file.row(firstSeq + 1);
  return toLsn(next.transaction === ordinal ? next.lsn : first.lsn);
}

function showLsn(lsn: bigint): string {
  return lsn === 0n ? '' : formatLsn(toLsn(lsn));
}

function fateOf(fate: number): Fate {
  switch (fate) {
    case FATE.committed:
      return 'committed';
    case FATE.aborted:
      return 'aborted';
    case FATE.prepared:
      return 'prepared';
    case FATE.cut:
      return 'cut';
    default:
      return 'open';
  }
}
