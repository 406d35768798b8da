import { CaptureError } from './captureError';
import type { IndexerState } from './indexerState';
import type { Zone } from './zone';

/** Where a chunk stands: `offset` is that of its payload in the file, in bytes. */
export interface IndexEntry {
  readonly chunk: number;
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
  readonly zone: Zone;
}

export interface TransactionEntry {
  readonly chunk: number;
  readonly offset: number;
  readonly length: number;
  readonly transactions: number;
}

/** Payload of an M, R or N block. */
export interface RelationEntry {
  readonly offset: number;
  readonly length: number;
}

/**
 * What a Z block says: everything that was added since the one before it, and the state at this place.
 * Entries of the same chunk replace older ones. Plain JSON.
 */
export interface Directory {
  /** Offset of the Z block before, or null. */
  readonly previous: number | null;
  /** Payload of the newest M block. */
  readonly meta: RelationEntry;
  readonly index: readonly IndexEntry[];
  readonly transactions: readonly TransactionEntry[];
  readonly relations: readonly RelationEntry[];
  /** N blocks; absent in a capture of an older version. */
  readonly notes?: readonly RelationEntry[];
  /** Transaction chunks that may still change. */
  readonly openChunks: readonly number[];
  readonly state: IndexerState;
  /** Highest position that was received until here, `X/X`: where a stream goes on that continues the file. */
  readonly position: string;
}

/** The last bytes of a Z block: its own offset (f64) and these eight bytes, to be found from behind. */
const TRAILER_MAGIC = 'PGWALDIR';
export const TRAILER_SIZE = 16;

export function encodeDirectory(directory: Directory, blockOffset: number): Uint8Array[] {
  const trailer = new Uint8Array(TRAILER_SIZE);
  new DataView(trailer.buffer).setFloat64(0, blockOffset, true);
  trailer.set(new TextEncoder().encode(TRAILER_MAGIC), 8);
  return [new TextEncoder().encode(JSON.stringify(directory)), trailer];
}

/** Reads the payload of a Z block, whose checksum was right. */
export function decodeDirectory(payload: Uint8Array): Directory {
  const json = new TextDecoder().decode(payload.subarray(0, payload.length - TRAILER_SIZE));
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new CaptureError('corrupt', 'The directory of this capture is damaged.', { cause });
  }
  if (!isDirectory(value)) {
    throw new CaptureError('corrupt', 'The directory of this capture is damaged.');
  }
  return value;
}

/** The checksum vouches for what a writer of ours wrote; another one may have written anything. */
function isDirectory(value: unknown): value is Directory {
  if (!isObject(value) || !isObject(value['state']) || !isObject(value['meta'])) return false;
  const { state } = value;
  return (
    (value['previous'] === null || isCount(value['previous'])) &&
    ['index', 'transactions', 'relations', 'openChunks'].every(key => Array.isArray(value[key])) &&
    (value['notes'] === undefined || Array.isArray(value['notes'])) &&
    COUNTS.every(key => isCount(state[key])) &&
    ['streamed', 'prepared', 'subAborts', 'counts'].every(key => Array.isArray(state[key])) &&
    [state['begun'], state['block']].every(open => open === null || Array.isArray(open)) &&
    TEXTS.every(key => typeof state[key] === 'string') &&
    isObject(state['relations'])
  );
}

const COUNTS = ['rows', 'transactions', 'changes', 'cutTransactions', 'cutChanges', 'bytes'];
const TEXTS = ['lastOutside', 'repeatsTo', 'lastCommitEnd', 'lastCommitTime'];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** Offsets of Z blocks whose trailers stand in `bytes`, the last one first. */
export function* findDirectories(bytes: Uint8Array): Generator<number> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = buffer.length;
  while (at > 0) {
    at = buffer.lastIndexOf(TRAILER_MAGIC, at - 1, 'latin1');
    if (at < 0) return;
    if (at >= 8) yield buffer.readDoubleLE(at - 8);
  }
}
