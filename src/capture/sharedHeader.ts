/**
 * What a writer tells readers in other threads, beside the file: a SharedArrayBuffer of four 64-bit
 * numbers, read and written with Atomics only. A number is set after the write() it speaks of returned.
 */
export const HEADER = {
  /** Messages in the file. */
  rows: 0,
  /** Bytes of the file that are written. */
  written: 1,
  /** Bytes of the file that are on stable storage. */
  durable: 2,
  /** One of {@link HEADER_STATE}. */
  state: 3,
} as const;

export const HEADER_STATE = { writing: 0n, closed: 1n, failed: 2n } as const;

export function createHeader(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * BigInt64Array.BYTES_PER_ELEMENT);
}

export interface HeaderSnapshot {
  readonly rows: number;
  readonly written: number;
  readonly durable: number;
  readonly state: 'writing' | 'closed' | 'failed';
}

export function readHeader(header: SharedArrayBuffer): HeaderSnapshot {
  const counters = new BigInt64Array(header);
  // The state first: when it says closed, the sizes read after it are the last ones.
  const state = Atomics.load(counters, HEADER.state);
  return {
    rows: Number(Atomics.load(counters, HEADER.rows)),
    written: Number(Atomics.load(counters, HEADER.written)),
    durable: Number(Atomics.load(counters, HEADER.durable)),
    state:
      state === HEADER_STATE.writing
        ? 'writing'
        : state === HEADER_STATE.closed
          ? 'closed'
          : 'failed',
  };
}
