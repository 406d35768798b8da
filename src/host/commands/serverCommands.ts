import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { parseConnectionString } from '../../postgres/connectionString';
import type { CommandId } from '../commandIds';
import { COMMANDS } from '../commandIds';
import {
  addServerByQuestions,
  addServerByUrl,
  type DescribedServer,
  addServerFromWorkspace,
} from '../connections/addServer';
import type { EditParts } from '../connections/editServer';
import { duplicateServer, editServer, markServer, renameServer } from '../connections/editServer';
import type { ProfileStore } from '../connections/profileStore';
import { formatProfileUrl } from '../connections/profileUrl';
import { serverTitle } from '../connections/serverTitle';
import type { Servers } from '../connections/servers';
import type { WorkspaceFiles } from '../connections/suggestions/workspaceFiles';
import { checkServer, type CheckSubject } from '../connections/serverCheck';
import { messageText } from '../messageText';
import { Cancelled } from '../hostFailure';
import type { ServerCatalog } from '../sidebar/serverCatalog';
import type { ServersView } from '../sidebar/serversView';
import type { NodeSubject } from '../sidebar/sidebarNode';
import { isNames } from '../timeline/streamRequest';
import { registerCommand } from './commandRunner';
import { subjectOf } from './subjects';

export interface ServerCommandParts {
  readonly profiles: ProfileStore;
  readonly servers: Servers;
  readonly catalog: ServerCatalog;
  readonly files: WorkspaceFiles;
  readonly extensionUri: vscode.Uri;
  readonly view: ServersView;
  readonly log: vscode.LogOutputChannel;
}

/** Commands for servers as such: adding, removing, reading again, copying what is shown. */
export function serverCommands(parts: ServerCommandParts): readonly Disposable[] {
  const { profiles, servers, catalog, files, view, log } = parts;
  return [
    registerCommand(COMMANDS.addServer, log, async arg => {
      const given = describedServer(arg);
      const name =
        given === undefined
          ? await addServerByQuestions(profiles, files)
          : await addServerByUrl(profiles, given);
      // Somebody who described it here wants to see it; a caller that brings it decides for itself.
      if (given === undefined) await view.reveal(name);
      return name;
    }),
    registerCommand(COMMANDS.addSuggestedServer, log, async () => {
      const name = await addServerFromWorkspace(profiles, files);
      await view.reveal(name);
      return name;
    }),
    registerCommand(COMMANDS.editServers, log, () =>
      vscode.commands.executeCommand('workbench.action.openSettings', 'walExplorer.servers'),
    ),
    ...editCommands(parts),
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

/** Commands that change the list of servers; the servers themselves are not touched. */
function editCommands(parts: ServerCommandParts): readonly Disposable[] {
  const { profiles, servers, view, log } = parts;
  const asked = (
    id: CommandId,
    question: string,
    change: (parts: EditParts, name: string) => Promise<string>,
  ): Disposable =>
    registerCommand(id, log, async arg => {
      const name = await change(parts, await serverOf(arg, profiles, question));
      await view.select(name);
      return name;
    });
  const moved = (id: CommandId, by: -1 | 1): Disposable =>
    registerCommand(id, log, async arg => {
      const name = await serverOf(arg, profiles, 'Move which server?');
      await profiles.nudge(name, by);
      await view.select(name);
    });
  return [
    asked(COMMANDS.editServer, 'Edit which server?', editServer),
    asked(COMMANDS.renameServer, 'Rename which server?', renameServer),
    asked(COMMANDS.markServer, 'Mark which server?', markServer),
    asked(COMMANDS.duplicateServer, 'Duplicate which server?', duplicateServer),
    moved(COMMANDS.moveServerUp, -1),
    moved(COMMANDS.moveServerDown, 1),
    registerCommand(COMMANDS.removeServer, log, async arg => {
      const name = await serverOf(arg, profiles, 'Remove which server?');
      const title = messageText(serverTitle({ name, ...servers.markOf(name) }));
      const answer = await vscode.window.showWarningMessage(
        `Remove the server "${title}" from the sidebar?`,
        {
          modal: true,
          detail: 'Its stored password is deleted. The server itself is not touched.',
        },
        'Remove',
      );
      if (answer === 'Remove') await servers.remove(name);
    }),
    registerCommand(COMMANDS.testServer, log, async arg => {
      const name = await serverOf(arg, profiles, 'Test the connection to which server?');
      return checkServer(servers, { server: name });
    }),
    registerCommand(COMMANDS.checkServer, log, async arg => {
      const server = await serverOf(arg, profiles, 'Check which server?');
      return checkServer(servers, { server, ...checkedPart(arg) });
    }),
  ];
}

/** What of a server is to be looked at: the slot, the publication or the database of a node or argument. */
function checkedPart(arg: unknown): Omit<CheckSubject, 'server'> {
  const subject = subjectOf(arg);
  switch (subject?.kind) {
    case 'slot':
      return { slot: subject.slot };
    case 'publication':
      return { database: subject.database, publications: [subject.publication] };
    case 'database':
      return { database: subject.database };
    default:
      break;
  }
  if (typeof arg !== 'object' || arg === null) return {};
  return {
    ...('wants' in arg ? wantsOf(arg.wants) : {}),
    ...('plugin' in arg && typeof arg.plugin === 'string' ? { plugin: arg.plugin } : {}),
    ...('slot' in arg && typeof arg.slot === 'string' ? { slot: arg.slot } : {}),
    ...('database' in arg && typeof arg.database === 'string' ? { database: arg.database } : {}),
    ...('publications' in arg && isNames(arg.publications)
      ? { publications: arg.publications }
      : {}),
  };
}

function wantsOf(wants: unknown): Pick<CheckSubject, 'wants'> {
  return wants === 'tail' || wants === 'peek' || wants === 'consume' ? { wants } : {};
}

/** A server that another extension or a keybinding describes: `{url, ssh?, name?, readOnly?}`. */
function describedServer(arg: unknown): DescribedServer | undefined {
  if (typeof arg !== 'object' || arg === null || !('url' in arg)) return undefined;
  const { url } = arg;
  if (typeof url !== 'string') return undefined;
  return {
    url,
    ...('name' in arg && typeof arg.name === 'string' ? { name: arg.name } : {}),
    ...('ssh' in arg && typeof arg.ssh === 'string' ? { ssh: arg.ssh } : {}),
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
    all.map(({ name, url, readOnly, label }) => ({
      name,
      label: messageText(name),
      description: messageText([label, readOnly ? 'read-only' : ''].filter(Boolean).join(' · ')),
      detail: messageText(withoutPassword(url)),
    })),
    { placeHolder: question },
  );
  if (picked === undefined) throw new Cancelled();
  return picked.name;
}

/** The address as a list may show it: somebody may have written a password into the setting. */
function withoutPassword(url: string): string {
  try {
    return formatProfileUrl(parseConnectionString(url));
  } catch {
    return 'address cannot be read';
  }
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
    case 'subscription':
      return subject.subscription;
    case 'slots':
    case 'subscriptions':
    case 'list':
    case 'message':
      return undefined;
  }
}
