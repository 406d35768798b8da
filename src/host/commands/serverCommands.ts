import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { COMMANDS } from '../commandIds';
import { addServerByQuestions, addServerByUrl } from '../connections/addServer';
import type { ProfileStore } from '../connections/profileStore';
import type { Servers } from '../connections/servers';
import { Cancelled } from '../hostFailure';
import type { ServerCatalog } from '../sidebar/serverCatalog';
import type { ServersView } from '../sidebar/serversView';
import type { NodeSubject } from '../sidebar/sidebarNode';
import { registerCommand } from './commandRunner';
import { subjectOf } from './subjects';

export interface ServerCommandParts {
  readonly profiles: ProfileStore;
  readonly servers: Servers;
  readonly catalog: ServerCatalog;
  readonly view: ServersView;
  readonly log: vscode.LogOutputChannel;
}

/** Commands for servers as such: adding, removing, reading again, copying what is shown. */
export function serverCommands(parts: ServerCommandParts): readonly Disposable[] {
  const { profiles, servers, catalog, view, log } = parts;
  return [
    registerCommand(COMMANDS.addServer, log, async arg => {
      const given = describedServer(arg);
      const name =
        given === undefined
          ? await addServerByQuestions(profiles)
          : await addServerByUrl(profiles, given);
      // Somebody who described it here wants to see it; a caller that brings it decides for itself.
      if (given === undefined) await view.reveal(name);
      return name;
    }),
    registerCommand(COMMANDS.editServers, log, () =>
      vscode.commands.executeCommand('workbench.action.openSettings', 'walExplorer.servers'),
    ),
    registerCommand(COMMANDS.removeServer, log, async arg => {
      const name = await serverOf(arg, profiles, 'Remove which server?');
      const answer = await vscode.window.showWarningMessage(
        `Remove the server "${name}" from the sidebar?`,
        {
          modal: true,
          detail: 'Its stored password is deleted. The server itself is not touched.',
        },
        'Remove',
      );
      if (answer === 'Remove') await servers.remove(name);
    }),
    registerCommand(COMMANDS.forgetPassword, log, async arg => {
      const name = await serverOf(arg, profiles, 'Forget the password of which server?');
      await servers.forgetPassword(name);
      view.reset(name);
    }),
    registerCommand(COMMANDS.refresh, log, arg => {
      view.reset(subjectOf(arg)?.server);
    }),
    registerCommand(COMMANDS.copyServerLsn, log, async arg => {
      const name = await serverOf(arg, profiles, 'Copy the LSN of which server?');
      await vscode.env.clipboard.writeText(await catalog.currentLsn(name));
    }),
    registerCommand(COMMANDS.copySlotRestartLsn, log, arg => copy(arg, restartLsn)),
    registerCommand(COMMANDS.copySlotFlushLsn, log, arg => copy(arg, confirmedFlushLsn)),
    registerCommand(COMMANDS.copyName, log, arg => copy(arg, nameOf)),
  ];
}

/** A server that another extension or a keybinding describes: `{url, name?, readOnly?}`. */
function describedServer(
  arg: unknown,
): { readonly url: string; readonly name?: string; readonly readOnly?: boolean } | undefined {
  if (typeof arg !== 'object' || arg === null || !('url' in arg)) return undefined;
  const { url } = arg;
  if (typeof url !== 'string') return undefined;
  return {
    url,
    ...('name' in arg && typeof arg.name === 'string' ? { name: arg.name } : {}),
    ...('readOnly' in arg && typeof arg.readOnly === 'boolean' ? { readOnly: arg.readOnly } : {}),
  };
}

/** The server of a node or argument, the only one, or the answer to a question. */
export async function serverOf(
  arg: unknown,
  profiles: ProfileStore,
  question: string,
): Promise<string> {
  const subject = subjectOf(arg);
  if (subject !== undefined) return subject.server;
  if (typeof arg === 'object' && arg !== null && 'server' in arg) {
    if (typeof arg.server === 'string') return arg.server;
  }
  const all = profiles.read().profiles;
  if (all.length === 1 && all[0] !== undefined) return all[0].name;
  if (all.length === 0) {
    await vscode.commands.executeCommand(COMMANDS.addServer);
    throw new Cancelled();
  }
  const picked = await vscode.window.showQuickPick(
    all.map(({ name, url, readOnly }) => ({
      label: name,
      description: readOnly ? 'read-only' : '',
      detail: url,
    })),
    { placeHolder: question },
  );
  if (picked === undefined) throw new Cancelled();
  return picked.label;
}

async function copy(
  arg: unknown,
  textOf: (subject: NodeSubject) => string | undefined,
): Promise<void> {
  const subject = subjectOf(arg);
  const text = subject === undefined ? undefined : textOf(subject);
  if (text !== undefined && text !== '') await vscode.env.clipboard.writeText(text);
}

function restartLsn(subject: NodeSubject): string | undefined {
  return subject.kind === 'slot' ? subject.restartLsn : undefined;
}

function confirmedFlushLsn(subject: NodeSubject): string | undefined {
  return subject.kind === 'slot' ? subject.confirmedFlushLsn : undefined;
}

function nameOf(subject: NodeSubject): string | undefined {
  switch (subject.kind) {
    case 'server':
      return subject.server;
    case 'database':
    case 'publications':
      return subject.database;
    case 'publication':
      return subject.publication;
    case 'table':
      return `${subject.schema}.${subject.table}`;
    case 'slot':
      return subject.slot;
    case 'slots':
    case 'message':
      return undefined;
  }
}
