import * as vscode from 'vscode';
import { formatBytes } from '../../base/quantity';
import type { ServerFacts } from '../../postgres/catalog/serverFacts';
import { readServerFacts } from '../../postgres/catalog/serverFacts';
import type { SlotInfo } from '../../postgres/catalog/slots';
import { refusalOf } from '../../postgres/changes/changeRules';
import type { ChangeKind } from '../../postgres/changes/serverChange';
import type { SlotPreview } from '../../postgres/changes/slotPreview';
import { readSlotPreview } from '../../postgres/changes/slotPreview';
import type { WriteRefused } from '../../postgres/changes/writeRefused';
import { slotKind } from '../../postgres/changes/slotQuestions';
import { serverOf } from '../commands/serverCommands';
import { subjectOf } from '../commands/subjects';
import { serverTitle } from '../connections/serverTitle';
import { Cancelled, HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import type { ChangeParts } from './changeParts';
import { slotProblem } from './slotProblems';

/** Where a change is to be made. */
export interface ChangePlace {
  readonly server: string;
  /** As titles and questions name it. */
  readonly where: string;
  readonly facts: ServerFacts;
}

/**
 * The server of the menu's line, or the answer to `question`. Throws before anything else is asked
 * where the profile is read-only, or where the server is a standby that cannot do it.
 */
export async function changePlaceOf(
  parts: ChangeParts,
  arg: unknown,
  question: string,
  kind: ChangeKind,
): Promise<ChangePlace> {
  const server = await serverOf(arg, parts.profiles, question);
  const profile = parts.servers.factsOf(server);
  const subject = subjectOf(arg);
  const name = subject?.kind === 'slot' ? { name: subject.slot } : {};
  refuse(refusalOf({ kind, ...name }, profile));
  const facts = await parts.servers.use(server, undefined, readServerFacts);
  refuse(refusalOf({ kind, ...name }, profile, facts));
  return { server, where: serverTitle(profile), facts };
}

function refuse(refusal: WriteRefused | undefined): void {
  if (refusal === undefined) return;
  const { code, message } = refusal;
  throw new HostFailure({ code, message, action: '', detail: message });
}

/**
 * The database of the menu's line, given by the caller, or undefined: then it is a question of the
 * wizard.
 */
export function databaseOf(arg: unknown): string | undefined {
  const subject = subjectOf(arg);
  if (subject !== undefined) return 'database' in subject ? subject.database : undefined;
  if (typeof arg !== 'object' || arg === null || !('database' in arg)) return undefined;
  return typeof arg.database === 'string' ? arg.database : undefined;
}

/**
 * The slot of the menu's line, or the answer to `question`, as it stands now. Throws where `change` is
 * ruled out already.
 */
export async function slotToChange(
  parts: ChangeParts,
  place: ChangePlace,
  arg: unknown,
  question: string,
  change: 'advance' | 'drop' | 'consume' | 'copy',
): Promise<SlotPreview> {
  const name = slotNameOf(arg) ?? (await pickSlot(parts, place, question));
  const preview = await previewOf(parts, place.server, name);
  const problem = slotProblem(preview.slot, change);
  if (problem !== undefined) throw new HostFailure(problem);
  return preview;
}

/** The slot as it stands now. */
export async function previewOf(
  parts: ChangeParts,
  server: string,
  name: string,
): Promise<SlotPreview> {
  const preview = await parts.servers.use(server, undefined, session =>
    readSlotPreview(session, name),
  );
  if (preview !== undefined) return preview;
  throw new HostFailure({
    code: 'slot-missing',
    message: `There is no slot "${name}" on ${server} any more.`,
    action: 'Refresh the sidebar.',
    detail: name,
  });
}

function slotNameOf(arg: unknown): string | undefined {
  const subject = subjectOf(arg);
  if (subject !== undefined) return subject.kind === 'slot' ? subject.slot : undefined;
  if (typeof arg !== 'object' || arg === null || !('slot' in arg)) return undefined;
  return typeof arg.slot === 'string' ? arg.slot : undefined;
}

async function pickSlot(parts: ChangeParts, place: ChangePlace, question: string): Promise<string> {
  const slots = await parts.catalog.slots(place.server);
  if (slots.length === 0) {
    throw new HostFailure({
      code: 'no-slot',
      message: `There is no replication slot on ${place.where}.`,
      action: 'Create one first.',
      detail: place.server,
    });
  }
  const picked = await vscode.window.showQuickPick(slots.map(slotItem), {
    placeHolder: question,
    matchOnDescription: true,
  });
  if (picked === undefined) throw new Cancelled();
  return picked.slot;
}

function slotItem(slot: SlotInfo): vscode.QuickPickItem & { readonly slot: string } {
  const parts = [
    slotKind(slot),
    ...(slot.retainedBytes === undefined ? [] : [formatBytes(slot.retainedBytes)]),
    slot.active ? 'in use' : 'idle',
  ];
  return { label: slot.name, description: messageText(parts.join(' · ')), slot: slot.name };
}
