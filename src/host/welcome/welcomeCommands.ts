import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { COMMANDS } from '../commandIds';
import { registerCommand } from '../commands/commandRunner';

/** As package.json calls it. */
const WALKTHROUGH = 'firstMinutes';

/** The way into the walkthrough for the palette and for views that have nothing to show yet. */
export function welcomeCommands(
  extensionId: string,
  log: vscode.LogOutputChannel,
): readonly Disposable[] {
  return [
    registerCommand(COMMANDS.openWalkthrough, log, async () => {
      await vscode.commands.executeCommand(
        'workbench.action.openWalkthrough',
        `${extensionId}#${WALKTHROUGH}`,
        false,
      );
    }),
  ];
}
