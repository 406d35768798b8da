import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { COMMANDS } from '../commandIds';
import { Cancelled } from '../hostFailure';
import { messageText } from '../messageText';
import type { ServerCatalog } from '../sidebar/serverCatalog';
import type { ServersView } from '../sidebar/serversView';
import type { SidebarNode } from '../sidebar/sidebarNode';
import { registerCommand } from './commandRunner';
import { subjectOf } from './subjects';

export interface ListCommandParts {
  readonly catalog: ServerCatalog;
  readonly view: ServersView;
  readonly log: vscode.LogOutputChannel;
}

/** Longest filter: a name has at most 63 bytes, and a table has a schema before it. */
const FILTER_LIMIT = 200;

/** What a list of the sidebar shows: more of it, or only what has some text in it. */
export function listCommands(parts: ListCommandParts): readonly Disposable[] {
  const { catalog, view, log } = parts;
  return [
    registerCommand(COMMANDS.showMore, log, async arg => {
      const id = listOf(arg);
      if (id === undefined) return;
      catalog.scopes.showMore(id);
      await view.relist(id);
    }),
    registerCommand(COMMANDS.filterList, log, async (arg, text) => {
      const id = listOf(arg);
      if (id === undefined) return;
      const filter =
        typeof text === 'string' ? text : await askFilter(catalog.scopes.of(id).filter);
      catalog.scopes.setFilter(id, filter.trim().slice(0, FILTER_LIMIT));
      await view.relist(id, isNode(arg) ? arg : undefined);
    }),
    registerCommand(COMMANDS.clearListFilter, log, async arg => {
      const id = listOf(arg);
      if (id === undefined) return;
      catalog.scopes.setFilter(id, '');
      await view.relist(id);
    }),
    registerCommand(COMMANDS.retryItem, log, arg => {
      if (isNode(arg)) view.retry(arg);
    }),
    registerCommand(COMMANDS.explainItem, log, arg => {
      if (isNode(arg)) void explain(arg, view);
    }),
  ];
}

/** Says a message in full, which a narrow sidebar cuts, with what can be done about it from here. */
async function explain(node: SidebarNode, view: ServersView): Promise<void> {
  const retry = 'Try Again';
  const edit = 'Edit Server…';
  const showLog = 'Show Log';
  const text = [node.tooltip.title, ...node.tooltip.notes].join(' ');
  const answer = await vscode.window.showErrorMessage(messageText(text), retry, edit, showLog);
  if (answer === retry) view.retry(node);
  if (answer === edit) await vscode.commands.executeCommand(COMMANDS.editServer, node);
  if (answer === showLog) await vscode.commands.executeCommand(COMMANDS.showLog);
}

/** The id of the list that a line is, or is about. */
function listOf(arg: unknown): string | undefined {
  const subject = subjectOf(arg);
  if (subject?.kind === 'list') return subject.parent;
  return isNode(arg) ? arg.id : undefined;
}

function isNode(arg: unknown): arg is SidebarNode {
  return (
    subjectOf(arg) !== undefined &&
    typeof arg === 'object' &&
    arg !== null &&
    'id' in arg &&
    typeof arg.id === 'string'
  );
}

async function askFilter(now: string): Promise<string> {
  const filter = await vscode.window.showInputBox({
    title: 'Filter the list',
    prompt: 'Part of a name, in any case. Nothing shows the whole list.',
    value: now,
  });
  if (filter === undefined) throw new Cancelled();
  return filter;
}
