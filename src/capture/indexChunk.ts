import { crc32c } from '../base/crc32c';
import { CaptureError } from './captureError';

/** Rows of one index chunk; row `n` of the capture stands in chunk `n >> CHUNK_SHIFT`. */
export const CHUNK_ROWS = 65_536;
export const CHUNK_SHIFT = 16;
export const CHUNK_MASK = CHUNK_ROWS - 1;

/** No transaction, no relation version. */
export const NONE = 0xffff_ffff;

/** Bits of the flags column. */
export const ROW = {
  /** The message stands between Stream Start and Stream Stop. */
  inStream: 1,
  /** Not a message of the output plugin: a frame of our own, whose first byte is the kind. */
  ownFrame: 2,
  /** The letter is not one that we know, or the message stands where it has no transaction to end. */
  unknown: 4,
  /** A message outside transactions that stands above already: a continued stream sends it again. */
  repeated: 8,
} as const;

export type ColumnName =
  'lsn' | 'offset' | 'length' | 'xid' | 'transaction' | 'relation' | 'kind' | 'flags';

/** The columns in the order in which they stand in an I block, with bytes a row. */
const COLUMNS: readonly { readonly name: ColumnName; readonly size: number }[] = [
  { name: 'lsn', size: 8 },
  { name: 'offset', size: 8 },
  { name: 'length', size: 4 },
  { name: 'xid', size: 4 },
  { name: 'transaction', size: 4 },
  { name: 'relation', size: 4 },
  { name: 'kind', size: 1 },
  { name: 'flags', size: 1 },
];

/** Bytes of a row. */
const ROW_SIZE = COLUMNS.reduce((sum, { size }) => sum + size, 0);

export const COLUMN_NAMES: readonly ColumnName[] = COLUMNS.map(({ name }) => name);

/** Chunk number u32, rows u32, then the checksum of each column, u32. */
export const INDEX_HEADER_SIZE = 8 + 4 * COLUMNS.length;

export interface IndexRow {
  readonly lsn: bigint;
  /** Where the frame stands in the file, in bytes. */
  readonly offset: number;
  /** Length of the frame in bytes. */
  readonly length: number;
  readonly xid: number;
  /** Ordinal of the transaction, or {@link NONE}. */
  readonly transaction: number;
  /** Ordinal of the relation version, or {@link NONE}. */
  readonly relation: number;
  /** Letter of the message. */
  readonly kind: number;
  readonly flags: number;
}

/** 65,536 rows of the index, one typed array a column: 34 bytes a row, no object a row. */
export class IndexChunk {
  count: number;
  readonly lsn: BigUint64Array;
  /** The same bytes as {@link lsn}, low half first: for a loop that wants no bigint. */
  readonly lsnHalves: Uint32Array;
  readonly offset: Float64Array;
  readonly length: Uint32Array;
  readonly xid: Uint32Array;
  readonly transaction: Uint32Array;
  readonly relation: Uint32Array;
  readonly kind: Uint8Array;
  readonly flags: Uint8Array;

  /** `room` is at least {@link ROW_SIZE} bytes a row, begins at a multiple of 8, and is taken over. */
  constructor(
    readonly number: number,
    capacity = CHUNK_ROWS,
    room: Uint8Array = new Uint8Array(ROW_SIZE * capacity),
  ) {
    this.count = 0;
    // One piece of memory: pages of a few rows are made by the hundred. Wide columns come first, as in the file.
    const { buffer, byteOffset: at } = room;
    this.lsn = new BigUint64Array(buffer, at, capacity);
    this.lsnHalves = new Uint32Array(buffer, at, 2 * capacity);
    this.offset = new Float64Array(buffer, at + 8 * capacity, capacity);
    this.length = new Uint32Array(buffer, at + 16 * capacity, capacity);
    this.xid = new Uint32Array(buffer, at + 20 * capacity, capacity);
    this.transaction = new Uint32Array(buffer, at + 24 * capacity, capacity);
    this.relation = new Uint32Array(buffer, at + 28 * capacity, capacity);
    this.kind = new Uint8Array(buffer, at + 32 * capacity, capacity);
    this.flags = new Uint8Array(buffer, at + 33 * capacity, capacity);
  }

  row(i: number): IndexRow {
    return {
      lsn: this.lsn[i]!,
      offset: this.offset[i]!,
      length: this.length[i]!,
      xid: this.xid[i]!,
      transaction: this.transaction[i]!,
      relation: this.relation[i]!,
      kind: this.kind[i]!,
      flags: this.flags[i]!,
    };
  }

  /** The payload of an I block, in pieces. */
  encode(): Uint8Array[] {
    const header = new Uint8Array(INDEX_HEADER_SIZE);
    const view = new DataView(header.buffer);
    view.setUint32(0, this.number, true);
    view.setUint32(4, this.count, true);
    const columns = COLUMNS.map(({ name, size }, i) => {
      const array = this[name];
      const bytes = new Uint8Array(array.buffer, array.byteOffset, this.count * size);
      view.setUint32(8 + 4 * i, crc32c(bytes), true);
      return bytes;
    });
    return [header, ...columns];
  }

  /**
   * Reads the payload of an I block, and takes its memory over where the chunk is full. Throws a
   * {@link CaptureError} where it is damaged; `isChecked`: the sums of this block were right before.
   */
  static decode(payload: Uint8Array, isChecked = false): IndexChunk {
    const { number, count } = readIndexHeader(payload);
    const columns = COLUMNS.map(({ name }) => {
      const { start, end } = columnRange(count, name);
      const bytes = payload.subarray(start, end);
      return { name, bytes: isChecked ? bytes : checkedColumn(payload, bytes, name) };
    });
    const room = payload.subarray(INDEX_HEADER_SIZE);
    const isFull = count === CHUNK_ROWS && room.byteOffset % 8 === 0;
    // A chunk that is not full will be filled by the rows that follow.
    const chunk = isFull ? new IndexChunk(number, CHUNK_ROWS, room) : new IndexChunk(number);
    chunk.count = count;
    if (isFull) return chunk;
    for (const { name, bytes } of columns) {
      const array = chunk[name];
      new Uint8Array(array.buffer, array.byteOffset, bytes.length).set(bytes);
    }
    return chunk;
  }
}

export function readIndexHeader(payload: Uint8Array): { number: number; count: number } {
  if (payload.length < INDEX_HEADER_SIZE) throw damaged();
  const view = new DataView(payload.buffer, payload.byteOffset);
  const count = view.getUint32(4, true);
  if (count > CHUNK_ROWS) throw damaged();
  return { number: view.getUint32(0, true), count };
}

/** Where a column stands in the payload of an I block of `count` rows. */
export function columnRange(
  count: number,
  column: ColumnName,
): { readonly start: number; readonly end: number } {
  let start = INDEX_HEADER_SIZE;
  for (const { name, size } of COLUMNS) {
    const end = start + size * count;
    if (name === column) return { start, end };
    start = end;
  }
  throw damaged();
}

/** Returns `bytes` when they are what the header of the chunk promises for this column. */
export function checkedColumn(
  header: Uint8Array,
  bytes: Uint8Array,
  column: ColumnName,
): Uint8Array {
  const i = COLUMNS.findIndex(({ name }) => name === column);
  const view = new DataView(header.buffer, header.byteOffset);
  if (crc32c(bytes) !== view.getUint32(8 + 4 * i, true)) throw damaged();
  return bytes;
}

function damaged(): CaptureError {
  return new CaptureError('corrupt', 'An index chunk of this capture is damaged.');
}
