import type { Lsn } from '../base/lsn';
import { formatLsn, lsnOfHalves, parseLsn } from '../base/lsn';

/**
 * A frame is the content of one CopyData message, exactly as it was on the wire (doc: "Streaming
 * Replication Protocol"). Its first byte says what it is and which side sent it. Frames of our own
 * have letters that the protocol does not use.
 */
export const FRAME = {
  /** 'w' XLogData: server to us. */
  data: 0x77,
  /** 'k' primary keepalive: server to us. */
  keepalive: 0x6b,
  /** 'r' standby status update: us to server. */
  status: 0x72,
  /** 'G' of our own: positions that were not seen, JSON {@link Gap}. */
  gap: 0x47,
} as const;

/** 'w', start of the WAL data, current end of WAL on the server, the server's clock. */
export const DATA_HEADER_SIZE = 25;

/** Positions that the capture did not see; LSNs as `X/X`. */
export interface Gap {
  readonly from: Lsn;
  readonly to: Lsn;
  readonly reason: string;
}

/** A 64-bit position that stands big-endian at `offset` of a frame. */
export function frameLsn(frame: Uint8Array, offset: number): Lsn {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (offset + 8 > frame.length) return lsnOfHalves(0, 0);
  return lsnOfHalves(view.getUint32(offset), view.getUint32(offset + 4));
}

/** Whether a frame says up to which position the server may move on: it stands after the letter. */
export function hasPosition(frame: Uint8Array): boolean {
  if (frame[0] === FRAME.data) return frame.length >= DATA_HEADER_SIZE;
  return frame[0] === FRAME.keepalive && frame.length >= 9;
}

/** Makes the XLogData that would have carried a message; end of WAL and clock are 0: not known. */
export function dataFrame(lsn: Lsn, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(DATA_HEADER_SIZE + payload.length);
  frame[0] = FRAME.data;
  new DataView(frame.buffer).setBigUint64(1, lsn);
  frame.set(payload, DATA_HEADER_SIZE);
  return frame;
}

export function gapFrame(gap: Gap): Uint8Array {
  const json = { from: formatLsn(gap.from), to: formatLsn(gap.to), reason: gap.reason };
  return new TextEncoder().encode(`G${JSON.stringify(json)}`);
}

/** Reads a frame of {@link gapFrame}; undefined where it is damaged. */
export function readGap(frame: Uint8Array): Gap | undefined {
  if (frame[0] !== FRAME.gap) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(frame.subarray(1)));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { from, to, reason } = value as Record<string, unknown>;
  const start = typeof from === 'string' ? parseLsn(from) : undefined;
  const end = typeof to === 'string' ? parseLsn(to) : undefined;
  if (start === undefined || end === undefined) return undefined;
  return { from: start, to: end, reason: typeof reason === 'string' ? reason : '' };
}
