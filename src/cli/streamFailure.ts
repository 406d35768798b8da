import type { Failure } from '../shared/connection';
import { CliError } from './cliError';

/** What the write gate refuses and lets pass when it is asked to (`overridable`). */
const FORCEABLE: ReadonlySet<string> = new Set([
  'too-few-slots',
  'too-few-senders',
  'level-switch',
]);

/** A failed stream as the line on stderr: where an option of the command helps, it is named. */
export function streamFailure(failure: Failure): CliError {
  return new CliError(failure.message, actionOf(failure));
}

function actionOf({ code, action, detail }: Failure): string {
  // Without an action nothing helps: on a read-only profile not even the option.
  if (FORCEABLE.has(code) && action !== '') return 'Use --force to go on all the same.';
  if (code !== 'copy-refused') return action;
  const force = FORCEABLE.has(detail) ? 'Use --force to copy it all the same, or' : 'Use';
  return `${force} --method sql. ${action}`;
}
