import type { NamedType, Relation } from './relation';
import { RelationScopes } from './relationScopes';

/** One description of a table, as it was from its arrival on. */
export interface RelationVersion {
  /** Number of the version among all of a stream, from 0 in order of first arrival. */
  readonly ordinal: number;
  readonly relation: Relation;
}

/**
 * The tables and types that a stream described, by OID and by time of arrival: a row belongs to the
 * version that was current when it arrived, and a new one may come at any time. A description that is
 * sent again unchanged keeps its version.
 */
export class RelationCache {
  readonly #versions: RelationVersion[] = [];
  readonly #byOid = new Map<number, RelationVersion[]>();
  readonly #scopes = new RelationScopes<RelationVersion>();
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
    this.#scopes.set(relation.oid, topXid, version, this.#arrivals++);
    return version;
  }

  addType(type: NamedType): void {
    this.#types.set(type.oid, type);
  }

  /** The version that a row which arrives now belongs to; undefined for a table never described. */
  get(oid: number, topXid = 0): RelationVersion | undefined {
    return this.#scopes.get(oid, topXid);
  }

  type(oid: number): NamedType | undefined {
    return this.#types.get(oid);
  }

  /** Stream Commit: what the transaction saw, all see from now on. */
  commitStream(topXid: number): void {
    this.#scopes.commitStream(topXid);
  }

  /** A streamed transaction was rolled back, or ended after it had been prepared. */
  dropStream(topXid: number): void {
    this.#scopes.dropStream(topXid);
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
