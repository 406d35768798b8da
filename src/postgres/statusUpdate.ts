import { ByteReader } from '../base/byteReader';
import type { Lsn } from '../base/lsn';
import type { Keepalive } from '../base/replicationFrame';
import { readFrameLetter, readKeepaliveBody } from '../base/replicationFrame';
import { pgTimeOfUnixMs } from '../base/time';

/** First byte of a CopyData payload (doc: "Streaming Replication Protocol"). */
export const XLOG_DATA = 0x77; // 'w'
export const KEEPALIVE = 0x6b; // 'k'
const STANDBY_STATUS_UPDATE = 0x72; // 'r'

/** Bytes before the plugin's own message in an XLogData: type, walStart, walEnd, sendTime. */
export const XLOG_DATA_HEADER = 25;

/** Up to where we have got; 0 for "nothing", which the server takes as not confirming. */
export interface StatusPositions {
  readonly written: Lsn;
  readonly flushed: Lsn;
  readonly applied: Lsn;
}

/** The whole wire message: CopyData with a standby status update in it, which may ask for a keepalive. */
export function statusUpdateMessage(
  positions: StatusPositions,
  unixMs: number,
  replyRequested: boolean,
): Uint8Array {
  const message = new Uint8Array(1 + 4 + 34);
  const view = new DataView(message.buffer);
  message[0] = 0x64; // CopyData 'd'
  view.setUint32(1, message.length - 1);
  message[5] = STANDBY_STATUS_UPDATE;
  view.setBigUint64(6, positions.written);
  view.setBigUint64(14, positions.flushed);
  view.setBigUint64(22, positions.applied);
  view.setBigInt64(30, pgTimeOfUnixMs(unixMs));
  message[38] = replyRequested ? 1 : 0;
  return message;
}

/** Reads a primary keepalive. Throws DecodeError when it is too short. */
export function readKeepalive(payload: Uint8Array): Keepalive {
  const reader = new ByteReader(payload);
  readFrameLetter(reader);
  return readKeepaliveBody(reader);
}
