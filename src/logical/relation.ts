/** `relreplident` of pg_class: which old values UPDATE and DELETE send. */
export type ReplicaIdentity = 'default' | 'nothing' | 'full' | 'index' | 'unknown';

export interface RelationColumn {
  readonly name: string;
  /** Unsigned OID of the column's type. */
  readonly typeOid: number;
  /** `atttypmod`: signed, -1 for none. */
  readonly typeModifier: number;
  /** Part of the replica identity; under `full` every column is. */
  readonly key: boolean;
  /** The type's name, where its OID is not told: by an output plugin that writes text. */
  readonly typeName?: string;
  /** Its values are masked: what stands in a row is a placeholder. */
  readonly masked?: true;
}

/**
 * A table as a Relation message described it. A table that changes in mid-stream sends a new one, so
 * a row always belongs to the version that was current when it arrived.
 * Protocol: "Logical Replication Message Formats", Relation.
 */
export interface Relation {
  readonly oid: number;
  /** `pg_catalog` is sent as an empty string; here it has its name. */
  readonly schema: string;
  readonly name: string;
  readonly replicaIdentity: ReplicaIdentity;
  readonly columns: readonly RelationColumn[];
}

/** A type that is not built in, as a Type message names it. */
export interface NamedType {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
}
