import { FieldReader } from '../base/fieldReader';
import { toHex } from '../base/hex';
import { formatLsn } from '../base/lsn';
import { formatPgTime, toPgTime } from '../base/time';
import { formatEvent } from '../logical/formatEvent';
import { annotateFrame } from '../logical/annotateFrame';
import type { AnnotatedMessage } from '../logical/pgoutput/annotateMessage';
import { annotateMessage } from '../logical/pgoutput/annotateMessage';
import type { PgoutputMessage } from '../logical/pgoutput/message';
import { messageName } from '../logical/pgoutput/messageName';
import { decodeUtf8, tupleBytes } from '../logical/pgoutput/tuple';
import type { RowImage } from '../logical/rowImage';
import { valueText } from '../logical/valueText';
import type {
  ChangeDetail,
  DetailColumn,
  MessageBytes,
  TransactionFacts,
} from '../shared/changeDetail';
import type { Facets, ReaderViewApi } from '../shared/readerApi';
import type { Operation } from '../shared/viewSpec';
import { BYTES_LIMIT } from '../shared/changeDetail';
import { CaptureError } from './captureError';
import type { CaptureFile } from './captureFile';
import type { CapturedMessage } from './capturedMessage';
import { cellValue, cutText, textCell } from './cellValue';
import type { DecodedMessage } from './decodedMessage';
import { decodeCaptured, isPgoutput } from './decodedMessage';
import { OPAQUE_KIND } from './frameIndexer';
import { CHUNK_ROWS, CHUNK_SHIFT, NONE, ROW } from './indexChunk';
import { IS_CHANGE, operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import { TransactionTraitsReader } from './transactionTraits';
import type { TransactionRecord } from './transactionRecord';
import { firstPosition, transactionRecord } from './transactionRecord';

/** Characters of a value in the detail, when there are few columns and when there are many. */
const VALUE_LIMIT = 4000;
const VALUE_LIMIT_MANY = 200;
const MANY_COLUMNS = 100;
const FACET_TABLES = 500;
const DETAIL_TABLES = 100;

/** Answers what is asked about a single message. */
export class ChangeDetails {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #traits: TransactionTraitsReader;
  /** The value that was asked for last, decoded: long ones are fetched in slices. */
  #lastValue: { readonly key: string; readonly text: string } | undefined;

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.#traits = new TransactionTraitsReader(file, catalog);
  }

  async detail(seq: number): Promise<ChangeDetail> {
    const captured = await this.#file.readMessage(seq);
    const { row, serverTime } = captured;
    const { message, image, truncated, changes, error } = decodeCaptured(captured, this.#catalog);
    const relation = image?.relation ?? this.#catalog.relation(row.relation);
    const own = (row.flags & ROW.ownFrame) !== 0;
    const transaction =
      row.transaction === NONE ? undefined : await this.#transaction(row.transaction);
    const damaged = await this.#file.damagedBlock(seq);
    return {
      seq,
      ...(damaged === undefined ? {} : { damage: damageText(damaged) }),
      operation: own ? 'other' : (operationOf(row.kind) ?? 'other'),
      messageName: this.#nameOf(message, captured),
      lsn: formatLsn(captured.lsn),
      serverTime: serverTime === 0n ? '' : formatPgTime(toPgTime(serverTime)),
      xid: row.xid,
      schema: relation?.schema ?? '',
      table: message?.kind === 'message' ? message.prefix : (relation?.name ?? ''),
      ...(relation === undefined || this.#catalog.textPlugin !== undefined
        ? {}
        : { relation: { oid: relation.oid, replicaIdentity: relation.replicaIdentity } }),
      columns: image === undefined ? [] : this.#columns(image),
      ...(message?.kind === 'message' ? { message: logicalMessage(message) } : {}),
      ...(this.#isShownAsText(captured, error)
        ? { message: pluginText(changes === undefined ? captured.payload : linesOf(changes)) }
        : {}),
      ...(message?.kind === 'truncate'
        ? { truncate: this.#truncate(message, truncated, seq) }
        : {}),
      ...(transaction === undefined ? {} : { transaction }),
      length: captured.payload.length,
      error,
    };
  }

  #columns(image: RowImage): DetailColumn[] {
    const { columns } = image.relation;
    const limit = columns.length > MANY_COLUMNS ? VALUE_LIMIT_MANY : VALUE_LIMIT;
    const { findType } = this.#catalog;
    return columns.map(({ name, typeOid, typeModifier, typeName }, i) => ({
      name,
      type: typeName ?? this.#catalog.typeName(typeOid, typeModifier),
      key: image.isKey(i),
      before: cellValue(image.before(i), i, { typeOid, findType }, limit),
      after: cellValue(image.after(i), i, { typeOid, findType }, limit),
      changed: image.changed(i),
    }));
  }

  #nameOf(message: PgoutputMessage | undefined, captured: CapturedMessage): string {
    const { kind } = captured.row;
    const { textPlugin } = this.#catalog;
    if (captured.gap !== undefined) return 'Gap';
    if (captured.seam !== undefined) return 'Continued';
    if (message !== undefined) return messageName(message);
    if (textPlugin !== undefined) return `Text of ${textPlugin}`;
    if (kind === OPAQUE_KIND) return 'Text of the output plugin';
    return `Message '${String.fromCharCode(kind)}'`;
  }

  /** What a plugin of text wrote is shown as it is where it is no change that can be read. */
  #isShownAsText({ row }: CapturedMessage, error: string): boolean {
    if ((row.flags & ROW.ownFrame) !== 0) return false;
    return row.kind === OPAQUE_KIND || (error !== '' && this.#catalog.textPlugin !== undefined);
  }

  #truncate(
    message: Extract<PgoutputMessage, { readonly kind: 'truncate' }>,
    truncated: readonly string[] | undefined,
    seq: number,
  ): NonNullable<ChangeDetail['truncate']> {
    const tables =
      truncated ??
      message.relationOids.map(oid => {
        const relation = this.#catalog.relationAt(oid, seq);
        return relation === undefined
          ? `oid ${String(oid)}`
          : `${relation.schema}.${relation.name}`;
      });
    return { tables, cascade: message.cascade, restartIdentity: message.restartIdentity };
  }

  /** Looks at every message of the transaction, for its operations and tables. */
  async #transaction(ordinal: number): Promise<TransactionFacts> {
    const file = this.#file;
    const record = transactionRecord(await file.transactionChunk(ordinal), ordinal);
    const byOperation: Record<Operation, number> = {
      insert: 0,
      update: 0,
      delete: 0,
      truncate: 0,
      message: 0,
    };
    const tables = new Map<string, number>();
    for (let seq = record.firstSeq; seq <= record.lastSeq;) {
      const number = seq >>> CHUNK_SHIFT;
      const base = number * CHUNK_ROWS;
      const kinds = await file.column(number, 'kind');
      const transactions = await file.column(number, 'transaction');
      const relations = await file.column(number, 'relation');
      const end = Math.min(record.lastSeq + 1 - base, CHUNK_ROWS);
      for (let i = seq - base; i < end; i++) {
        if (transactions[i] !== ordinal) continue;
        const operation = operationOf(kinds[i] ?? 0);
        if (operation === undefined) continue;
        byOperation[operation]++;
        const table = this.#catalog.tableId(relations[i] ?? NONE);
        if (table !== '' && (tables.has(table) || tables.size < DETAIL_TABLES)) {
          tables.set(table, (tables.get(table) ?? 0) + 1);
        }
      }
      seq = base + end;
    }
    const first = await file.row(record.firstSeq);
    const who = file.who(record);
    const { lastedMs, origin } = await this.#traits.read(record);
    const gid = await this.#gid(record);
    return {
      transaction: ordinal,
      xid: record.xid,
      firstSeq: record.firstSeq,
      firstLsn: formatLsn(await firstPosition(file, record, first)),
      commitLsn: record.commitLsn,
      endLsn: record.endLsn,
      commitTime: record.commitTime,
      fate: record.fate,
      streamed: record.streamed,
      changes: record.changes,
      byOperation,
      tables: [...tables.keys()],
      byTable: [...tables]
        .map(([table, changes]) => ({ table, changes }))
        .sort((a, b) => b.changes - a.changes),
      bytes: record.bytes,
      ...(lastedMs === undefined ? {} : { lastedMs }),
      ...(origin === undefined ? {} : { origin }),
      ...(gid === undefined ? {} : { gid }),
      ...(who === undefined ? {} : { who }),
    };
  }

  /** The message at its beginning or at its end tells the name of a prepared transaction. */
  async #gid({ ordinal, firstSeq, lastSeq }: TransactionRecord): Promise<string | undefined> {
    for (const seq of [firstSeq, lastSeq]) {
      const row = await this.#file.row(seq);
      if (row.transaction !== ordinal || !isPgoutput(row, this.#catalog)) continue;
      if (IS_CHANGE[row.kind] === 1) continue;
      const { message } = decodeCaptured(await this.#file.readMessage(seq), this.#catalog);
      if (message !== undefined && 'gid' in message) return message.gid;
    }
    return undefined;
  }

  async fields(seq: number): ReturnType<ReaderViewApi['fields']> {
    const captured = await this.#file.readMessage(seq);
    const { frame, masked } = captured;
    const annotated = annotateFrame(frame, this.#annotated(captured));
    return { ...annotated, ...(masked === undefined ? {} : { masked }) };
  }

  /** The fields of what a frame carries. */
  #annotated({ payload, row }: CapturedMessage): AnnotatedMessage {
    if (isPgoutput(row, this.#catalog)) {
      const relation = this.#catalog.relation(row.relation);
      return annotateMessage(payload, (row.flags & ROW.inStream) !== 0, relation);
    }
    const reader = new FieldReader(payload);
    const plugin = this.#catalog.textPlugin ?? 'the output plugin';
    reader.skip(payload.length, 'text', `What ${plugin} wrote`, 'text');
    return { fields: reader.fields(), error: '' };
  }

  async bytes(seq: number, offset: number, length: number): Promise<MessageBytes> {
    const row = await this.#file.row(seq);
    const size = Math.min(length, BYTES_LIMIT);
    const total = await this.#file.frameLength(row);
    const view = await this.#file.readFrame(row, offset, size);
    // A view would take its whole buffer along to the other side.
    return { bytes: view.slice(), offset, total };
  }

  async value(
    seq: number,
    column: number,
    side: 'before' | 'after',
    offset: number,
    length: number,
  ): Promise<{ readonly text: string; readonly total: number }> {
    // With another mask it may be another text.
    const patterns = this.#file.mask.patterns.join(' ');
    const key = `${String(seq)} ${String(column)} ${side} ${patterns}`;
    if (this.#lastValue?.key !== key) {
      this.#lastValue = { key, text: await this.#wholeValue(seq, column, side) };
    }
    const { text } = this.#lastValue;
    const part = cutText(text.slice(offset), Math.min(length, BYTES_LIMIT));
    return { text: part, total: text.length };
  }

  async #wholeValue(seq: number, column: number, side: 'before' | 'after'): Promise<string> {
    const captured = await this.#file.readMessage(seq);
    const { message, image, changes, error } = decodeCaptured(captured, this.#catalog);
    if (message?.kind === 'message') return wholeText(message.content);
    if (this.#isShownAsText(captured, error)) {
      return wholeText(changes === undefined ? captured.payload : linesOf(changes));
    }
    if (image === undefined) throw new CaptureError('not-found', `There is no value: ${error}.`);
    const { tuple } = side === 'before' ? image.before(column) : image.after(column);
    if (tuple === undefined) return '';
    const typeOid = image.relation.columns[column]?.typeOid ?? 0;
    return (
      valueText(tuple, column, typeOid, this.#catalog.findType) ?? toHex(tupleBytes(tuple, column))
    );
  }

  facets(): Facets {
    const { counts, relations } = this.#file;
    const tables = new Map<string, { schema: string; table: string; changes: number }>();
    for (const { version, oid } of relations.all) {
      const relation = oid === 0 ? undefined : this.#catalog.relation(version);
      if (relation === undefined) continue;
      const id = this.#catalog.tableId(version);
      const entry = tables.get(id) ?? {
        schema: relation.schema,
        table: relation.name,
        changes: 0,
      };
      entry.changes += counts.ofRelation(version);
      tables.set(id, entry);
    }
    const list = [...tables].map(([id, entry]) => ({ id, ...entry }));
    list.sort((a, b) => b.changes - a.changes);
    return { tables: list.slice(0, FACET_TABLES), operations: counts.byOperation() };
  }
}

function logicalMessage(
  message: Extract<PgoutputMessage, { readonly kind: 'message' }>,
): NonNullable<ChangeDetail['message']> {
  const { prefix, transactional } = message;
  return { prefix, transactional, content: textCell(message.content, VALUE_LIMIT) };
}

/** What an output plugin other than pgoutput sent. */
function pluginText(payload: Uint8Array): NonNullable<ChangeDetail['message']> {
  return { prefix: '', transactional: true, content: textCell(payload, VALUE_LIMIT) };
}

/** As events of the native format, one a line. */
function linesOf(changes: NonNullable<DecodedMessage['changes']>): Uint8Array {
  return new TextEncoder().encode(changes.map(formatEvent).join('\n'));
}

function wholeText(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? toHex(bytes);
}

function damageText(block: number): string {
  return `The block at byte ${String(block)} of this capture is damaged: what is shown of this message may not be what the server sent. Use another copy of the file.`;
}
