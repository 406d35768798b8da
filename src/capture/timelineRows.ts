import { formatLsn, toLsn } from '../base/lsn';
import { formatBytes, formatPlural } from '../base/quantity';
import type {
  CellValue,
  ChangeRow,
  Fate,
  NoteRow,
  SummaryPart,
  TimelineRow,
  TransactionRow,
} from '../shared/timelineRow';
import type { Operation } from '../shared/viewSpec';
import { ROW_VALUE_LIMIT } from '../shared/timelineRow';
import { whoName } from '../shared/who';
import type { CaptureFile } from './captureFile';
import type { CapturedMessage } from './capturedMessage';
import { cutText, textCell } from './cellValue';
import { changeSummary } from './changeSummary';
import type { DecodedMessage } from './decodedMessage';
import { decodeCaptured } from './decodedMessage';
import { OPAQUE_KIND } from './frameIndexer';
import { gapText } from './gapText';
import type { IndexRow } from './indexChunk';
import { NONE, ROW } from './indexChunk';
import { operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import type { TransactionRecord } from './transactionRecord';
import { RowRules } from './rowRules';
import { firstPosition, transactionRecord } from './transactionRecord';
import { TransactionTraitsReader } from './transactionTraits';
import type { View } from './view';
import type { ViewLine } from './viewLines';

/** A page is at most so long, in characters of JSON. */
const PAGE_SIZE = 64 * 1024 - 2;
/** A message larger than this is not read for a line of the list. */
const LARGE_MESSAGE = 4 * 1024 * 1024;

/** Lines that are made at the same time. */
const TOGETHER = 32;

/** Turns the lines of a view into what the list shows. */
export class TimelineRows {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #traits: TransactionTraitsReader;
  readonly rules: RowRules;

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.#traits = new TransactionTraitsReader(file, catalog);
    this.rules = new RowRules(file, catalog);
  }

  /** The rows of these lines, as many as fit into a page; the first one at least. */
  async render(
    view: View,
    lines: readonly ViewLine[],
    signal: AbortSignal,
  ): Promise<TimelineRow[]> {
    const rows: TimelineRow[] = [];
    let size = 0;
    for (let first = 0; first < lines.length; first += TOGETHER) {
      signal.throwIfAborted();
      // What they need of the file is read at the same time.
      const some = await Promise.all(
        lines.slice(first, first + TOGETHER).map(line => this.#row(view, line, ROW_VALUE_LIMIT)),
      );
      for (const row of some) {
        size += JSON.stringify(row).length + 1;
        if (size > PAGE_SIZE && rows.length > 0) return rows;
        rows.push(row);
      }
    }
    return rows;
  }

  async #row(view: View, line: ViewLine, limit: number): Promise<TimelineRow> {
    if (line.transaction !== undefined) {
      return this.#transactionRow(view, line.transaction, limit);
    }
    const row = await this.#file.row(line.seq);
    const operation = operationOf(row.kind);
    if (operation === undefined || (row.flags & (ROW.ownFrame | ROW.unknown)) !== 0) {
      return this.#noteRow(line.seq, row);
    }
    return this.#changeRow(line.seq, row, operation, line.nested, limit);
  }

  async #record(ordinal: number): Promise<TransactionRecord> {
    return transactionRecord(await this.#file.transactionChunk(ordinal), ordinal);
  }

  async #transactionRow(view: View, ordinal: number, limit: number): Promise<TransactionRow> {
    const record = await this.#record(ordinal);
    // Of its first message nothing else is needed: most of a window of transactions is reading the index.
    const first = { lsn: await this.#file.lsnOf(record.firstSeq) };
    const matched = view.matchedOf(ordinal) ?? record.changes;
    const expanded = view.isExpanded(ordinal);
    const who = this.#file.who(record);
    const names = record.tables.map(version => this.#tableName(version));
    const row: TransactionRow = {
      type: 'transaction',
      transaction: ordinal,
      seq: record.firstSeq,
      lsn: formatLsn(await firstPosition(this.#file, record, first)),
      xid: record.xid,
      commitTime: record.commitTime,
      fate: record.fate,
      streamed: record.streamed,
      changes: record.changes,
      matched,
      bytes: record.bytes,
      tables: [...new Set(names.filter(name => name !== ''))],
      moreTables: record.moreTables,
      expanded,
      ...(who === undefined ? {} : { who: whoName(who) }),
      ...(await this.#traits.read(record)),
    };
    if (matched !== 1 || expanded) {
      const rule = await this.rules.ofTransaction(record);
      return rule === undefined ? row : { ...row, rule };
    }
    const seq = await view.onlyChange(ordinal);
    if (seq < 0) return row;
    const change = await this.#file.row(seq);
    const operation = operationOf(change.kind);
    if (operation === undefined) return row;
    const single = await this.#changeRow(seq, change, operation, false, limit);
    return single.type === 'change' ? { ...row, single } : row;
  }

  /** The name alone in the schema `public`, else with its schema. */
  #tableName(version: number): string {
    const relation = this.#catalog.relation(version);
    if (relation === undefined) return '';
    return ['public', ''].includes(relation.schema)
      ? relation.name
      : `${relation.schema}.${relation.name}`;
  }

  async #changeRow(
    seq: number,
    row: IndexRow,
    operation: Operation,
    nested: boolean,
    limit: number,
  ): Promise<ChangeRow | NoteRow> {
    const record = row.transaction === NONE ? undefined : await this.#record(row.transaction);
    const subAborted = this.#file.isSubAborted(row.transaction, row.xid);
    const relation = this.#catalog.relation(row.relation);
    const plain: Omit<ChangeRow, 'schema' | 'table' | 'key' | 'summary'> = {
      type: 'change',
      seq,
      lsn: formatLsn(toLsn(row.lsn)),
      xid: row.xid,
      transaction: row.transaction === NONE ? -1 : row.transaction,
      operation,
      commitTime: record?.commitTime ?? '',
      fate: subAborted ? 'aborted' : (record?.fate ?? fateOutside(operation)),
      bytes: row.length,
      nested,
    };
    const named = { schema: relation?.schema ?? '', table: relation?.name ?? '' };
    if (row.length > LARGE_MESSAGE) {
      const size = textPart('row', `${formatBytes(row.length)}: see the detail`);
      return { ...plain, ...named, key: [], summary: [size] };
    }
    const captured = await this.#file.readMessage(seq);
    const rule = await this.rules.of(captured);
    const change = rule === undefined ? plain : { ...plain, rule };
    const { message, image, truncated, error } = decodeCaptured(captured, this.#catalog);
    if (image !== undefined && error === '') {
      return { ...change, ...named, ...changeSummary(image, this.#catalog.findType, limit) };
    }
    if (message?.kind === 'message') {
      const content = { column: 'content', after: textCell(message.content, limit) };
      return { ...change, schema: '', table: message.prefix, key: [], summary: [content] };
    }
    if (message?.kind === 'truncate') {
      const summary = this.#truncateParts(truncated ?? message.relationOids, seq, message);
      return { ...change, ...named, key: [], summary };
    }
    const lsn = formatLsn(toLsn(row.lsn));
    return { type: 'note', seq, lsn, note: 'error', text: this.#unreadable(error, captured) };
  }

  #truncateParts(
    tables: readonly (number | string)[],
    seq: number,
    options: { readonly cascade: boolean; readonly restartIdentity: boolean },
  ): SummaryPart[] {
    const parts: SummaryPart[] = [];
    if (tables.length > 1) {
      const names = tables.map(table =>
        typeof table === 'string'
          ? table
          : (this.#catalog.relationAt(table, seq)?.name ?? `oid ${String(table)}`),
      );
      parts.push(textPart('tables', names.join(', ')));
    }
    if (options.cascade) parts.push(textPart('cascade', 'yes'));
    if (options.restartIdentity) parts.push(textPart('restart identity', 'yes'));
    return parts;
  }

  /** Of a text what it says is shown all the same. */
  #unreadable(error: string, { payload }: CapturedMessage): string {
    const why = `Not readable: ${error}`;
    if (this.#catalog.textPlugin === undefined) return why;
    return cutText(`${why} · ${pluginText(payload)}`, 2 * ROW_VALUE_LIMIT);
  }

  async #noteRow(seq: number, row: IndexRow): Promise<NoteRow> {
    const note = { type: 'note', seq, lsn: formatLsn(toLsn(row.lsn)) } as const;
    if (row.length > LARGE_MESSAGE) {
      return { ...note, note: 'unknown', text: `A message of ${formatBytes(row.length)}` };
    }
    const captured = await this.#file.readMessage(seq);
    if (captured.gap !== undefined) {
      return { ...note, note: 'gap', text: gapText(captured.gap) };
    }
    if (captured.seam !== undefined) {
      return { ...note, note: 'seam', text: `after ${formatLsn(captured.seam.after)}` };
    }
    if (captured.row.kind === OPAQUE_KIND || this.#catalog.textPlugin !== undefined) {
      const { changes, error } = decodeCaptured(captured, this.#catalog);
      if (error !== '') return { ...note, note: 'error', text: this.#unreadable(error, captured) };
      const text = changes === undefined ? pluginText(captured.payload) : changesText(changes);
      return { ...note, note: 'text', text };
    }
    return { ...note, note: 'unknown', text: unknownText(captured) };
  }
}

/** What a text says that holds several changes. */
function changesText(changes: NonNullable<DecodedMessage['changes']>): string {
  const counts = new Map<string, number>();
  for (const change of changes) {
    const name = 'table' in change ? ` ${change.schema}.${change.table}` : '';
    const what = `${change.kind}${name}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const list = [...counts].map(([what, count]) => (count === 1 ? what : `${what} × ${count}`));
  const text = `${formatPlural(changes.length, 'change')} in one message: ${list.join(', ')}`;
  return cutText(text, ROW_VALUE_LIMIT);
}

/** What an output plugin other than pgoutput says of a change, in its own words. */
function pluginText(payload: Uint8Array): string {
  const lossy = new TextDecoder().decode(payload.subarray(0, ROW_VALUE_LIMIT * 4));
  return cutText(lossy, ROW_VALUE_LIMIT);
}

function unknownText({ payload, row }: CapturedMessage): string {
  const letter = String.fromCharCode(row.kind);
  const own = (row.flags & ROW.ownFrame) !== 0;
  if (!own && operationOf(row.kind) === undefined && KNOWN_ENDS.includes(letter)) {
    return `End of a transaction whose beginning was not seen ('${letter}')`;
  }
  return `Unknown ${own ? 'frame' : 'message'} '${letter}' of ${String(payload.length)} bytes`;
}

/** A message outside a transaction is there at once; a change whose transaction is missing is unsure. */
function fateOutside(operation: Operation): Fate {
  return operation === 'message' ? 'committed' : 'open';
}

/** Messages that end a transaction: they are notes where there is nothing to end. */
const KNOWN_ENDS = 'CPcAp';

function textPart(column: string, text: string): SummaryPart {
  const shown = cutText(text, ROW_VALUE_LIMIT);
  const after: CellValue = {
    kind: 'text',
    text: shown,
    cut: shown.length < text.length,
    bytes: Buffer.byteLength(text),
  };
  return { column, after };
}
