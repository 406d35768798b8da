import type { ByteReader } from './byteReader';
import type { Lsn } from './lsn';
import type { PgTime } from './time';

/**
 * What a CopyData message of the replication protocol holds (doc: "Streaming Replication Protocol"). The
 * layouts stand here once: for who streams, and for who looks at the bytes.
 */

const LABELS = {
  w: 'XLogData, from the server',
  k: 'Primary keepalive message, from the server',
  r: 'Standby status update, from us',
  c: 'CopyDone, from us',
  C: 'CopyDone, from the server',
  G: 'Gap, noted by the program that wrote the capture',
  J: 'Seam, noted by the program that wrote the capture',
} as const;

const CLOCK =
  "The sender's clock when it sent this, in microseconds since midnight of 2000-01-01 UTC";
const REPLY = { 0: 'no', 1: 'yes, as soon as possible' } as const;

/** The letter that a frame begins with. */
export function readFrameLetter(reader: ByteReader): number {
  return reader.letter('type', 'What this frame is, and who sent it', LABELS);
}

export interface DataHeader {
  readonly start: Lsn;
  /** 0/0 where not known. */
  readonly end: Lsn;
  /** 0 where not known. */
  readonly sendTime: PgTime;
}

/** An XLogData after its letter, up to the message that it carries. */
export function readDataHeader(reader: ByteReader): DataHeader {
  return {
    start: reader.lsn('walStart', 'Where the WAL begins that this message was made from'),
    end: reader.lsn('walEnd', 'Current end of WAL on the server; 0/0: not known'),
    sendTime: reader.time('sendTime', CLOCK),
  };
}

export interface Keepalive {
  /** End of WAL on the server: everything before it that concerns us has been sent. */
  readonly walEnd: Lsn;
  readonly sendTime: PgTime;
  /** The server ends us soon if we stay silent. */
  readonly replyRequested: boolean;
}

/** A primary keepalive after its letter. */
export function readKeepaliveBody(reader: ByteReader): Keepalive {
  return {
    walEnd: reader.lsn(
      'walEnd',
      'End of WAL on the server: what was committed before it and concerns us has been sent',
    ),
    sendTime: reader.time('sendTime', CLOCK),
    replyRequested:
      reader.letter('replyRequested', 'Whether the server waits for an answer', REPLY) === 1,
  };
}

export interface StatusUpdate {
  readonly written: Lsn;
  /** 0/0 confirms nothing. */
  readonly flushed: Lsn;
  readonly applied: Lsn;
  readonly sendTime: PgTime;
  readonly replyRequested: boolean;
}

/** A standby status update after its letter. */
export function readStatusBody(reader: ByteReader): StatusUpdate {
  return {
    written: reader.lsn('written', 'One byte after the last WAL that was received and written'),
    flushed: reader.lsn(
      'flushed',
      'One byte after the last WAL that is confirmed: the slot may move on to here; 0/0 confirms nothing',
    ),
    applied: reader.lsn('applied', 'One byte after the last WAL that was applied'),
    sendTime: reader.time('sendTime', CLOCK),
    replyRequested: reader.letter('replyRequested', 'Whether we wait for a keepalive', REPLY) === 1,
  };
}
