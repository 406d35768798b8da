import type * as vscode from 'vscode';
import type { ConnectionParameters } from '../../postgres/connectionString';
import { parseConnectionString } from '../../postgres/connectionString';
import { resolveThroughSsh } from '../../postgres/ssh/resolveThroughSsh';
import type { ConnectionTarget } from '../../shared/connection';
import { messageText } from '../messageText';
import type { Step } from '../multiStep';
import { askInSteps, askPick, BACK } from '../multiStep';
import { addressOf, isSameBesidesPorts } from './passwordPrompt';
import type { ConnectionProfile } from './profile';
import { freeName } from './profile';
import type { ProfileStore } from './profileStore';
import { noSuchServer } from './profileStore';
import { formatProfileUrl } from './profileUrl';
import type { ServerDraft } from './serverQuestions';
import {
  askAccess,
  askColor,
  askDatabase,
  askHost,
  askLabel,
  askName,
  askPassword,
  askPort,
  askSsh,
  askSslMode,
  askUrl,
  askUser,
  EMPTY_PASSWORD,
} from './serverQuestions';

/** What the questions about a server that exists need. */
export interface EditParts {
  readonly profiles: ProfileStore;
  readonly extensionUri: vscode.Uri;
}

interface Way extends vscode.QuickPickItem {
  readonly steps: readonly Step<ServerDraft>[];
}

/** Asks the questions of Add Server again, filled in, and keeps the answers. Throws Cancelled. */
export async function editServer(parts: EditParts, name: string): Promise<string> {
  const { profiles, extensionUri } = parts;
  const old = profileOf(profiles, name);
  const title = messageText(`Edit ${name}`);
  const password = askPassword(draft => passwordAdvice(profiles, old, draft));
  const end = [
    askName(otherNames(profiles, old.name)),
    askAccess,
    askLabel,
    askColor(extensionUri),
  ];
  const items: readonly Way[] = [
    {
      label: '$(link) Connection String',
      description: 'one line, then the password and the rest',
      steps: [askUrl, password, ...end],
    },
    {
      label: '$(remote) SSH and Connection String',
      description: 'which SSH server to go through, or none, then one line and the rest',
      steps: [askSsh, askUrl, password, ...end],
    },
    {
      label: '$(list-ordered) Step by Step',
      description: 'host, port, database, user, password, TLS and the rest',
      steps: [askHost, askPort, askDatabase, askUser, password, askSslMode, ...end],
    },
  ];
  const placeholder = 'How do you want to change it?';
  const way = await askPick({ title, step: 1, totalSteps: 1, items, placeholder });
  const draft = await askInSteps(title, draftOf(old), way === BACK ? [] : way.steps);
  return keepEdited(profiles, old, draft);
}

/** Adds a copy right below the server, with its password, under a name that is asked for. Throws Cancelled. */
export async function duplicateServer({ profiles }: EditParts, name: string): Promise<string> {
  const old = profileOf(profiles, name);
  const taken = profiles.read().profiles.map(profile => profile.name);
  const start = { ...draftOf(old), name: freeName(old.name, taken) };
  const title = messageText(`Duplicate ${name}`);
  const draft = await askInSteps(title, start, [askName(taken)]);
  const copy = draft.name.trim();
  await profiles.add(
    { ...old, name: copy },
    { below: old.name, storePassword: () => profiles.copyPassword(old.name, copy) },
  );
  return copy;
}

/** Asks for another name. The password goes with it. Throws Cancelled. */
export async function renameServer({ profiles }: EditParts, name: string): Promise<string> {
  return editPart(profiles, name, `Rename ${name}`, [askName(otherNames(profiles, name))]);
}

/** Asks for label and colour. Throws Cancelled. */
export async function markServer(
  { profiles, extensionUri }: EditParts,
  name: string,
): Promise<string> {
  return editPart(profiles, name, `Mark ${name}`, [askLabel, askColor(extensionUri)]);
}

async function editPart(
  profiles: ProfileStore,
  name: string,
  title: string,
  steps: readonly Step<ServerDraft>[],
): Promise<string> {
  const old = profileOf(profiles, name);
  return keepEdited(profiles, old, await askInSteps(messageText(title), draftOf(old), steps));
}

async function keepEdited(
  profiles: ProfileStore,
  old: ConnectionProfile,
  draft: ServerDraft,
): Promise<string> {
  const { parameters, ssh, readOnly, label, color } = draft;
  const before = parametersOf(old);
  const url = formatProfileUrl(parameters);
  // As it was written, unless it says something else now.
  const sameUrl = before !== undefined && formatProfileUrl(before) === url;
  if (!sameUrl || ssh !== old.ssh || parameters.password !== undefined) {
    await keepPassword(profiles, old, draft);
  }
  const name = draft.name.trim();
  await profiles.replace(old.name, {
    name,
    url: sameUrl && before.password === undefined ? old.url : url,
    ...(ssh === undefined ? {} : { ssh }),
    readOnly,
    label,
    color,
    ...(old.maskedColumns === undefined ? {} : { maskedColumns: old.maskedColumns }),
  });
  return name;
}

/** Stores what was typed; else takes the stored one along to other ports, but to no other host or user. */
async function keepPassword(
  profiles: ProfileStore,
  old: ConnectionProfile,
  { parameters, ssh = '' }: ServerDraft,
): Promise<void> {
  const { target } = await resolveThroughSsh(parameters, ssh);
  const address = addressOf(target);
  const typed = parameters.password ?? '';
  const kept = typed === '' ? await keptPassword(profiles, old, target) : typed;
  if (kept !== undefined) await profiles.storePassword(old.name, address, kept);
}

async function keptPassword(
  profiles: ProfileStore,
  old: ConnectionProfile,
  target: ConnectionTarget,
): Promise<string | undefined> {
  const storedFor = await profiles.passwordAddress(old.name);
  if (storedFor === undefined || !isSameBesidesPorts(storedFor, target)) return undefined;
  return profiles.password(old.name, storedFor);
}

async function passwordAdvice(
  profiles: ProfileStore,
  old: ConnectionProfile,
  { parameters, ssh = '' }: ServerDraft,
): Promise<string> {
  const storedFor = await profiles.passwordAddress(old.name);
  if (storedFor === undefined) return EMPTY_PASSWORD;
  // Where the address cannot be completed, saving says why.
  const resolved = await resolveThroughSsh(parameters, ssh).catch(() => undefined);
  if (resolved === undefined) return EMPTY_PASSWORD;
  const kept = await keptPassword(profiles, old, resolved.target);
  return kept === undefined
    ? `${EMPTY_PASSWORD}; the stored one was given for ${storedFor}`
    : 'Empty: the stored one is kept';
}

function draftOf(profile: ConnectionProfile): ServerDraft {
  const { name, ssh, readOnly, label, color } = profile;
  const way = ssh === undefined ? {} : { ssh };
  return { parameters: parametersOf(profile) ?? {}, ...way, name, readOnly, label, color };
}

/** Undefined where the address cannot be read: it is asked for anew. */
function parametersOf(profile: ConnectionProfile): ConnectionParameters | undefined {
  try {
    return parseConnectionString(profile.url);
  } catch {
    return undefined;
  }
}

function profileOf(profiles: ProfileStore, name: string): ConnectionProfile {
  const profile = profiles.find(name);
  if (profile === undefined) throw noSuchServer(name);
  return profile;
}

function otherNames(profiles: ProfileStore, name: string): readonly string[] {
  return profiles
    .read()
    .profiles.map(profile => profile.name)
    .filter(other => other !== name);
}
