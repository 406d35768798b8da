import { formatLsn } from '../base/lsn';
import { RowImage } from '../logical/rowImage';
import { readText } from '../logical/textPlugins/readText';
import type { HistoryEntry, HistoryPage, HistoryRequest } from '../shared/historyApi';
import { HISTORY_LIMIT } from '../shared/historyApi';
import type { SummaryPart } from '../shared/timelineRow';
import { ROW_VALUE_LIMIT } from '../shared/timelineRow';
import { whoName } from '../shared/who';
import type { CaptureFile } from './captureFile';
import type { CapturedMessage } from './capturedMessage';
import type { DecodedMessage } from './decodedMessage';
import { cellValue } from './cellValue';
import { changeSummary } from './changeSummary';
import { decodeCaptured } from './decodedMessage';
import { OPAQUE_KIND } from './frameIndexer';
import { NONE, ROW } from './indexChunk';
import { operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import type { RowKey } from './rowKey';
import { isSameRow, keyNames, keyNeedle, rowKey, textNeedle } from './rowKey';
import type { ScanTarget } from './rowScan';
import { RowScan } from './rowScan';
import { TextKeys } from './textKeys';
import { transactionRecord } from './transactionRecord';

/** How long one call works before it answers, in milliseconds. */
const BUDGET_MS = 150;

/**
 * Follows one row through a capture, forwards or back. What it is known by comes from the change that was
 * found last, the anchor: on the way back its old key, on the way forward its new one. So an update of the
 * key links both names. What was rolled back is shown, and moves nothing. Where the messages are texts, which
 * columns are the key is what {@link TextKeys} finds in them.
 */
export class RowHistory {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #textKeys: TextKeys;

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.#textKeys = new TextKeys(file, catalog);
  }

  async page(
    p: HistoryRequest,
    pause: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<HistoryPage> {
    const deadline = performance.now() + BUDGET_MS;
    const limit = Math.max(1, Math.min(p.limit, HISTORY_LIMIT));
    const scan = new RowScan(this.#file);
    let { anchor } = p;
    const table = await this.#tableAt(scan, anchor, pause);
    if (typeof table === 'string') return nothing(p, table);
    let tracked = await this.#trackedAt(scan, anchor, p.direction, table);
    if (tracked === undefined) return nothing(p, 'The message does not tell the key of its row.');
    const entries: HistoryEntry[] = [];
    let at = p.from;
    let done = false;
    while (entries.length < limit && !done) {
      signal.throwIfAborted();
      const { key } = tracked;
      const found = await scan.next(at, p.direction, this.#targetOf(table, key), message =>
        this.#isAbout(message, table, key),
      );
      at = found.reached;
      done = found.done;
      if (found.seq >= 0) {
        const { entry, moves } = await this.#entry(found.seq, table);
        entries.push(entry);
        if (moves) {
          anchor = found.seq;
          tracked = (await this.#trackedAt(scan, anchor, p.direction, table)) ?? tracked;
        }
      }
      if (performance.now() >= deadline) break;
      await pause();
    }
    return {
      entries,
      anchor,
      reached: at,
      done,
      key: tracked.shown,
      byWholeRow: table.names === undefined,
      problem: '',
    };
  }

  /** The table of the row that a message changes, or why the row cannot be followed. */
  async #tableAt(
    scan: RowScan,
    seq: number,
    pause: () => Promise<void>,
  ): Promise<FollowedTable | string> {
    const row = await this.#file.row(seq);
    const { textPlugin } = this.#catalog;
    if (textPlugin === 'wal2json' && (await this.#isWholeTransaction(scan, seq))) {
      return 'Here wal2json wrote each transaction as one text (format version 1), in which rows cannot be followed. With format version 2 they can.';
    }
    const operation = (row.flags & ROW.ownFrame) === 0 ? operationOf(row.kind) : undefined;
    if (operation !== 'insert' && operation !== 'update' && operation !== 'delete') {
      return 'This message is not about one row. Choose an insert, an update or a delete: → opens a transaction.';
    }
    const entry = this.#file.relations.get(row.relation);
    if (entry === undefined || this.#catalog.relation(row.relation) === undefined) {
      return 'The table of this row was not described before.';
    }
    const { oid } = entry;
    const versions = this.#file.relations.all
      .filter(other => other.oid === oid)
      .map(({ version }) => version);
    const table = { oid, versions, id: this.#catalog.tableId(row.relation) };
    if (textPlugin === undefined) {
      return { ...table, names: keyNames(this.#catalog, versions, row.relation) };
    }
    const { image } = decodeCaptured(await scan.raw(seq), this.#catalog);
    const key = await this.#textKeys.of(row.relation, image, one => scan.raw(one), pause);
    if (key !== undefined) return { ...table, names: key.names };
    const tells =
      textPlugin === 'test_decoding'
        ? 'test_decoding names it only where a row is deleted or its key changes'
        : 'wal2json names it only in updates and deletes, or with the option include-pk';
    return `No text of this capture tells the key of ${table.id}, so its rows cannot be followed: ${tells}.`;
  }

  async #isWholeTransaction(scan: RowScan, seq: number): Promise<boolean> {
    const { row, lsn, payload } = await scan.raw(seq);
    if ((row.flags & ROW.ownFrame) !== 0) return false;
    if (row.kind !== OPAQUE_KIND && operationOf(row.kind) === undefined) return false;
    const [first, second] = readText('wal2json', payload, { lsn, xid: row.xid }).items ?? [];
    return first?.kind === 'begin' && second !== undefined;
  }

  /** What the row is known by at a change of it; undefined where the message does not tell it. */
  async #trackedAt(
    scan: RowScan,
    seq: number,
    direction: HistoryRequest['direction'],
    table: FollowedTable,
  ): Promise<Tracked | undefined> {
    // As it stands in the file: what is masked is not shown, but still tells rows apart.
    const { image } = this.#decode(await scan.raw(seq), table);
    if (image === undefined) return undefined;
    const side = sideOf(image, direction);
    const key = rowKey(image, side, table.names, this.#catalog.findType);
    if (key === undefined) return undefined;
    const shown = this.#decode(await this.#file.readMessage(seq), table).image;
    return { key, shown: shown === undefined ? [] : this.#shownKey(shown, side, table.names) };
  }

  /** Decodes a message; a text with the columns marked that are the key of its table. */
  #decode(captured: CapturedMessage, { names }: FollowedTable): DecodedMessage {
    const decoded = decodeCaptured(captured, this.#catalog);
    const { image } = decoded;
    if (this.#catalog.textPlugin === undefined || image === undefined) return decoded;
    const columns = image.relation.columns.map(column => ({
      ...column,
      key: names?.includes(column.name) === true,
    }));
    return { ...decoded, image: new RowImage({ ...image.relation, columns }, image.message) };
  }

  #targetOf({ versions }: FollowedTable, key: RowKey): ScanTarget {
    if (this.#catalog.textPlugin !== undefined) return { versions, needle: textNeedle(key) };
    return { versions, needle: this.#file.holdsBinary ? undefined : keyNeedle(key) };
  }

  #shownKey(
    image: RowImage,
    side: 'before' | 'after',
    names: readonly string[] | undefined,
  ): SummaryPart[] {
    if (names === undefined) return [];
    const { findType } = this.#catalog;
    return image.relation.columns.flatMap(({ name, typeOid }, i) => {
      if (!names.includes(name)) return [];
      const cell = side === 'before' ? image.before(i) : image.after(i);
      return [{ column: name, after: cellValue(cell, i, { typeOid, findType }, ROW_VALUE_LIMIT) }];
    });
  }

  /** Whether a message is a change of the row, under one of the two names that it may have there. */
  #isAbout(captured: CapturedMessage, table: FollowedTable, key: RowKey): boolean {
    const { image, message, truncated } = this.#decode(captured, table);
    if (message?.kind === 'truncate') {
      return truncated?.includes(table.id) ?? message.relationOids.includes(table.oid);
    }
    if (image === undefined) return false;
    const { findType } = this.#catalog;
    return (['after', 'before'] as const).some(side => {
      const found = rowKey(image, side, table.names, findType);
      return found !== undefined && isSameRow(key, found);
    });
  }

  async #entry(
    seq: number,
    table: FollowedTable,
  ): Promise<{ readonly entry: HistoryEntry; readonly moves: boolean }> {
    const captured = await this.#file.readMessage(seq);
    const { row } = captured;
    const { image } = this.#decode(captured, table);
    const record =
      row.transaction === NONE
        ? undefined
        : transactionRecord(await this.#file.transactionChunk(row.transaction), row.transaction);
    const who = record === undefined ? undefined : this.#file.notes.who(record);
    const name = who === undefined ? '' : whoName(who);
    const isSubAborted = this.#file.isSubAborted(row.transaction, row.xid);
    const fate = isSubAborted ? 'aborted' : (record?.fate ?? 'committed');
    const parts =
      image === undefined
        ? { key: [], summary: [] }
        : changeSummary(image, this.#catalog.findType, ROW_VALUE_LIMIT);
    return {
      moves: image !== undefined && fate !== 'aborted' && fate !== 'cut',
      entry: {
        seq,
        lsn: formatLsn(captured.lsn),
        xid: row.xid,
        transaction: row.transaction === NONE ? -1 : row.transaction,
        operation: operationOf(row.kind) ?? 'update',
        time: record?.commitTime ?? '',
        fate,
        key: parts.key.filter(({ before, after }) => before !== undefined && after !== undefined),
        summary: parts.summary,
        ...(name === '' ? {} : { who: name }),
      },
    };
  }
}

interface FollowedTable {
  /** The OID; of a table that texts name, a number of its own. */
  readonly oid: number;
  readonly versions: readonly number[];
  /** As a truncate of a text names it. */
  readonly id: string;
  /** Columns of the key; undefined: the whole row. */
  readonly names: readonly string[] | undefined;
}

interface Tracked {
  readonly key: RowKey;
  readonly shown: readonly SummaryPart[];
}

/** The side of a change by which the row is found on the way. */
function sideOf(image: RowImage, direction: HistoryRequest['direction']): 'before' | 'after' {
  if (image.message.kind === 'insert') return 'after';
  if (image.message.kind === 'delete') return 'before';
  return direction === 'earlier' ? 'before' : 'after';
}

function nothing({ anchor, from }: HistoryRequest, problem: string): HistoryPage {
  const place = { anchor, reached: from, done: true };
  return { entries: [], ...place, key: [], byWholeRow: false, problem };
}
