import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { Operation } from '../shared/viewSpec';

const OPERATION_LETTERS: Readonly<Record<Operation, number>> = {
  insert: MessageLetter.insert,
  update: MessageLetter.update,
  delete: MessageLetter.delete,
  truncate: MessageLetter.truncate,
  message: MessageLetter.message,
};

export function letterOf(operation: Operation): number {
  return OPERATION_LETTERS[operation];
}

/** The operation that a letter stands for; undefined for messages that change nothing. */
export function operationOf(letter: number): Operation | undefined {
  switch (letter) {
    case MessageLetter.insert:
      return 'insert';
    case MessageLetter.update:
      return 'update';
    case MessageLetter.delete:
      return 'delete';
    case MessageLetter.truncate:
      return 'truncate';
    case MessageLetter.message:
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
  for (const letter of Object.values(MessageLetter)) table[letter] = 1;
  return table;
})();
