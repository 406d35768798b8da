import type { IndexChunk } from './indexChunk';
import { NONE } from './indexChunk';

/**
 * What is known of an index chunk without reading it: a scan skips the chunks that cannot match.
 * Plain JSON, because it stands in the directory.
 */
export interface Zone {
  /** Of the messages that have a position, as decimal strings; both 0 where none has. */
  readonly minLsn: string;
  readonly maxLsn: string;
  /** Rows of each letter, as `{"I": 12}`. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Bloom filter of relation versions: 128 bits, one for each version (see {@link bloomBit}). */
  readonly relations: readonly number[];
  /** Lowest and highest transaction ordinal; -1 and -1 where no row has one. */
  readonly firstTransaction: number;
  readonly lastTransaction: number;
}

/** The one bit of 128 that a relation version sets. */
export function bloomBit(version: number): number {
  return Math.imul(version, 0x9e37_79b1) >>> 25;
}

/** True where the chunk may have rows of this relation version; false means that it has none. */
export function mayHaveRelation(zone: Zone, version: number): boolean {
  const bit = bloomBit(version);
  return ((zone.relations[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
}

/** Looks at all rows of a chunk: about a millisecond. */
export function zoneOf(chunk: IndexChunk): Zone {
  const { count, lsnHalves } = chunk;
  const counts = new Uint32Array(256);
  const relations = new Int32Array(4);
  let min = -1;
  let max = -1;
  let firstTransaction = NONE;
  let lastTransaction = -1;
  for (let i = 0; i < count; i++) {
    counts[chunk.kind[i]!]!++;
    // Relation, Type and Origin come with 0/0 where the server knows no better.
    if (lsnHalves[2 * i] !== 0 || lsnHalves[2 * i + 1] !== 0) {
      if (min < 0 || comparePosition(lsnHalves, i, min) < 0) min = i;
      if (max < 0 || comparePosition(lsnHalves, i, max) > 0) max = i;
    }
    const relation = chunk.relation[i]!;
    if (relation !== NONE) {
      const bit = bloomBit(relation);
      relations[bit >>> 5]! |= 1 << (bit & 31);
    }
    const transaction = chunk.transaction[i]!;
    if (transaction === NONE) continue;
    if (transaction < firstTransaction) firstTransaction = transaction;
    if (transaction > lastTransaction) lastTransaction = transaction;
  }
  const kinds: Record<string, number> = {};
  counts.forEach((rows, letter) => {
    if (rows > 0) kinds[String.fromCharCode(letter)] = rows;
  });
  return {
    minLsn: String(chunk.lsn[min] ?? 0n),
    maxLsn: String(chunk.lsn[max] ?? 0n),
    kinds,
    relations: [...relations],
    firstTransaction: lastTransaction < 0 ? -1 : firstTransaction,
    lastTransaction,
  };
}

function comparePosition(halves: Uint32Array, a: number, b: number): number {
  return halves[2 * a + 1]! - halves[2 * b + 1]! || halves[2 * a]! - halves[2 * b]!;
}
