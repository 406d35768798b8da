import { parseLsn } from '../base/lsn';
import type { Mark } from '../shared/marks';
import type { CellValue } from '../shared/timelineRow';
import type { Operation } from '../shared/viewSpec';
import type { Who } from '../shared/who';
import type { CaptureFile } from './captureFile';
import { cellValue, cutText, textCell } from './cellValue';
import { decodeCaptured } from './decodedMessage';
import { CHUNK_ROWS, CHUNK_SHIFT } from './indexChunk';
import { IS_CHANGE, operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import { FATE, TX_ROWS } from './transactionChunk';
import { transactionRecord } from './transactionRecord';

/** Longest value, in characters. */
const VALUE_LIMIT = 200;
/** A message larger than this is named, not read. */
const LARGE_MESSAGE = 4 * 1024 * 1024;

/** A column of a change: what is known of it before and after. */
export interface MarkedColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly key: boolean;
  readonly changed: boolean;
  readonly before: CellValue;
  readonly after: CellValue;
}

export interface MarkedChange {
  readonly seq: number;
  readonly operation: Operation;
  /** Empty for a message. */
  readonly schema: string;
  /** Table, or the prefix of a message. */
  readonly table: string;
  readonly columns: readonly MarkedColumn[];
  /** What there is to say where there are no columns. */
  readonly text: string;
}

export interface MarkedTransaction {
  readonly ordinal: number;
  readonly xid: number;
  readonly commitLsn: string;
  readonly commitTime: string;
  readonly who?: Who;
  readonly changes: readonly MarkedChange[];
}

/** What was committed between two places, in the order of the commits. */
export interface MarkedContent {
  readonly transactions: readonly MarkedTransaction[];
  /** How many transactions there are: those behind the last change that is listed are left out. */
  readonly total: number;
  /** Changes that are not among them because there are too many. */
  readonly left: number;
}

/** Transactions whose commit record begins within a mark, and their changes. */
export interface MarkedCounts {
  readonly transactions: number;
  readonly changes: number;
}

/** The ends of a mark as positions; one that is open goes on. */
function endsOf({ from, to }: Mark): readonly [bigint, bigint] {
  return [
    parseLsn(from.lsn) ?? 0n,
    to === undefined ? 0xffff_ffff_ffff_ffffn : (parseLsn(to.lsn) ?? 0n),
  ];
}

/** Counts what is in each of these marks, in one walk over all transactions. */
export async function countMarked(
  file: CaptureFile,
  marks: readonly Mark[],
  pause: () => Promise<void>,
): Promise<MarkedCounts[]> {
  const ends = marks.map(endsOf);
  const counts = marks.map(() => ({ transactions: 0, changes: 0 }));
  for (let first = 0; first < file.transactions && marks.length > 0; first += TX_ROWS) {
    const chunk = await file.transactionChunk(first);
    for (let i = 0; i < chunk.count; i++) {
      if (chunk.fate[i] !== FATE.committed) continue;
      const lsn = chunk.commitLsn[i] ?? 0n;
      ends.forEach(([from, to], mark) => {
        const count = counts[mark];
        if (lsn < from || lsn >= to || count === undefined) return;
        count.transactions++;
        count.changes += chunk.changes[i] ?? 0;
      });
    }
    await pause();
  }
  return counts;
}

/** Reads what is in a mark, at most so many changes of it. */
export async function readMarked(
  file: CaptureFile,
  catalog: RelationCatalog,
  mark: Mark,
  limit: number,
  pause: () => Promise<void>,
): Promise<MarkedContent> {
  const transactions: MarkedTransaction[] = [];
  let room = limit;
  let left = 0;
  const ordinals = await transactionsOf(file, mark, pause);
  for (const ordinal of ordinals) {
    const record = transactionRecord(await file.transactionChunk(ordinal), ordinal);
    if (room === 0) {
      left += record.changes;
      if (ordinal % TX_ROWS === 0) await pause();
      continue;
    }
    const who = file.who(record);
    const changes: MarkedChange[] = [];
    const seqs = seqsOf(file, ordinal, record.firstSeq, record.lastSeq, pause);
    for await (const seq of seqs) {
      if (room === 0) {
        left++;
        continue;
      }
      room--;
      changes.push(await readChange(file, catalog, seq));
    }
    const { xid, commitLsn, commitTime } = record;
    const facts = { ordinal, xid, commitLsn, commitTime, changes };
    transactions.push({ ...facts, ...(who === undefined ? {} : { who }) });
  }
  return { transactions, total: ordinals.length, left };
}

/** Ordinals, in the order of the commits. */
async function transactionsOf(
  file: CaptureFile,
  mark: Mark,
  pause: () => Promise<void>,
): Promise<number[]> {
  const [from, to] = endsOf(mark);
  const found: { readonly ordinal: number; readonly lsn: bigint }[] = [];
  for (let first = 0; first < file.transactions; first += TX_ROWS) {
    const chunk = await file.transactionChunk(first);
    for (let i = 0; i < chunk.count; i++) {
      const lsn = chunk.commitLsn[i] ?? 0n;
      if (chunk.fate[i] !== FATE.committed || lsn < from || lsn >= to) continue;
      found.push({ ordinal: first + i, lsn });
    }
    await pause();
  }
  return found.sort((a, b) => (a.lsn < b.lsn ? -1 : 1)).map(({ ordinal }) => ordinal);
}

/** The changes of a transaction that were not rolled back with a subtransaction. */
async function* seqsOf(
  file: CaptureFile,
  ordinal: number,
  firstSeq: number,
  lastSeq: number,
  pause: () => Promise<void>,
): AsyncGenerator<number> {
  for (let seq = firstSeq; seq <= lastSeq;) {
    const number = seq >>> CHUNK_SHIFT;
    const base = number * CHUNK_ROWS;
    const chunk = await file.chunk(number);
    const end = Math.min(lastSeq + 1 - base, CHUNK_ROWS);
    for (let i = seq - base; i < end; i++) {
      if (chunk.transaction[i] !== ordinal || IS_CHANGE[chunk.kind[i] ?? 0] !== 1) continue;
      if (file.isSubAborted(ordinal, chunk.xid[i] ?? 0)) continue;
      yield base + i;
    }
    seq = base + end;
    await pause();
  }
}

async function readChange(
  file: CaptureFile,
  catalog: RelationCatalog,
  seq: number,
): Promise<MarkedChange> {
  const row = await file.row(seq);
  const operation = operationOf(row.kind) ?? 'message';
  const relation = catalog.relation(row.relation);
  const named = { schema: relation?.schema ?? '', table: relation?.name ?? '' };
  const change = { seq, operation, ...named, columns: [], text: '' };
  if (row.length > LARGE_MESSAGE) return { ...change, text: 'too large to be listed' };
  const captured = await file.readMessage(seq);
  const { message, image, truncated, error } = decodeCaptured(captured, catalog);
  if (error !== '') return { ...change, text: `not readable: ${error}` };
  if (image !== undefined) {
    const { findType } = catalog;
    const columns = image.relation.columns.map(({ name, typeOid }, i) => ({
      name,
      typeOid,
      key: image.isKey(i),
      changed: image.changed(i),
      before: cellValue(image.before(i), i, { typeOid, findType }, VALUE_LIMIT),
      after: cellValue(image.after(i), i, { typeOid, findType }, VALUE_LIMIT),
    }));
    const { schema, name } = image.relation;
    return { ...change, schema, table: name, columns };
  }
  if (message?.kind === 'message') {
    const content = textCell(message.content, VALUE_LIMIT);
    const text = 'text' in content ? content.text : '';
    return { ...change, schema: '', table: message.prefix, text };
  }
  if (message?.kind === 'truncate') {
    const tables = (truncated ?? message.relationOids).map(table =>
      typeof table === 'string' ? table : (catalog.relationAt(table, seq)?.name ?? String(table)),
    );
    return { ...change, text: cutText(tables.join(', '), VALUE_LIMIT) };
  }
  return change;
}
