import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import type { CommandId } from '../commandIds';
import { COMMANDS } from '../commandIds';
import { Cancelled, failureOf, HostFailure } from '../hostFailure';
import { messageText } from '../messageText';

/** What a command does; arguments come from menus, other extensions or nobody, so they are unknown. */
export type CommandHandler = (...args: readonly unknown[]) => unknown;

/**
 * Registers a command whose failures are told in one sentence, with the log for the rest. Resolves
 * with what the handler gives, or undefined when it failed or the user thought better of it.
 */
export function registerCommand(
  id: CommandId,
  log: vscode.LogOutputChannel,
  handler: CommandHandler,
): Disposable {
  return vscode.commands.registerCommand(id, async (...args: readonly unknown[]) => {
    try {
      return await handler(...args);
    } catch (error) {
      if (!(error instanceof Cancelled)) tellFailure(id, log, error);
      return undefined;
    }
  });
}

function tellFailure(id: CommandId, log: vscode.LogOutputChannel, error: unknown): void {
  const failure = failureOf(error);
  log.error(`${id}: ${failure.code}: ${failure.detail}`);
  const remedy = error instanceof HostFailure ? error.remedy : undefined;
  const showLog = 'Show Log';
  void vscode.window
    .showErrorMessage(
      messageText([failure.message, failure.action].join(' ').trim()),
      ...(remedy === undefined ? [] : [remedy.title]),
      showLog,
    )
    .then(answer => {
      if (answer === undefined) return;
      if (answer === showLog) void vscode.commands.executeCommand(COMMANDS.showLog);
      else if (remedy !== undefined) {
        void vscode.commands.executeCommand(remedy.command, remedy.argument);
      }
    });
}
