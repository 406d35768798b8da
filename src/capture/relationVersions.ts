import type { RelationScope } from '../logical/relationScopes';
import { RelationScopes } from '../logical/relationScopes';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { CaptureError } from './captureError';

/**
 * A table as one Relation message described it, or a type as one Type message named it. The raw bytes
 * are kept: they are decoded when somebody looks.
 */
export interface RelationVersion {
  /** Ordinal in the capture; relations and types share the numbers. */
  readonly version: number;
  /** OID of the table; 0 for a type. */
  readonly oid: number;
  /** The message (a row of the index) that brought it. */
  readonly seq: number;
  /** The message without the xid that it has inside a stream block. */
  readonly message: Uint8Array;
}

/** [oid, version, arrival]; both {@link NOT_IN_FORCE} for a table that is described to nobody. */
type CurrentState = readonly [number, number, number];

/** What cannot be told from the versions alone; plain JSON. */
export interface RelationState {
  readonly current: readonly CurrentState[];
  /** Of streamed transactions that are open: top xid, then what they see. */
  readonly streamed: readonly (readonly [number, readonly CurrentState[]])[];
}

const NOT_IN_FORCE = -1;
const ENTRY_HEADER_SIZE = 16;

/**
 * Every distinct description of a table, in order of arrival. The server sends a table again in each
 * connection and after many DDL commands; an equal one keeps its version.
 */
export class RelationVersions {
  readonly #all: RelationVersion[] = [];
  /** Which of them is in force for whom; arrivals are message numbers. */
  readonly scopes = new RelationScopes<RelationVersion>();
  readonly #types = new Map<string, RelationVersion>();
  readonly #lastByOid = new Map<number, RelationVersion>();

  get all(): readonly RelationVersion[] {
    return this.#all;
  }

  get(version: number): RelationVersion | undefined {
    return this.#all[version];
  }

  /** The messages that name the types and describe the tables as they are now, first what all see. */
  inForce(): Uint8Array[] {
    const types = this.#all.filter(({ oid }) => oid === 0);
    const scopes = [this.scopes.common, ...this.scopes.streamed.values()];
    const tables = scopes.flatMap(scope => [...scope.values()].map(({ version }) => version));
    return [...types, ...tables].map(({ message }) => message).filter(isMessage);
  }

  /**
   * Takes the Relation message `seq` that stands at `start` .. `end`. `topXid` is the transaction of the
   * stream block that it stands in, where its letter is followed by an xid, or 0. Returns its version.
   */
  add(
    oid: number,
    seq: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    topXid: number,
  ): number {
    const xid = topXid !== 0;
    const before = this.scopes.get(oid, topXid);
    const entry =
      before !== undefined && sameMessage(before.message, bytes, start, end, xid)
        ? before
        : this.#append(oid, seq, withoutXid(bytes, start, end, xid));
    this.scopes.set(oid, topXid, entry, seq);
    return entry.version;
  }

  state(): RelationState {
    const list = (scope: RelationScope<RelationVersion>): CurrentState[] =>
      [...scope].map(([oid, { version, arrival }]) => [oid, version.version, arrival]);
    const streamed = [...this.scopes.streamed].map(
      ([topXid, scope]) => [topXid, list(scope)] as const,
    );
    // A table with one version needs no word, unless only a stream block has described it.
    const { common } = this.scopes;
    const current = list(common).filter(
      ([oid, version, arrival]) => !this.#isDefault(oid, version, arrival),
    );
    for (const oid of this.#lastByOid.keys()) {
      if (!common.has(oid)) current.push([oid, NOT_IN_FORCE, NOT_IN_FORCE]);
    }
    return { current, streamed };
  }

  /** After the versions were restored by {@link restore}. */
  restoreState(state: RelationState): void {
    const fill = (topXid: number, list: readonly CurrentState[]): void => {
      for (const [oid, version, arrival] of list) {
        const entry = this.#all[version];
        if (version === NOT_IN_FORCE) this.scopes.common.delete(oid);
        else if (entry !== undefined) this.scopes.set(oid, topXid, entry, arrival);
      }
    };
    fill(0, state.current);
    for (const [topXid, list] of state.streamed) fill(topXid, list);
  }

  /** Whether the versions alone say that this one is in force: it is the last of its table. */
  #isDefault(oid: number, version: number, arrival: number): boolean {
    const last = this.#lastByOid.get(oid);
    return last?.version === version && last.seq === arrival;
  }

  addType(seq: number, bytes: Uint8Array, start: number, end: number, xid: boolean): number {
    const message = withoutXid(bytes, start, end, xid);
    const name = latin1.decode(message);
    let entry = this.#types.get(name);
    if (entry === undefined) {
      entry = this.#append(0, seq, message);
      this.#types.set(name, entry);
    }
    return entry.version;
  }

  /** The payload of an R block with the versions from `first` on. */
  encode(first: number): Uint8Array[] {
    return this.#all.slice(first).flatMap(({ version, oid, seq, message }) => {
      const header = new Uint8Array(ENTRY_HEADER_SIZE);
      const view = new DataView(header.buffer);
      view.setUint32(0, version, true);
      view.setUint32(4, oid, true);
      view.setUint32(8, seq, true);
      view.setUint32(12, message.length, true);
      return [header, message];
    });
  }

  /** Adds the versions of an R block. Throws a {@link CaptureError} where they do not follow. */
  restore(payload: Uint8Array): void {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    let at = 0;
    while (at < payload.length) {
      if (at + ENTRY_HEADER_SIZE > payload.length) throw damaged();
      const version = view.getUint32(at, true);
      const oid = view.getUint32(at + 4, true);
      const seq = view.getUint32(at + 8, true);
      const start = at + ENTRY_HEADER_SIZE;
      const end = start + view.getUint32(at + 12, true);
      if (end > payload.length || version !== this.#all.length) throw damaged();
      const entry = this.#append(oid, seq, payload.slice(start, end));
      if (oid !== 0) this.scopes.set(oid, 0, entry, seq);
      else this.#types.set(latin1.decode(entry.message), entry);
      at = end;
    }
  }

  #append(oid: number, seq: number, message: Uint8Array): RelationVersion {
    const entry = { version: this.#all.length, oid, seq, message };
    this.#all.push(entry);
    if (oid !== 0) this.#lastByOid.set(oid, entry);
    return entry;
  }
}

function withoutXid(bytes: Uint8Array, start: number, end: number, xid: boolean): Uint8Array {
  if (!xid) return bytes.slice(start, end);
  const message = new Uint8Array(Math.max(1, end - start - 4));
  message[0] = bytes[start] ?? 0;
  message.set(bytes.subarray(start + 5, end), 1);
  return message;
}

function sameMessage(
  message: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  xid: boolean,
): boolean {
  const skip = xid ? 4 : 0;
  if (end - start - skip !== message.length) return false;
  for (let i = 1; i < message.length; i++) {
    if (message[i] !== bytes[start + skip + i]) return false;
  }
  return true;
}

function damaged(): CaptureError {
  return new CaptureError('corrupt', 'A relation of this capture is damaged.');
}

const latin1 = new TextDecoder('latin1');

/** A table that a plugin of text names has an entry of our own instead: every text names it again. */
function isMessage(message: Uint8Array): boolean {
  return message[0] === MessageLetter.relation || message[0] === MessageLetter.type;
}
