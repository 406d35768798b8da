import type { NamedType, Relation } from './relation';

/** One description of a table, as it was from its arrival on. */
export interface RelationVersion {
  /** Number of the version among all of a stream, from 0 in order of first arrival. */
  readonly ordinal: number;
  readonly relation: Relation;
}

/** What a stream knows of a table now, and when it came to know it. */
interface Current {
  readonly version: RelationVersion;
  readonly arrival: number;
}

/**
 * The tables and types that a stream described, by OID and by time of arrival: a row belongs to the
 * version that was current when it arrived, and a new one may come at any time. A description that is
 * sent again unchanged keeps its version.
 *
 * A Relation message inside a stream block speaks for its own transaction only, because that
 * transaction may have altered the table and may yet be rolled back. It becomes what the others see
 * when the transaction commits, as a subscriber that applies transactions at their commit has it
 * (`cleanup_rel_sync_cache`, src/backend/replication/pgoutput/pgoutput.c).
 */
export class RelationCache {
  readonly #versions: RelationVersion[] = [];
  readonly #byOid = new Map<number, RelationVersion[]>();
  readonly #current = new Map<number, Current>();
  /** What streamed transactions that are still open see, by top xid. */
  readonly #streamed = new Map<number, Map<number, Current>>();
  readonly #types = new Map<number, NamedType>();
  #arrivals = 0;

  /** All versions, by ordinal. */
  get versions(): readonly RelationVersion[] {
    return this.#versions;
  }

  /** Takes what a Relation message says. `topXid`: the transaction of its stream block, if in one. */
  add(relation: Relation, topXid = 0): RelationVersion {
    const known = this.#byOid.get(relation.oid) ?? [];
    let version = known.find(candidate => sameRelation(candidate.relation, relation));
    if (version === undefined) {
      version = { ordinal: this.#versions.length, relation };
      this.#versions.push(version);
      this.#byOid.set(relation.oid, [...known, version]);
    }
    const current = { version, arrival: this.#arrivals++ };
    if (topXid === 0) this.#current.set(relation.oid, current);
    else this.#streamedBy(topXid).set(relation.oid, current);
    return version;
  }

  addType(type: NamedType): void {
    this.#types.set(type.oid, type);
  }

  /** The version that a row which arrives now belongs to; undefined for a table never described. */
  get(oid: number, topXid = 0): RelationVersion | undefined {
    const streamed = topXid === 0 ? undefined : this.#streamed.get(topXid)?.get(oid);
    return (streamed ?? this.#current.get(oid))?.version;
  }

  type(oid: number): NamedType | undefined {
    return this.#types.get(oid);
  }

  /** Stream Commit: what the transaction saw, all see from now on. */
  commitStream(topXid: number): void {
    for (const [oid, streamed] of this.#streamed.get(topXid) ?? []) {
      const current = this.#current.get(oid);
      if (current === undefined || current.arrival < streamed.arrival) {
        this.#current.set(oid, streamed);
      }
    }
    this.#streamed.delete(topXid);
  }

  /**
   * The whole of a streamed transaction was aborted, or it ended after it had been prepared: the server
   * describes the tables again to the others.
   */
  dropStream(topXid: number): void {
    this.#streamed.delete(topXid);
  }

  #streamedBy(topXid: number): Map<number, Current> {
    let streamed = this.#streamed.get(topXid);
    if (streamed === undefined) {
      streamed = new Map();
      this.#streamed.set(topXid, streamed);
    }
    return streamed;
  }
}

function sameRelation(a: Relation, b: Relation): boolean {
  return (
    a.schema === b.schema &&
    a.name === b.name &&
    a.replicaIdentity === b.replicaIdentity &&
    a.columns.length === b.columns.length &&
    a.columns.every((column, i) => {
      const other = b.columns[i];
      return (
        other !== undefined &&
        column.name === other.name &&
        column.typeOid === other.typeOid &&
        column.typeModifier === other.typeModifier &&
        column.key === other.key
      );
    })
  );
}
