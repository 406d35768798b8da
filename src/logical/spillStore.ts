/** Where streamed transactions go that memory has no room for. The core has no files of its own. */
export interface SpillStore {
  /** A new, empty spool, for one transaction. */
  open(): Spool;
}

/** Chunks of bytes, written once and read back once, in order. */
export interface Spool {
  /** Takes a copy before it returns. Throws what the disk says, such as ENOSPC. */
  append(chunk: Uint8Array): void;
  /** The chunks as they were appended; a chunk is valid until the next one is asked for. */
  read(): AsyncIterable<Uint8Array>;
  /** Frees what the spool takes. Harmless when repeated. */
  dispose(): void;
}
