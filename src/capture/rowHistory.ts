import { formatLsn } from '../base/lsn';
import type { RowImage } from '../logical/rowImage';
import type { HistoryEntry, HistoryPage, HistoryRequest } from '../shared/historyApi';
import { HISTORY_LIMIT } from '../shared/historyApi';
import type { SummaryPart } from '../shared/timelineRow';
import { ROW_VALUE_LIMIT } from '../shared/timelineRow';
import { whoName } from '../shared/who';
import type { CaptureFile } from './captureFile';
import type { CapturedMessage } from './capturedMessage';
import { cellValue } from './cellValue';
import { changeSummary } from './changeSummary';
import { decodeCaptured } from './decodedMessage';
import { NONE, ROW } from './indexChunk';
import { operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import type { RowKey } from './rowKey';
import { isSameRow, keyNames, rowKey } from './rowKey';
import { RowScan } from './rowScan';
import { transactionRecord } from './transactionRecord';

/** How long one call works before it answers, in milliseconds. */
const BUDGET_MS = 150;

/**
 * Follows one row through a capture, forwards or back. What it is known by comes from the change that was
 * found last, the anchor: on the way back its old key, on the way forward its new one. So an update of the
 * key links both names. What was rolled back is shown, and moves nothing.
 */
export class RowHistory {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
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
    let tracked = await this.#trackedAt(scan, anchor, p.direction);
    if (typeof tracked === 'string') return nothing(p, tracked);
    const { oid, names, versions } = tracked;
    const entries: HistoryEntry[] = [];
    let at = p.from;
    let done = false;
    while (entries.length < limit && !done) {
      signal.throwIfAborted();
      const { key } = tracked;
      const found = await scan.next(at, p.direction, { oid, versions, key }, message =>
        this.#isAbout(message, oid, names, key),
      );
      at = found.reached;
      done = found.done;
      if (found.seq >= 0) {
        const { entry, moves } = await this.#entry(found.seq);
        entries.push(entry);
        if (moves) {
          anchor = found.seq;
          const next = await this.#trackedAt(scan, anchor, p.direction, names);
          if (typeof next !== 'string') tracked = { ...next, names, versions };
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
      byWholeRow: names === undefined,
      problem: '',
    };
  }

  /** What the row is known by at a change of it, or why it cannot be followed. */
  async #trackedAt(
    scan: RowScan,
    seq: number,
    direction: HistoryRequest['direction'],
    known?: readonly string[],
  ): Promise<Tracked | string> {
    const row = await this.#file.row(seq);
    const { textPlugin } = this.#catalog;
    if (textPlugin !== undefined) {
      return `The texts of ${textPlugin} do not say which columns are the key, so a row cannot be followed.`;
    }
    const relation = this.#catalog.relation(row.relation);
    const operation = (row.flags & ROW.ownFrame) === 0 ? operationOf(row.kind) : undefined;
    if (operation !== 'insert' && operation !== 'update' && operation !== 'delete') {
      return 'This message is not about one row. Choose an insert, an update or a delete: → opens a transaction.';
    }
    if (relation === undefined) return 'The table of this row was not described before.';
    const versions = this.#file.relations.all
      .filter(({ oid }) => oid === relation.oid)
      .map(({ version }) => version);
    const names = known ?? keyNames(this.#catalog, versions, row.relation);
    // As it stands in the file: what is masked is not shown, but still tells rows apart.
    const { image } = decodeCaptured(await scan.raw(seq), this.#catalog);
    const side = sideOf(image, direction);
    const key =
      image === undefined ? undefined : rowKey(image, side, names, this.#catalog.findType);
    if (key === undefined) return 'The message does not tell the key of its row.';
    const shown = decodeCaptured(await this.#file.readMessage(seq), this.#catalog).image;
    return {
      oid: relation.oid,
      versions,
      names,
      key,
      shown: shown === undefined ? [] : this.#shownKey(shown, side, names),
    };
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
  #isAbout(
    captured: CapturedMessage,
    oid: number,
    names: readonly string[] | undefined,
    key: RowKey,
  ): boolean {
    const { image, message } = decodeCaptured(captured, this.#catalog);
    if (message?.kind === 'truncate') return message.relationOids.includes(oid);
    if (image === undefined) return false;
    const { findType } = this.#catalog;
    return (['after', 'before'] as const).some(side => {
      const found = rowKey(image, side, names, findType);
      return found !== undefined && isSameRow(key, found);
    });
  }

  async #entry(seq: number): Promise<{ readonly entry: HistoryEntry; readonly moves: boolean }> {
    const captured = await this.#file.readMessage(seq);
    const { row } = captured;
    const { image } = decodeCaptured(captured, this.#catalog);
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

interface Tracked {
  readonly oid: number;
  readonly versions: readonly number[];
  /** Columns of the key; undefined: the whole row. */
  readonly names: readonly string[] | undefined;
  readonly key: RowKey;
  readonly shown: readonly SummaryPart[];
}

/** The side of a change by which the row is found on the way. */
function sideOf(
  image: RowImage | undefined,
  direction: HistoryRequest['direction'],
): 'before' | 'after' {
  if (image?.message.kind === 'insert') return 'after';
  if (image?.message.kind === 'delete') return 'before';
  return direction === 'earlier' ? 'before' : 'after';
}

function nothing({ anchor, from }: HistoryRequest, problem: string): HistoryPage {
  const place = { anchor, reached: from, done: true };
  return { entries: [], ...place, key: [], byWholeRow: false, problem };
}
