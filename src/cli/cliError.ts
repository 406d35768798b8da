import { visibleText } from '../base/visibleText';
import type { Failure } from '../shared/connection';

/** The call itself is wrong: exit status 2, and a hint at the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    /** Lines that show what is meant, printed below the message as they are; may be empty. */
    readonly picture = '',
  ) {
    super(message);
  }
}

/** Something did not work, in words for a person: exit status 1. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    /** What to do about it; may be empty. */
    readonly action = '',
  ) {
    super(message);
  }

  static of(failure: Failure): CliError {
    return new CliError(failure.message, failure.action);
  }
}

/** The one line for stderr: what and where, and what to do. */
export function formatCliError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const action = error instanceof CliError ? error.action : '';
  return oneLine(action === '' ? message : `${endSentence(message)} ${action}`);
}

function oneLine(text: string): string {
  // A name may hold what a terminal takes for a command.
  return visibleText(text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim());
}

function endSentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}
