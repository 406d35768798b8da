import type { Lsn } from '../base/lsn';
import { formatLsn, lsnDistance, lsnOfHalves, parseLsn } from '../base/lsn';

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
  /** 'c' we have sent CopyDone, which has no content. */
  ourDone: 0x63,
  /** 'C' the server has. */
  serverDone: 0x43,
  /** 'G' of our own: positions that were not seen, JSON {@link Gap}. */
  gap: 0x47,
  /** 'J' of our own: here another connection goes on without a gap, JSON {@link Seam}. */
  seam: 0x4a,
} as const;

/** Frames of the conversation that are no messages: they have no number and no row in the index. */
export const IS_ASIDE: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const letter of [FRAME.keepalive, FRAME.status, FRAME.ourDone, FRAME.serverDone]) {
    table[letter] = 1;
  }
  return table;
})();

/** 'w', start of the WAL data, current end of WAL on the server, the server's clock. */
export const DATA_HEADER_SIZE = 25;
/** Where the server's clock stands in an XLogData. */
export const DATA_CLOCK_AT = 17;

/**
 * Positions that nobody saw: what is missing are the transactions whose commit ends after `from` and not
 * after `to`. What was open before it has no end.
 */
export interface Gap {
  readonly from: Lsn;
  readonly to: Lsn;
  readonly reason: string;
  /** Seconds without a stream; absent where nothing was lost by waiting. */
  readonly seconds?: number;
}

/**
 * A new stream goes on below: it begins after the last complete transaction, so the server sends from
 * their beginning those that were open here.
 */
export interface Seam {
  readonly after: Lsn;
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
  const json = {
    from: formatLsn(gap.from),
    to: formatLsn(gap.to),
    reason: gap.reason,
    ...(gap.seconds === undefined ? {} : { seconds: Math.round(gap.seconds * 1000) / 1000 }),
  };
  return new TextEncoder().encode(`G${JSON.stringify(json)}`);
}

/** Reads a frame of {@link gapFrame}; undefined where it is damaged. */
export function readGap(frame: Uint8Array): Gap | undefined {
  const json = readOwn(frame, FRAME.gap);
  const from = lsnOf(json?.['from']);
  const to = lsnOf(json?.['to']);
  if (from === undefined || to === undefined) return undefined;
  const reason = json?.['reason'];
  const seconds = json?.['seconds'];
  return {
    from,
    to,
    reason: typeof reason === 'string' ? reason : '',
    ...(typeof seconds === 'number' && seconds >= 0 ? { seconds } : {}),
  };
}

/** Bytes of WAL in a gap; undefined where the server went back, so that there is no such number. */
export function gapBytes({ from, to }: Pick<Gap, 'from' | 'to'>): number | undefined {
  return to < from ? undefined : Number(lsnDistance(from, to));
}

export function seamFrame(seam: Seam): Uint8Array {
  return new TextEncoder().encode(`J${JSON.stringify({ after: formatLsn(seam.after) })}`);
}

/** Reads a frame of {@link seamFrame}; undefined where it is damaged. */
export function readSeam(frame: Uint8Array): Seam | undefined {
  const after = lsnOf(readOwn(frame, FRAME.seam)?.['after']);
  return after === undefined ? undefined : { after };
}

/** The JSON of a frame of our own, after its letter. */
function readOwn(frame: Uint8Array, letter: number): Record<string, unknown> | undefined {
  if (frame[0] !== letter) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(frame.subarray(1)));
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined;
}

function lsnOf(value: unknown): Lsn | undefined {
  return typeof value === 'string' ? parseLsn(value) : undefined;
}
