/**
 * What is known of an index chunk without reading it: a scan skips the chunks that cannot match.
 * Plain JSON, because it stands in the directory.
 */
export interface Zone {
  /** LSNs as decimal strings. */
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

/** Collects the zone of a chunk while its rows arrive. */
export class ZoneBuilder {
  #minLsn = 0xffff_ffff_ffff_ffffn;
  #maxLsn = 0n;
  readonly #kinds = new Uint32Array(256);
  readonly #relations = new Int32Array(4);
  #first = -1;
  #last = -1;

  /** `transaction` and `relation` are negative where there is none. */
  add(lsn: bigint, kind: number, transaction: number, relation: number): void {
    if (lsn < this.#minLsn) this.#minLsn = lsn;
    if (lsn > this.#maxLsn) this.#maxLsn = lsn;
    this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1;
    if (relation >= 0) {
      const bit = bloomBit(relation);
      const word = bit >>> 5;
      this.#relations[word] = (this.#relations[word] ?? 0) | (1 << (bit & 31));
    }
    if (transaction >= 0) {
      if (this.#first < 0 || transaction < this.#first) this.#first = transaction;
      if (transaction > this.#last) this.#last = transaction;
    }
  }

  build(): Zone {
    const kinds: Record<string, number> = {};
    this.#kinds.forEach((count, letter) => {
      if (count > 0) kinds[String.fromCharCode(letter)] = count;
    });
    return {
      minLsn: String(this.#minLsn),
      maxLsn: String(this.#maxLsn),
      kinds,
      relations: [...this.#relations],
      firstTransaction: this.#first,
      lastTransaction: this.#last,
    };
  }
}
