import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, NONE, ROW } from './indexChunk';
import type { ScanColumn } from './indexStore';
import { IS_CHANGE } from './operations';
import type { RelationVersions } from './relationVersions';

/** What is not what its letter says, and what was shown before already. */
export const NO_CHANGE = ROW.ownFrame | ROW.unknown | ROW.repeated;

/** Classes that are kept, in bytes: those of sixty million messages, or of half as many in many tables. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A number of a class for each row of a chunk. */
export type Classes = Uint8Array | Uint16Array | Uint32Array;

/** What rows of one class have in common. */
export interface RowClass {
  readonly kind: number;
  /** Of the flags those of {@link NO_CHANGE}. */
  readonly flags: number;
  /** Relation version, or {@link NONE}. */
  readonly relation: number;
  /** The row is a change of its letter. */
  readonly isChange: boolean;
}

/** The index of a capture, as far as it matters here. */
interface IndexColumns {
  readonly column: (number: number, name: ScanColumn) => Promise<Uint8Array | Uint32Array>;
  readonly relations: Pick<RelationVersions, 'all'>;
}

interface ChunkClasses {
  readonly number: number;
  classes: Classes;
  /** Rows whose class is known. */
  count: number;
}

/**
 * The rows of a capture's index by what a filter asks of them: letter, flags and table. There are few
 * combinations of these, so that a number for each row, mostly of one byte, holds them, and a filter asks
 * once for each class instead of once for each row. Made by the first scan, chunk by chunk, and kept for all
 * views; a class keeps its number.
 */
export class RowClasses {
  readonly #index: IndexColumns;
  readonly #all: RowClass[] = [];
  /** By letter and flags: for each relation version its class + 1; the first entry is that of none. */
  readonly #numbers: (Uint32Array | undefined)[] = [];
  readonly #kept = new Map<number, ChunkClasses>();
  /** The one that was asked for last, where no more are kept. */
  #last: ChunkClasses | undefined;
  readonly #limit: number;
  #bytes = 0;

  /** `limit`: how many bytes are kept. */
  constructor(index: IndexColumns, limit = MOST_BYTES) {
    this.#index = index;
    this.#limit = limit;
  }

  /** Classes that were met so far; more may follow. */
  get all(): readonly RowClass[] {
    return this.#all;
  }

  /** The class of each of the first `count` rows of a chunk at least, as far as there are so many. */
  async of(number: number, count: number): Promise<Classes> {
    const known = this.#known(number);
    if (known !== undefined && known.count >= count) return known.classes;
    const kinds = await this.#index.column(number, 'kind');
    const flags = await this.#index.column(number, 'flags');
    const relations = await this.#index.column(number, 'relation');
    // Somebody else may have asked meanwhile, and rows may have come between the columns.
    const chunk = this.#known(number) ?? { number, classes: new Uint8Array(CHUNK_ROWS), count: 0 };
    const end = Math.min(kinds.length, flags.length, relations.length);
    const before = chunk.count === 0 ? 0 : chunk.classes.byteLength;
    if (end > chunk.count) this.#fill(chunk, end, kinds, flags, relations);
    this.#keep(chunk, before);
    return chunk.classes;
  }

  /** The class of a message where it is at hand; undefined where the index would have to be read. */
  at(seq: number): RowClass | undefined {
    const chunk = this.#kept.get(seq >>> CHUNK_SHIFT);
    const row = seq & CHUNK_MASK;
    const isKnown = chunk !== undefined && row < chunk.count;
    return isKnown ? this.#all[chunk.classes[row]!] : undefined;
  }

  #known(number: number): ChunkClasses | undefined {
    return this.#kept.get(number) ?? (this.#last?.number === number ? this.#last : undefined);
  }

  #fill(
    chunk: ChunkClasses,
    end: number,
    kinds: ArrayLike<number>,
    flags: ArrayLike<number>,
    relations: ArrayLike<number>,
  ): void {
    let { classes } = chunk;
    const versions = this.#index.relations.all.length;
    for (let i = chunk.count; i < end; i++) {
      const key = kinds[i]! | ((flags[i]! & NO_CHANGE) << 8);
      const relation = relations[i]!;
      // A version that does not exist (the file may say anything) is as none.
      const at = relation < versions ? relation + 1 : 0;
      let number = this.#numbers[key]?.[at] ?? 0;
      if (number === 0) number = this.#add(key, at);
      if (number > 1 << (8 * classes.BYTES_PER_ELEMENT)) classes = wider(classes);
      classes[i] = number - 1;
    }
    chunk.classes = classes;
    chunk.count = end;
  }

  /** Gives a class its number, which begins at 1 here. */
  #add(key: number, at: number): number {
    let numbers = this.#numbers[key];
    if (numbers === undefined || at >= numbers.length) {
      const larger = new Uint32Array(2 * at + 16);
      if (numbers !== undefined) larger.set(numbers);
      this.#numbers[key] = numbers = larger;
    }
    const kind = key & 0xff;
    const flags = key >>> 8;
    const isChange = IS_CHANGE[kind] === 1 && flags === 0;
    const relation = at === 0 ? NONE : at - 1;
    return (numbers[at] = this.#all.push({ kind, flags, relation, isChange }));
  }

  #keep(chunk: ChunkClasses, before: number): void {
    const more = chunk.classes.byteLength - (this.#kept.has(chunk.number) ? before : 0);
    if (this.#bytes + more > this.#limit && !this.#kept.has(chunk.number)) {
      this.#last = chunk;
      return;
    }
    this.#bytes += more;
    this.#kept.set(chunk.number, chunk);
  }
}

function wider(classes: Classes): Classes {
  return classes.BYTES_PER_ELEMENT === 1 ? Uint16Array.from(classes) : Uint32Array.from(classes);
}
