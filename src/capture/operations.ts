import type { Operation } from '../shared/timeline';

/** Letters of pgoutput messages (`LogicalRepMsgType`, src/include/replication/logicalproto.h). */
export const LETTER = {
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
} as const;

const OPERATION_LETTERS: Readonly<Record<Operation, number>> = {
  insert: LETTER.insert,
  update: LETTER.update,
  delete: LETTER.delete,
  truncate: LETTER.truncate,
  message: LETTER.message,
};

export function letterOf(operation: Operation): number {
  return OPERATION_LETTERS[operation];
}

/** The operation that a letter stands for; undefined for messages that change nothing. */
export function operationOf(letter: number): Operation | undefined {
  switch (letter) {
    case LETTER.insert:
      return 'insert';
    case LETTER.update:
      return 'update';
    case LETTER.delete:
      return 'delete';
    case LETTER.truncate:
      return 'truncate';
    case LETTER.message:
      return 'message';
    default:
      return undefined;
  }
}

/** 1 for each letter that is a change, for loops over the kind column. */
export const IS_CHANGE: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const letter of Object.values(OPERATION_LETTERS)) table[letter] = 1;
  return table;
})();

/** 1 for each letter that pgoutput has. */
export const IS_KNOWN: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const letter of Object.values(LETTER)) table[letter] = 1;
  return table;
})();
