import type * as vscode from 'vscode';
import { parseConnectionString } from '../../postgres/connectionString';
import { resolveThroughSsh } from '../../postgres/ssh/resolveThroughSsh';
import { NO_MARK } from '../../shared/connection';
import type { Step } from '../multiStep';
import { askInSteps, askPick, BACK } from '../multiStep';
import { askService } from './askService';
import { addressOf } from './passwordPrompt';
import type { ConnectionProfile } from './profile';
import { freeName } from './profile';
import type { ProfileStore } from './profileStore';
import { formatProfileUrl, suggestName } from './profileUrl';
import type { ServerDraft } from './serverQuestions';
import {
  askAccess,
  askDatabase,
  askHost,
  askName,
  askPassword,
  askPort,
  askSsh,
  askSslMode,
  askUrl,
  askUser,
} from './serverQuestions';
import { askSuggestion, mayLookIntoWorkspace } from './suggestions/askSuggestion';
import type { WorkspaceFiles } from './suggestions/workspaceFiles';

const TITLE = 'Add Server';
const EMPTY: ServerDraft = { parameters: {}, name: '', readOnly: false, ...NO_MARK };

interface Way extends vscode.QuickPickItem {
  readonly steps: readonly Step<ServerDraft>[];
}

/** Asks for a server, in one of several ways, and keeps it. Throws Cancelled. */
export async function addServerByQuestions(
  profiles: ProfileStore,
  files: WorkspaceFiles,
): Promise<string> {
  const way = await askPick<Way>({
    title: TITLE,
    step: 1,
    totalSteps: 1,
    items: ways(namesOf(profiles), files),
    placeholder: 'How do you want to describe the server?',
  });
  return keep(profiles, await askInSteps(TITLE, EMPTY, way === BACK ? [] : way.steps));
}

/** Reads the files of the workspace that name servers, lets one be chosen, and keeps it. Throws Cancelled. */
export async function addServerFromWorkspace(
  profiles: ProfileStore,
  files: WorkspaceFiles,
): Promise<string> {
  const steps = [askSuggestion(files), askName(namesOf(profiles)), askAccess];
  return keep(profiles, await askInSteps(TITLE, EMPTY, steps));
}

/** A server that is described already. */
export interface DescribedServer {
  readonly url: string;
  readonly ssh?: string;
  readonly name?: string;
  readonly readOnly?: boolean;
}

/** Keeps a server that is described already; its name is made unique. */
export async function addServerByUrl(
  profiles: ProfileStore,
  given: DescribedServer,
): Promise<string> {
  const parameters = parseConnectionString(given.url);
  return keep(profiles, {
    parameters,
    ...(given.ssh === undefined ? {} : { ssh: given.ssh }),
    name: freeName(given.name ?? suggestName(parameters), namesOf(profiles)),
    readOnly: given.readOnly ?? false,
    ...NO_MARK,
  });
}

function ways(taken: readonly string[], files: WorkspaceFiles): readonly Way[] {
  const end = [askName(taken), askAccess];
  const workspace: Way = {
    label: '$(folder) Suggested from This Workspace',
    description: 'reads its .env and compose files now',
    steps: [askSuggestion(files), ...end],
  };
  return [
    {
      label: '$(link) Connection String',
      description: 'postgresql://user@host:5432/database',
      steps: [askUrl, ...end],
    },
    {
      label: '$(remote) Through SSH',
      description: 'an SSH server to go through, then a connection string as it sees it',
      steps: [askSsh, askUrl, ...end],
    },
    {
      label: '$(list-ordered) Step by Step',
      description: 'host, port, database, user, password, TLS',
      steps: [askHost, askPort, askDatabase, askUser, askPassword(), askSslMode, ...end],
    },
    {
      label: '$(notebook) From the Service File',
      description: 'one of its services',
      steps: [askService, ...end],
    },
    ...(mayLookIntoWorkspace() ? [workspace] : []),
  ];
}

/** The password goes to the secret storage first: the setting never sees it. */
async function keep(profiles: ProfileStore, draft: ServerDraft): Promise<string> {
  const { parameters, ssh, readOnly, label, color } = draft;
  const name = draft.name.trim();
  const { password } = parameters;
  const url = formatProfileUrl(parameters);
  const way = ssh === undefined ? {} : { ssh };
  const profile: ConnectionProfile = { name, url, ...way, readOnly, label, color };
  if (password === undefined || password === '') {
    await profiles.add(profile);
    return name;
  }
  const { target } = await resolveThroughSsh(parameters, ssh ?? '');
  await profiles.add(profile, {
    storePassword: () => profiles.storePassword(name, addressOf(target), password),
  });
  return name;
}

function namesOf(profiles: ProfileStore): readonly string[] {
  return profiles.read().profiles.map(profile => profile.name);
}
