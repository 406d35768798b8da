import type { PgoutputMessage } from './message';
import { MessageLetter } from './messageLetter';

const NAMES: Readonly<Record<keyof typeof MessageLetter, string>> = {
  begin: 'Begin',
  commit: 'Commit',
  origin: 'Origin',
  relation: 'Relation',
  type: 'Type',
  insert: 'Insert',
  update: 'Update',
  delete: 'Delete',
  truncate: 'Truncate',
  message: 'Message',
  streamStart: 'Stream Start',
  streamStop: 'Stream Stop',
  streamCommit: 'Stream Commit',
  streamAbort: 'Stream Abort',
  beginPrepare: 'Begin Prepare',
  prepare: 'Prepare',
  commitPrepared: 'Commit Prepared',
  rollbackPrepared: 'Rollback Prepared',
  streamPrepare: 'Stream Prepare',
};

/** The documentation's names by letter, for the annotated bytes. */
export const MESSAGE_LABELS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(MessageLetter).map(([kind, letter]) => [
    String.fromCharCode(letter),
    NAMES[kind as keyof typeof MessageLetter],
  ]),
);

/** What the documentation calls a message, such as `Stream Commit`; `Unknown 'x'` for other letters. */
export function messageName(message: PgoutputMessage): string {
  return message.kind === 'unknown' ? `Unknown '${message.letter}'` : NAMES[message.kind];
}
