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

const ENTRY_HEADER_SIZE = 12;

/**
 * Every distinct description of a table, in order of arrival. The server sends a table again in each
 * connection and after many DDL commands; an equal one keeps its version.
 */
export class RelationVersions {
  readonly #all: RelationVersion[] = [];
  readonly #currentByOid = new Map<number, RelationVersion>();
  readonly #types = new Map<string, RelationVersion>();

  get all(): readonly RelationVersion[] {
    return this.#all;
  }

  get(version: number): RelationVersion | undefined {
    return this.#all[version];
  }

  /** The version in force for a table, as of what was added last; undefined where none was sent. */
  current(oid: number): RelationVersion | undefined {
    return this.#currentByOid.get(oid);
  }

  /**
   * Takes a Relation message at `start` .. `end`; `xid` says that four bytes of xid follow the letter.
   * Returns its version.
   */
  add(
    oid: number,
    seq: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    xid: boolean,
  ): number {
    const before = this.#currentByOid.get(oid);
    if (before !== undefined && sameMessage(before.message, bytes, start, end, xid)) {
      return before.version;
    }
    const entry = this.#append(oid, seq, withoutXid(bytes, start, end, xid));
    this.#currentByOid.set(oid, entry);
    return entry.version;
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
      const header = new Uint8Array(ENTRY_HEADER_SIZE + 4);
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
      if (at + ENTRY_HEADER_SIZE + 4 > payload.length) throw damaged();
      const version = view.getUint32(at, true);
      const oid = view.getUint32(at + 4, true);
      const seq = view.getUint32(at + 8, true);
      const start = at + ENTRY_HEADER_SIZE + 4;
      const end = start + view.getUint32(at + 12, true);
      if (end > payload.length || version !== this.#all.length) throw damaged();
      const entry = this.#append(oid, seq, payload.slice(start, end));
      if (oid !== 0) this.#currentByOid.set(oid, entry);
      else this.#types.set(latin1.decode(entry.message), entry);
      at = end;
    }
  }

  #append(oid: number, seq: number, message: Uint8Array): RelationVersion {
    const entry = { version: this.#all.length, oid, seq, message };
    this.#all.push(entry);
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
