import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { formatBytes } from '../../base/quantity';
import { COMMANDS } from '../commandIds';
import type { ProfileStore } from '../connections/profileStore';
import type { Servers } from '../connections/servers';
import { Cancelled, HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import type { SlotInfo } from '../../postgres/catalog/slots';
import type { ServerCatalog } from '../sidebar/serverCatalog';
import { consumerIsVisible } from '../sidebar/serverCatalog';
import type { PeekMemory } from '../timeline/peekMemory';
import type { PeekRequest, TailRequest } from '../timeline/streamRequest';
import { isNames } from '../timeline/streamRequest';
import type { Timelines } from '../timeline/timelines';
import { askTailed, publicationsOfSlot } from './askPublications';
import { registerCommand } from './commandRunner';
import { serverOf } from './serverCommands';
import { subjectOf } from './subjects';

const ALL_TABLES = { publications: [], plugin: 'test_decoding' } as const;

/** From this many bytes of WAL on, the cost of a peek is a question and not only a message. */
const LARGE_COST = 256 * 1024 * 1024;

export interface StreamCommandParts {
  readonly profiles: ProfileStore;
  readonly servers: Servers;
  readonly catalog: ServerCatalog;
  readonly timelines: Timelines;
  readonly memory: PeekMemory;
  readonly log: vscode.LogOutputChannel;
}

/** The two ways to look: tail publications, peek at a slot. Each gives the timeline's number. */
export function streamCommands(parts: StreamCommandParts): readonly Disposable[] {
  return [
    registerCommand(COMMANDS.tail, parts.log, arg => tail(parts, arg)),
    registerCommand(COMMANDS.tailDatabase, parts.log, arg => tail(parts, arg)),
    registerCommand(COMMANDS.peek, parts.log, arg => peek(parts, arg)),
  ];
}

async function tail(parts: StreamCommandParts, arg: unknown): Promise<number> {
  const server = await serverOf(arg, parts.profiles, 'Tail on which server?');
  const database = await databaseOf(parts, arg, server);
  const what = await tailedBy(parts, arg, server, database);
  const timeline = parts.timelines.start({ kind: 'tail', server, database, ...what });
  return timeline.id;
}

async function databaseOf(
  parts: StreamCommandParts,
  arg: unknown,
  server: string,
): Promise<string> {
  const subject = subjectOf(arg);
  if (subject !== undefined && 'database' in subject) return subject.database;
  if (isRecord(arg) && typeof arg['database'] === 'string') return arg['database'];
  if (isRecord(arg) && isNames(arg['publications'])) {
    return (await parts.servers.target(server)).database;
  }
  const databases = await parts.catalog.databases(server);
  return pickOne(databases, 'Tail in which database?');
}

/** The publications to follow; all tables through test_decoding where that is asked for, or there are none. */
async function tailedBy(
  parts: StreamCommandParts,
  arg: unknown,
  server: string,
  database: string,
): Promise<Pick<TailRequest, 'publications' | 'plugin'>> {
  const subject = subjectOf(arg);
  if (subject?.kind === 'publication') return { publications: [subject.publication] };
  if (isRecord(arg) && isNames(arg['publications']) && arg['publications'].length > 0) {
    return { publications: arg['publications'] };
  }
  if (isRecord(arg) && arg['plugin'] === 'test_decoding') return ALL_TABLES;
  const names = await parts.catalog.publicationNames(server, database);
  if (names.length === 0) return ALL_TABLES;
  if (names.length === 1) return { publications: names };
  const picked = await askTailed(names);
  return picked === undefined ? ALL_TABLES : { publications: picked };
}

async function peek(parts: StreamCommandParts, arg: unknown): Promise<number> {
  const server = await serverOf(arg, parts.profiles, 'Peek on which server?');
  const slot = await slotOf(parts, arg, server);
  const { database, plugin } = slot;
  if (database === undefined || plugin === undefined) {
    throw new HostFailure({
      code: 'physical-slot',
      message: `The slot ${slot.name} is physical: it holds back WAL, not decoded changes.`,
      action: 'Peek at a logical slot.',
      detail: slot.name,
    });
  }
  const publications = await peekPublications(parts, arg, { server, database, slot });
  await confirmCost(slot);
  const request: PeekRequest = {
    kind: 'peek',
    server,
    database,
    slot: slot.name,
    plugin,
    publications,
    method: 'copy',
  };
  await parts.memory.remember(request);
  return parts.timelines.start(request, slot.retainedBytes ?? null).id;
}

async function slotOf(parts: StreamCommandParts, arg: unknown, server: string): Promise<SlotInfo> {
  const subject = subjectOf(arg);
  const slots = await parts.catalog.slots(server);
  const named =
    subject?.kind === 'slot'
      ? subject.slot
      : isRecord(arg) && typeof arg['slot'] === 'string'
        ? arg['slot']
        : await pickOne(
            slots.filter(slot => slot.type === 'logical').map(slot => slot.name),
            'Peek at which slot?',
          );
  const found = slots.find(slot => slot.name === named);
  if (found !== undefined) return found;
  throw new HostFailure({
    code: 'slot-missing',
    message: `There is no slot ${named} on ${server} any more.`,
    action: 'Refresh the sidebar.',
    detail: named,
  });
}

/**
 * What the slot's own consumer asks for, where it can be seen (the recorder reads it, so none are
 * named); else as {@link publicationsOfSlot} finds them.
 */
async function peekPublications(
  parts: StreamCommandParts,
  arg: unknown,
  at: { readonly server: string; readonly database: string; readonly slot: SlotInfo },
): Promise<readonly string[]> {
  const { server, database, slot } = at;
  if (isRecord(arg) && isNames(arg['publications'])) return arg['publications'];
  if (slot.plugin !== 'pgoutput') return [];
  if (consumerIsVisible(slot)) return [];
  return publicationsOfSlot(parts, { server, database, slot: slot.name });
}

async function confirmCost(slot: SlotInfo): Promise<void> {
  const cost = slot.retainedBytes;
  if (cost === undefined || cost < LARGE_COST) return;
  const answer = await vscode.window.showWarningMessage(
    `The server must read ${formatBytes(cost)} of WAL to show what the slot ${slot.name} holds back.`,
    { modal: true, detail: 'The slot itself and its consumer are not touched.' },
    'Peek',
  );
  if (answer !== 'Peek') throw new Cancelled();
}

async function pickOne(names: readonly string[], question: string): Promise<string> {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return only;
  const items = names.map(name => ({ name, label: messageText(name) }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: question });
  if (picked === undefined) throw new Cancelled();
  return picked.name;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
