/** What is in force for a table, and when it came: a number that rises with each arrival. */
export interface InForce<V> {
  readonly version: V;
  readonly arrival: number;
}

/** What is in force, by the table's OID. */
export type RelationScope<V> = Map<number, InForce<V>>;

/**
 * Which description of a table is in force for whom. One that comes inside a stream block speaks for its
 * own transaction only, because that transaction may have altered the table and may yet be rolled back.
 * It becomes what the others see when the transaction commits, as a subscriber that applies transactions
 * at their commit has it (`cleanup_rel_sync_cache`, src/backend/replication/pgoutput/pgoutput.c).
 */
export class RelationScopes<V> {
  /** What those see that are in no stream block. */
  readonly common: RelationScope<V> = new Map();
  readonly #streamed = new Map<number, RelationScope<V>>();

  /** What streamed transactions that are still open see besides, by top xid. */
  get streamed(): ReadonlyMap<number, RelationScope<V>> {
    return this.#streamed;
  }

  /** What a row that arrives now belongs to; `topXid` is the transaction of its stream block, or 0. */
  get(oid: number, topXid: number): V | undefined {
    const streamed = topXid === 0 ? undefined : this.#streamed.get(topXid)?.get(oid);
    return (streamed ?? this.common.get(oid))?.version;
  }

  /** A description has come, inside a stream block of `topXid` or outside one (0). */
  set(oid: number, topXid: number, version: V, arrival: number): void {
    const scope = topXid === 0 ? this.common : this.#streamedBy(topXid);
    scope.set(oid, { version, arrival });
  }

  /** Stream Commit: what the transaction saw, all see from now on. */
  commitStream(topXid: number): void {
    for (const [oid, streamed] of this.#streamed.get(topXid) ?? []) {
      const common = this.common.get(oid);
      if (common === undefined || common.arrival < streamed.arrival) {
        this.common.set(oid, streamed);
      }
    }
    this.#streamed.delete(topXid);
  }

  /**
   * The whole of a streamed transaction was rolled back, or it was prepared: the server describes the
   * tables again to the others.
   */
  dropStream(topXid: number): void {
    this.#streamed.delete(topXid);
  }

  #streamedBy(topXid: number): RelationScope<V> {
    let scope = this.#streamed.get(topXid);
    if (scope === undefined) {
      scope = new Map();
      this.#streamed.set(topXid, scope);
    }
    return scope;
  }
}
