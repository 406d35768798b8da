import type { Lsn } from '../base/lsn';
import type { PgTime } from '../base/time';
import type { Tuple } from '../logical/pgoutput/message';
import type { Relation } from '../logical/relation';
import type { Cell, RowImage } from '../logical/rowImage';
import type { FindType } from '../logical/types/binary/binaryText';
import { valueText } from '../logical/valueText';
import type { Operation } from '../shared/viewSpec';

/** A change as a filter sees it. It may be one object that is filled in anew for each change. */
export interface FilterEvent {
  readonly op: Operation;
  readonly lsn: Lsn;
  /** The top transaction; undefined outside one. */
  readonly xid: number | undefined;
  /** Of the commit; undefined while it is not known. */
  readonly time: PgTime | undefined;
  /** Bytes of the message. */
  readonly size: number | undefined;
  /** Several for a truncate, none for a message. A truncate passes where it does for one of them. */
  readonly tables: readonly { readonly schema: string; readonly table: string }[];
  /** Undefined where there is none, or where it could not be read. */
  readonly row: FilterRow | undefined;
  /** Of a message. */
  readonly prefix: string | undefined;
  readonly content: string | undefined;
}

/**
 * The row of a change, column by column as they are asked for. A value is its text; null is SQL NULL; undefined
 * what is not there: not sent, TOASTed and unchanged, or not text.
 */
export interface FilterRow {
  /** What is compiled for a table hangs on this object: the same for all rows of a version. */
  readonly relation: Pick<Relation, 'oid' | 'columns' | 'replicaIdentity'>;
  before(column: number): string | null | undefined;
  after(column: number): string | null | undefined;
  /** Undefined where nobody can tell: the old value was not sent, or values are masked. */
  changed(column: number): boolean | undefined;
}

/** The row of a message in one of the forms that the server sends. May be filled in anew for each change. */
export class ImageRow implements FilterRow {
  image: RowImage;
  readonly #findType: FindType | undefined;

  /** @param findType Knows the types that are not built in, for values in binary form. */
  constructor(image: RowImage, findType: FindType | undefined) {
    this.image = image;
    this.#findType = findType;
  }

  get relation(): Relation {
    return this.image.relation;
  }

  before(column: number): string | null | undefined {
    return this.#text(this.image.before(column), column);
  }

  after(column: number): string | null | undefined {
    return this.#text(this.image.after(column), column);
  }

  changed(column: number): boolean | undefined {
    const { image } = this;
    if (image.message.kind !== 'update') return false;
    if (image.relation.columns[column]?.masked === true) return undefined;
    if (image.message.new.kinds[column] === UNCHANGED) return false;
    const before = image.before(column);
    return before.state === 'absent' ? undefined : image.changed(column);
  }

  #text({ state, tuple }: Cell, column: number): string | null | undefined {
    if (state === 'null') return null;
    if (tuple === undefined || state === 'absent') return undefined;
    // What is masked nobody is to find out by asking.
    if (state === 'unchanged' || state === 'masked') return undefined;
    return textOf(tuple, column, this.image.relation, this.#findType);
  }
}

const UNCHANGED = 0x75; // u

function textOf(
  tuple: Tuple,
  column: number,
  relation: Relation,
  findType: FindType | undefined,
): string | undefined {
  try {
    return valueText(tuple, column, relation.columns[column]?.typeOid ?? 0, findType);
  } catch (error) {
    // Longer than a text can be: no expression says anything about it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
