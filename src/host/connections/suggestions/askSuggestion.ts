import * as vscode from 'vscode';
import { HostFailure } from '../../hostFailure';
import { messageText } from '../../messageText';
import type { Step } from '../../multiStep';
import { askPick, BACK } from '../../multiStep';
import { suggestName } from '../profileUrl';
import type { ServerDraft } from '../serverQuestions';
import type { FoundSuggestion, WorkspaceFiles } from './workspaceFiles';

interface SuggestionItem extends vscode.QuickPickItem {
  readonly found: FoundSuggestion;
}

/** Whether there is a folder whose files may be read: its owner vouched for it. */
export function mayLookIntoWorkspace(): boolean {
  return vscode.workspace.isTrusted && (vscode.workspace.workspaceFolders ?? []).length > 0;
}

/**
 * Reads the workspace's files now and asks for one of the servers in them. Only where the user chose
 * to: nothing is read before. Throws HostFailure when there is none.
 */
export function askSuggestion(files: WorkspaceFiles): Step<ServerDraft> {
  return async (draft, place) => {
    const found = await vscode.window.withProgress(
      { location: { viewId: 'walExplorer.servers' } },
      () => files.find(),
    );
    if (found.length === 0) throw new HostFailure(NOTHING_FOUND);
    const items: readonly SuggestionItem[] = found.map(each => ({
      found: each,
      label: messageText(addressOf(each)),
      description: messageText(`${each.what} in ${each.file}`),
    }));
    const item = await askPick({ ...place, items, placeholder: 'Which server?' });
    if (item === BACK) return BACK;
    return { ...draft, parameters: item.found.parameters };
  };
}

/** `shop@localhost:5433 as ada, with password`: never the password itself. */
function addressOf({ parameters }: FoundSuggestion): string {
  const { user, port, password } = parameters;
  const place = `${suggestName(parameters)}${port === undefined ? '' : `:${port}`}`;
  const as = user === undefined ? '' : ` as ${user}`;
  return `${place}${as}${password === undefined ? '' : ', with password'}`;
}

const NOTHING_FOUND = {
  code: 'no-suggestion',
  message: 'The .env and compose files of this workspace name no Postgres server.',
  action: 'Describe it by a connection string instead.',
  detail: '',
};
