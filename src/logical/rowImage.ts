import type { PgoutputMessage, Tuple } from './pgoutput/message';
import type { TupleState } from './pgoutput/tuple';
import { sameValue, tupleState } from './pgoutput/tuple';
import type { Relation } from './relation';

/** A message that changes one row. */
export type RowMessage = Extract<
  PgoutputMessage,
  { readonly kind: 'insert' | 'update' | 'delete' }
>;

export function isRowMessage(message: PgoutputMessage): message is RowMessage {
  return message.kind === 'insert' || message.kind === 'update' || message.kind === 'delete';
}

/** As of a tuple; `masked`: there is a value, which nobody is to see: the tuple holds a placeholder. */
export type CellState = TupleState | 'masked';

/**
 * What one side of a change holds for a column. A value (`text`, `binary`) or NULL stands in `tuple`,
 * under the column's number; `unchanged` is TOASTed, not changed and so not in the WAL; `absent` was not
 * sent: outside the key, or no row on this side.
 */
export interface Cell {
  readonly state: CellState;
  readonly tuple: Tuple | undefined;
}

const ABSENT: Cell = { state: 'absent', tuple: undefined };

/**
 * The row before and after a change, resolved from what the message sends: the one place that knows
 * - a key row (`K`) has NULL as a filler outside the key: absent there, not NULL;
 * - an UPDATE without an old row left the key as it is in the new row;
 * - a TOASTed value that is unchanged in the new row is the one of the old row, where that was sent.
 * Doc: "Logical Replication Message Formats", Update and Delete; `ExtractReplicaIdentity`,
 * src/backend/access/heap/heapam.c.
 */
export class RowImage {
  readonly relation: Relation;
  readonly message: RowMessage;

  constructor(relation: Relation, message: RowMessage) {
    this.relation = relation;
    this.message = message;
  }

  /** Why the message does not fit the relation; undefined where it does. */
  static mismatch(relation: Relation, message: RowMessage): string | undefined {
    const want = relation.columns.length;
    for (const tuple of [
      message.kind === 'insert' ? undefined : message.old,
      message.kind === 'delete' ? undefined : message.new,
    ]) {
      const have = tuple?.kinds.length ?? want;
      if (have !== want) {
        return `the row has ${have} columns, ${relation.schema}.${relation.name} was described with ${want}`;
      }
    }
    return undefined;
  }

  /** Part of the key. With identity full the server marks every column, which names no key. */
  isKey(column: number): boolean {
    return isKeyColumn(this.relation, column);
  }

  before(column: number): Cell {
    const message = this.message;
    if (message.kind === 'insert') return ABSENT;
    if (message.old === undefined) {
      return this.isKey(column) && message.kind === 'update'
        ? this.#cell(message.new, column)
        : ABSENT;
    }
    if (message.oldKind === 'key' && !keyRowHas(this.relation, message.old, column)) return ABSENT;
    return this.#cell(message.old, column);
  }

  after(column: number): Cell {
    const message = this.message;
    if (message.kind === 'delete') return ABSENT;
    const cell = this.#cell(message.new, column);
    if (cell.state !== 'unchanged' || message.kind === 'insert') return cell;
    const before = this.before(column);
    return before.state === 'absent' ? cell : before;
  }

  /**
   * Whether an UPDATE changed the column, as far as the message tells: false also where the old value
   * was not sent, and of a masked column.
   */
  changed(column: number): boolean {
    if (this.message.kind !== 'update') return false;
    if (this.relation.columns[column]?.masked === true) return false;
    const before = this.before(column);
    const after = this.after(column);
    if (before.tuple === undefined || after.tuple === undefined) return false;
    if (before.tuple === after.tuple) return false;
    return !sameValue(before.tuple, after.tuple, column);
  }

  #cell(tuple: Tuple, column: number): Cell {
    const state = tupleState(tuple, column);
    const isValue = state === 'text' || state === 'binary';
    const isMasked = isValue && this.relation.columns[column]?.masked === true;
    return { state: isMasked ? 'masked' : state, tuple };
  }
}

function isKeyColumn(relation: Relation, column: number): boolean {
  return relation.replicaIdentity !== 'full' && relation.columns[column]?.key === true;
}

/** Whether a key row holds this column: the rest is filled with NULL. */
function keyRowHas(relation: Relation, old: Tuple, column: number): boolean {
  return relation.columns[column]?.key === true || tupleState(old, column) !== 'null';
}
