import type { PgoutputMessage } from './message';

/**
 * The letter that a message begins with, in ASCII, by its kind.
 * Source: `LogicalRepMsgType`, src/include/replication/logicalproto.h.
 */
export const MessageLetter = {
  begin: 0x42, // B
  commit: 0x43, // C
  origin: 0x4f, // O
  relation: 0x52, // R
  type: 0x59, // Y
  insert: 0x49, // I
  update: 0x55, // U
  delete: 0x44, // D
  truncate: 0x54, // T
  message: 0x4d, // M
  streamStart: 0x53, // S
  streamStop: 0x45, // E
  streamCommit: 0x63, // c
  streamAbort: 0x41, // A
  beginPrepare: 0x62, // b
  prepare: 0x50, // P
  commitPrepared: 0x4b, // K
  rollbackPrepared: 0x72, // r
  streamPrepare: 0x70, // p
} as const satisfies Readonly<Record<Exclude<PgoutputMessage['kind'], 'unknown'>, number>>;
