import { toBase64 } from '../base/base64';
import type { EventColumn, EventRow } from './event';
import { tupleBytes } from './pgoutput/tuple';
import type { Cell, RowImage } from './rowImage';
import type { FindType } from './types/binary/binaryText';
import { valueText } from './valueText';

/** The rows of an insert, update or delete event, in the relation's column order. */
export interface ChangeRows {
  readonly key?: EventRow;
  readonly old?: EventRow;
  readonly new?: EventRow;
  readonly unchanged?: readonly string[];
}

/**
 * Builds the rows of an event. Nothing in them is a view of the message's bytes.
 *
 * @param findType Knows the types that are not built in. Without it values in binary form stay bytes.
 */
export function changeRows(image: RowImage, findType: FindType | undefined): ChangeRows {
  const binary = new Set<number>();
  const rows = build(image, findType, NONE, binary);
  // The format marks a column, not a value: where one side is not text, both become base64.
  return binary.size === 0 ? rows : build(image, findType, binary, binary);
}

const NONE: ReadonlySet<number> = new Set();

/** `asBase64`: columns to write so; `binary` takes those that turn out not to be text. */
function build(
  image: RowImage,
  findType: FindType | undefined,
  asBase64: ReadonlySet<number>,
  binary: Set<number>,
): ChangeRows {
  const { message, relation } = image;
  const rows: { -readonly [K in keyof ChangeRows]: ChangeRows[K] } = {};
  const columnOf = (cell: Cell, i: number): EventColumn | undefined => {
    const name = relation.columns[i]?.name ?? '';
    const { tuple, state } = cell;
    if (tuple === undefined || state === 'absent' || state === 'unchanged') return undefined;
    if (state === 'null') return { name, value: null };
    if (!asBase64.has(i)) {
      const value = valueText(tuple, i, relation.columns[i]?.typeOid ?? 0, findType);
      if (value !== undefined) return { name, value };
      binary.add(i);
    }
    return { name, value: toBase64(tupleBytes(tuple, i)), base64: true };
  };

  const width = relation.columns.length;
  if (message.kind !== 'insert' && message.old !== undefined) {
    const row: EventColumn[] = [];
    for (let i = 0; i < width; i++) {
      const column = columnOf(image.before(i), i);
      if (column !== undefined) row.push(column);
    }
    if (message.oldKind === 'key') rows.key = row;
    else rows.old = row;
  }
  if (message.kind !== 'delete') {
    const row: EventColumn[] = [];
    const unchanged: string[] = [];
    for (let i = 0; i < width; i++) {
      const cell = image.after(i);
      const column = columnOf(cell, i);
      if (column !== undefined) row.push(column);
      else if (cell.state === 'unchanged') unchanged.push(relation.columns[i]?.name ?? '');
    }
    rows.new = row;
    if (unchanged.length > 0) rows.unchanged = unchanged;
  }
  return rows;
}
