import { DecodeError, ByteReader } from '../base/byteReader';
import type { PgTime } from '../base/time';
import { withMaskedColumns } from '../capture/relationCatalog';
import type { FilterEvent } from '../filter/filterEvent';
import { ImageRow } from '../filter/filterEvent';
import type { FilterExpression } from '../filter/filterExpression';
import { MetTables } from '../filter/metTables';
import type { LogicalEvent } from '../logical/event';
import type { ChangeTest } from '../logical/eventDelivery';
import type { MessagePlace, Names } from '../logical/messageEvent';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import type { PgoutputMessage } from '../logical/pgoutput/message';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { decodeUtf8 } from '../logical/pgoutput/tuple';
import type { Relation } from '../logical/relation';
import { isRowMessage, RowImage } from '../logical/rowImage';
import type { TextChangeTest } from '../logical/textPlugins/textEventDecoder';
import { textRow } from '../logical/textPlugins/textRow';
import type { FindType } from '../logical/types/binary/binaryText';
import type { ColumnMask } from '../shared/columnMask';
import { NO_MASK } from '../shared/columnMask';
import type { FilterProblem } from '../shared/filterApi';
import type { Operation } from '../shared/viewSpec';

/**
 * Which changes of a stream pass an expression, asked before they are made events. What cannot be read
 * passes: it may be what is looked for, and is told as an `unknown` event.
 */
export class ChangeFilter {
  readonly #expression: FilterExpression;
  readonly #findType: FindType;
  readonly #mask: ColumnMask;
  /** Tables with their masked columns marked. */
  readonly #marked = new WeakMap<Relation, Relation>();
  /** Of the transaction that is being delivered, where its begin tells it. */
  #time: PgTime | undefined;
  /** What operation and table alone say. */
  readonly #verdicts = new WeakMap<Relation, Map<Operation, boolean | 'maybe'>>();
  /** Those that had changes. */
  readonly #tables = new MetTables();
  #hasPassed = false;

  /** @param mask Columns that hold placeholders: for the expression they are not there. */
  constructor(expression: FilterExpression, findType: FindType, mask = NO_MASK) {
    this.#expression = expression.withTypes(findType);
    this.#findType = findType;
    this.#mask = mask;
  }

  /** To be told of all events that are delivered: a begin has the time of the commit. */
  note(event: LogicalEvent): void {
    if (event.kind === 'begin') this.#time = event.commitTime;
    else if (event.kind === 'commit' || event.kind === 'streamStart') this.#time = undefined;
  }

  /** Where no change has passed: what the expression asks for that none of the tables has. */
  hint(): FilterProblem | undefined {
    return this.#hasPassed ? undefined : this.#tables.hint(this.#expression.tree);
  }

  readonly passes: ChangeTest = (payload, place, names, relation) => {
    const op = OPERATIONS_BY_LETTER.get(payload[0] ?? 0);
    if (op === undefined) return true;
    if (relation !== undefined && op !== 'truncate') {
      const verdict = this.#byTable(op, relation);
      if (verdict !== 'maybe') return this.#remember(verdict);
    }
    let message: PgoutputMessage;
    try {
      message = decodeMessage(new ByteReader(payload), place.inStream);
    } catch (error) {
      if (error instanceof DecodeError) return true;
      throw error;
    }
    const event = this.#eventOf(message, op, payload.length, place, names);
    return event === undefined || this.#remember(this.#expression.matches(event));
  };

  #remember(passes: boolean): boolean {
    this.#hasPassed ||= passes;
    return passes;
  }

  readonly passesText: TextChangeTest = (item, size, time) => {
    switch (item.kind) {
      case 'row': {
        const { relation, message } = textRow(item);
        const { schema, table, place } = item;
        // A text has the columns of a row, which need not be those of its table.
        this.#tables.meet(schema, table, []);
        return this.#remember(
          this.#expression.matches({
            ...NOTHING,
            op: item.operation,
            lsn: place.lsn,
            xid: place.xid,
            time,
            size,
            tables: [{ schema, table }],
            row: new ImageRow(
              new RowImage(withMaskedColumns(relation, this.#mask), message),
              this.#findType,
            ),
          }),
        );
      }
      case 'truncate':
      case 'message': {
        const { kind, lsn, xid } = item;
        const base = { ...NOTHING, op: kind, lsn, xid, time, size };
        if (kind === 'truncate') {
          for (const { schema, table } of item.relations) this.#tables.meet(schema, table, []);
          return this.#remember(this.#expression.matches({ ...base, tables: item.relations }));
        }
        const isTold = item.contentEncoding === 'utf8' && !this.#mask.everything;
        const content = isTold ? item.content : undefined;
        return this.#remember(this.#expression.matches({ ...base, prefix: item.prefix, content }));
      }
      default:
        return true;
    }
  };

  #meet({ schema, name, columns }: Relation): void {
    this.#tables.meet(schema, name, columns);
  }

  #byTable(op: Operation, relation: Relation): boolean | 'maybe' {
    let verdicts = this.#verdicts.get(relation);
    if (verdicts === undefined) {
      this.#meet(relation);
      this.#verdicts.set(relation, (verdicts = new Map<Operation, boolean | 'maybe'>()));
    }
    let verdict = verdicts.get(op);
    if (verdict === undefined) {
      const { schema, name } = relation;
      verdict = this.#expression.decide({ op, schema, table: name });
      verdicts.set(op, verdict);
    }
    return verdict;
  }

  /** Undefined where the message does not fit its table, or no table was described. */
  #eventOf(
    message: PgoutputMessage,
    op: Operation,
    size: number,
    { lsn, topXid }: MessagePlace,
    names: Names,
  ): FilterEvent | undefined {
    const xid = topXid === 0 ? undefined : topXid;
    const base = { ...NOTHING, op, lsn, xid, time: this.#time, size };
    if (isRowMessage(message)) {
      const relation = names.relation(message.relationOid);
      if (relation === undefined || RowImage.mismatch(relation, message) !== undefined) {
        return undefined;
      }
      const { schema, name: table } = relation;
      const row = new ImageRow(new RowImage(this.#withMarks(relation), message), this.#findType);
      return { ...base, tables: [{ schema, table }], row };
    }
    if (message.kind === 'truncate') {
      const relations = message.relationOids.map(oid => names.relation(oid));
      const known = relations.filter(relation => relation !== undefined);
      if (known.length < relations.length) return undefined;
      for (const relation of known) this.#meet(relation);
      return { ...base, tables: known.map(({ schema, name: table }) => ({ schema, table })) };
    }
    if (message.kind !== 'message') return undefined;
    const content = this.#mask.everything ? undefined : decodeUtf8(message.content);
    return { ...base, prefix: message.prefix, content };
  }

  /** The same object for the same table: what is compiled for a table hangs on it. */
  #withMarks(relation: Relation): Relation {
    if (this.#mask.isEmpty) return relation;
    let marked = this.#marked.get(relation);
    if (marked === undefined) {
      marked = withMaskedColumns(relation, this.#mask);
      this.#marked.set(relation, marked);
    }
    return marked;
  }
}

const NOTHING = {
  tables: [],
  row: undefined,
  prefix: undefined,
  content: undefined,
} satisfies Partial<FilterEvent>;

const OPERATIONS_BY_LETTER: ReadonlyMap<number, Operation> = new Map([
  [MessageLetter.insert, 'insert'],
  [MessageLetter.update, 'update'],
  [MessageLetter.delete, 'delete'],
  [MessageLetter.truncate, 'truncate'],
  [MessageLetter.message, 'message'],
]);
