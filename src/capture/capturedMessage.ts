import type { Lsn } from '../base/lsn';
import { toLsn } from '../base/lsn';
import { CaptureError } from './captureError';
import type { Gap, Seam } from './frame';
import { DATA_HEADER_SIZE, FRAME, frameLsn, readGap, readSeam } from './frame';
import type { IndexRow } from './indexChunk';
import { ROW } from './indexChunk';

/** A message of a capture. `payload` may be a view of a shared buffer: not to be written to. */
export interface CapturedMessage {
  readonly seq: number;
  readonly lsn: Lsn;
  /** What CopyData held, as it was received. */
  readonly frame: Uint8Array;
  /** Without the header of XLogData; the whole frame where it is one of our own. */
  readonly payload: Uint8Array;
  /** The server's clock when it sent the message, microseconds since 2000; 0 where not known. */
  readonly serverTime: bigint;
  readonly row: IndexRow;
  /** Values were taken out of it: `frame` and `payload` are not the bytes that were received. */
  readonly masked?: true;
  /** Present on a gap. */
  readonly gap?: Gap;
  /** Present where a peek was continued. */
  readonly seam?: Seam;
}

/** Puts a row of the index and its frame together; throws where they do not belong together. */
export function capturedMessage(seq: number, row: IndexRow, frame: Uint8Array): CapturedMessage {
  const lsn = toLsn(row.lsn);
  if ((row.flags & ROW.ownFrame) !== 0) {
    const gap = readGap(frame);
    const seam = readSeam(frame);
    const message = { seq, lsn, frame, payload: frame, serverTime: 0n, row };
    return {
      ...message,
      ...(gap === undefined ? {} : { gap }),
      ...(seam === undefined ? {} : { seam }),
    };
  }
  if (frame[0] !== FRAME.data || frame.length < DATA_HEADER_SIZE) {
    const where = `message ${String(seq)} at byte ${String(row.offset)}`;
    throw new CaptureError('corrupt', `The capture is damaged: ${where}.`);
  }
  const serverTime = BigInt.asIntN(64, frameLsn(frame, 17));
  return { seq, lsn, frame, payload: frame.subarray(DATA_HEADER_SIZE), serverTime, row };
}
