import { ByteReader, DecodeError } from '../base/byteReader';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import { TypeTable } from '../logical/types/typeTable';
import type { CustomType } from '../shared/customType';
import type { TypeSource } from '../shared/frameSink';
import type { RelationVersions } from './relationVersions';

/**
 * Sees to it that a capture knows the types that its tables have: asks for those that a description
 * names, beside the stream, which does not wait.
 */
export class CaptureTypes {
  readonly #relations: RelationVersions;
  readonly #known: TypeTable;
  readonly #onLearned: (types: readonly CustomType[]) => void;
  #source: TypeSource | undefined;
  /** Descriptions that were looked at. */
  #seen = 0;
  /** Asked for next, while an answer is awaited. */
  readonly #wanted = new Set<number>();
  #asking: Promise<void> | undefined;

  /** `onLearned` is given all types that are known then. */
  constructor(
    relations: RelationVersions,
    known: readonly CustomType[],
    onLearned: (types: readonly CustomType[]) => void,
  ) {
    this.#relations = relations;
    this.#known = new TypeTable(known);
    this.#onLearned = onLearned;
  }

  /** From now on these are asked; also for what was described before and is not known. */
  use(source: TypeSource): void {
    this.#source = source;
    this.#seen = 0;
    this.look();
  }

  /** Somebody else has asked for these. */
  learn(types: readonly CustomType[]): void {
    if (this.#known.missing(types.map(({ oid }) => oid)).length === 0) return;
    this.#known.add(types);
    this.#onLearned(this.#known.all);
  }

  /** Takes new descriptions into account; called after each message. */
  look(): void {
    const { all } = this.#relations;
    if (all.length === this.#seen || this.#source === undefined) return;
    const oids: number[] = [];
    for (; this.#seen < all.length; this.#seen++) {
      const entry = all[this.#seen];
      if (entry !== undefined) oids.push(...namedTypes(entry.message));
    }
    for (const oid of this.#known.missing(oids)) this.#wanted.add(oid);
    if (this.#wanted.size > 0) this.#asking ??= this.#ask();
  }

  /** Resolves when no answer is awaited. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  async #ask(): Promise<void> {
    while (this.#wanted.size > 0) {
      const oids = [...this.#wanted];
      this.#wanted.clear();
      const types = (await this.#source?.ask(oids)) ?? [];
      if (types.length === 0) continue;
      this.#known.add(types);
      this.#onLearned(this.#known.all);
    }
    this.#asking = undefined;
  }
}

/** The OIDs of the types that a Relation or Type message names. */
function namedTypes(message: Uint8Array): number[] {
  try {
    const decoded = decodeMessage(new ByteReader(message), false);
    if (decoded.kind === 'type') return [decoded.type.oid];
    if (decoded.kind !== 'relation') return [];
    return decoded.relation.columns.map(({ typeOid }) => typeOid);
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}
