import { CaptureError } from './captureError';
import { NONE } from './indexChunk';

/** Transactions of one T block; transaction `n` stands in chunk `n >> TX_SHIFT`. */
export const TX_ROWS = 8192;
export const TX_SHIFT = 13;
export const TX_MASK = TX_ROWS - 1;
/** The first few tables of a transaction are kept with it. */
export const TX_TABLES = 3;

/** Values of the fate column; `cut`: a limit cut it off, and what follows has it from its beginning. */
export const FATE = { open: 0, committed: 1, aborted: 2, prepared: 3, cut: 4 } as const;

/** Bits of the flags column. */
export const TX = {
  /** Sent in blocks before its commit. */
  streamed: 1,
  /** Changes more tables than {@link TX_TABLES}. */
  moreTables: 2,
} as const;

type ColumnName =
  | 'commitLsn'
  | 'endLsn'
  | 'commitTime'
  | 'bytes'
  | 'firstSeq'
  | 'lastSeq'
  | 'changes'
  | 'xid'
  | 'table0'
  | 'table1'
  | 'table2'
  | 'fate'
  | 'flags';

const COLUMNS: readonly { readonly name: ColumnName; readonly size: number }[] = [
  { name: 'commitLsn', size: 8 },
  { name: 'endLsn', size: 8 },
  { name: 'commitTime', size: 8 },
  { name: 'bytes', size: 8 },
  { name: 'firstSeq', size: 4 },
  { name: 'lastSeq', size: 4 },
  { name: 'changes', size: 4 },
  { name: 'xid', size: 4 },
  { name: 'table0', size: 4 },
  { name: 'table1', size: 4 },
  { name: 'table2', size: 4 },
  { name: 'fate', size: 1 },
  { name: 'flags', size: 1 },
];

/** Bytes of one transaction in a T block. */
export const TX_ROW_SIZE = COLUMNS.reduce((sum, { size }) => sum + size, 0);
/** Chunk number u32, transactions u32. */
const HEADER_SIZE = 8;

/** 8,192 transactions in order of their first message, one typed array a column. */
export class TransactionChunk {
  count = 0;
  /** Transactions in here whose fate may still change. */
  open = 0;
  /** Position of the commit record; 0 while not known. */
  readonly commitLsn = new BigUint64Array(TX_ROWS);
  readonly endLsn = new BigUint64Array(TX_ROWS);
  /** Microseconds since 2000-01-01 UTC; 0 while not known. */
  readonly commitTime = new BigInt64Array(TX_ROWS);
  /** Bytes of its messages. */
  readonly bytes = new Float64Array(TX_ROWS);
  readonly firstSeq = new Uint32Array(TX_ROWS);
  readonly lastSeq = new Uint32Array(TX_ROWS);
  readonly changes = new Uint32Array(TX_ROWS);
  readonly xid = new Uint32Array(TX_ROWS);
  /** Relation versions of its first tables, {@link NONE} where there are fewer. */
  readonly table0 = new Uint32Array(TX_ROWS).fill(NONE);
  readonly table1 = new Uint32Array(TX_ROWS).fill(NONE);
  readonly table2 = new Uint32Array(TX_ROWS).fill(NONE);
  readonly fate = new Uint8Array(TX_ROWS);
  readonly flags = new Uint8Array(TX_ROWS);

  constructor(readonly number: number) {}

  /** The payload of a T block, in pieces. */
  encode(): Uint8Array[] {
    const header = new Uint8Array(HEADER_SIZE);
    const view = new DataView(header.buffer);
    view.setUint32(0, this.number, true);
    view.setUint32(4, this.count, true);
    const columns = COLUMNS.map(({ name, size }) => {
      const array = this[name];
      return new Uint8Array(array.buffer, 0, this.count * size);
    });
    return [header, ...columns];
  }

  /** Reads the payload of a T block. Throws a {@link CaptureError} where it is damaged. */
  static decode(payload: Uint8Array): TransactionChunk {
    if (payload.length < HEADER_SIZE) throw damaged();
    const view = new DataView(payload.buffer, payload.byteOffset);
    const chunk = new TransactionChunk(view.getUint32(0, true));
    chunk.count = view.getUint32(4, true);
    if (chunk.count > TX_ROWS || payload.length !== HEADER_SIZE + chunk.count * TX_ROW_SIZE) {
      throw damaged();
    }
    let at = HEADER_SIZE;
    for (const { name, size } of COLUMNS) {
      const end = at + chunk.count * size;
      new Uint8Array(chunk[name].buffer).set(payload.subarray(at, end));
      at = end;
    }
    for (let i = 0; i < chunk.count; i++) {
      const fate = chunk.fate[i] ?? 0;
      if (fate === FATE.open || fate === FATE.prepared) chunk.open++;
    }
    return chunk;
  }
}

function damaged(): CaptureError {
  return new CaptureError('corrupt', 'A transaction chunk of this capture is damaged.');
}
