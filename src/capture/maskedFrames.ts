import type { MaskedColumns } from '../logical/maskedMessage';
import { ALL_COLUMNS, isRowLetter } from '../logical/maskedMessage';
import { maskedColumnsOf, maskedPayload } from '../logical/streamMask';
import type { ColumnMask } from '../shared/columnMask';
import { DATA_HEADER_SIZE } from './frame';
import type { IndexRow } from './indexChunk';
import { ROW } from './indexChunk';
import type { DescribedTables } from './relationCatalog';
import { RelationCatalog } from './relationCatalog';

type Row = Pick<IndexRow, 'kind' | 'flags' | 'relation'>;

/**
 * The frames of a capture without the values of masked columns: the one place that they pass on their way
 * out of the file. Which columns these are goes by the description that was in force for a message.
 */
export class MaskedFrames {
  readonly mask: ColumnMask;
  readonly #source: DescribedTables;
  readonly #tables: RelationCatalog;
  /** For each relation version, once it was asked for. */
  readonly #columns = new Map<number, MaskedColumns | undefined>();

  constructor(mask: ColumnMask, source: DescribedTables) {
    this.mask = mask;
    this.#source = source;
    // Columns are looked up in the mask, not marked by it.
    this.#tables = new RelationCatalog({
      relations: source.relations,
      types: source.types,
      meta: source.meta,
    });
  }

  /** The masked columns of a relation version; undefined for none. Of one that is not known, all are. */
  columns(version: number): MaskedColumns | undefined {
    if (this.#columns.has(version)) return this.#columns.get(version);
    const relation = this.#tables.relation(version);
    // It may still come.
    if (relation === undefined) return ALL_COLUMNS;
    const columns = maskedColumnsOf(relation, this.mask);
    this.#columns.set(version, columns);
    return columns;
  }

  /** False where the frame of this message stays as it is, whatever is in it. */
  mayChange({ kind, flags, relation }: Row): boolean {
    if ((flags & ROW.ownFrame) !== 0) return false;
    const { plugin } = this.#source.meta.source;
    if (plugin !== 'pgoutput' && plugin !== '') return true;
    return !isRowLetter(kind) || this.columns(relation) !== undefined;
  }

  /** The frame itself where it holds no masked value. */
  of(row: Row, frame: Uint8Array): Uint8Array {
    if (!this.mayChange(row)) return frame;
    const payload = frame.subarray(DATA_HEADER_SIZE);
    const masked = maskedPayload(payload, {
      plugin: this.#source.meta.source.plugin,
      mask: this.mask,
      inStream: (row.flags & ROW.inStream) !== 0,
      masked: isRowLetter(row.kind) ? this.columns(row.relation) : undefined,
    });
    if (masked === payload) return frame;
    const whole = new Uint8Array(DATA_HEADER_SIZE + masked.length);
    whole.set(frame.subarray(0, DATA_HEADER_SIZE));
    whole.set(masked, DATA_HEADER_SIZE);
    return whole;
  }
}
