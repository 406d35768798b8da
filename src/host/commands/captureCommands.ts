import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { COMMANDS, VIEWS } from '../commandIds';
import { Cancelled, HostFailure } from '../hostFailure';
import type { HostServices } from '../hostServices';
import { messageText } from '../messageText';
import type { CaptureStore } from '../timeline/captureStore';
import type { SavedCaptures } from '../timeline/savedCaptures';
import { saveRedacted } from '../timeline/saveRedacted';
import { saveOrShare } from '../timeline/saveOrShare';
import type { Timeline } from '../timeline/timeline';
import type { Timelines } from '../timeline/timelines';
import { registerCommand } from './commandRunner';
import { deleteAllCaptures, deleteKept, deleteSaved } from './deleteCaptures';

export interface CaptureCommandParts {
  readonly extensionUri: vscode.Uri;
  readonly timelines: Timelines;
  readonly captures: CaptureStore;
  readonly savedCaptures: SavedCaptures;
  readonly log: vscode.LogOutputChannel;
  readonly services: HostServices;
}

/** Commands for captures and timelines that are open. */
export function captureCommands(parts: CaptureCommandParts): readonly Disposable[] {
  const { timelines, log } = parts;
  return [
    registerCommand(COMMANDS.openCapture, log, openCapture),
    registerCommand(COMMANDS.openSample, log, () =>
      openInEditor(vscode.Uri.joinPath(parts.extensionUri, 'media', 'sample.walcap')),
    ),
    registerCommand(COMMANDS.saveCapture, log, arg => save(parts, arg)),
    registerCommand(COMMANDS.saveRedacted, log, arg => shareCopy(parts, arg)),
    registerCommand(COMMANDS.revealCapture, log, arg => reveal(parts, arg)),
    registerCommand(COMMANDS.deleteCapture, log, async arg => {
      const node = await nodeOf(parts, arg);
      if (node?.kind === 'saved') await deleteSaved(parts, node.uri);
      else if (node?.kind === 'kept') await deleteKept(parts, node.capture);
    }),
    registerCommand(COMMANDS.forgetCapture, log, async arg => {
      const node = await nodeOf(parts, arg);
      if (node?.kind === 'saved') await parts.savedCaptures.remove(node.uri);
    }),
    registerCommand(COMMANDS.deleteAllCaptures, log, () => deleteAllCaptures(parts)),
    registerCommand(COMMANDS.showTimeline, log, async arg => {
      // The status bar shows what runs; where nothing does, any timeline may be meant.
      const running = timelines.list().filter(timeline => timeline.isStreaming);
      const among = running.length > 0 && arg === undefined ? running : timelines.list();
      const timeline = await chooseTimeline(among, timelines, arg, 'Show which timeline?');
      timeline.panel.reveal();
    }),
    registerCommand(COMMANDS.stopTimeline, log, async arg => {
      const running = timelines.list().filter(timeline => timeline.isStreaming);
      const timeline = await chooseTimeline(running, timelines, arg, 'Stop which stream?');
      await timeline.stop();
    }),
    registerCommand(COMMANDS.showLog, log, () => {
      log.show(true);
    }),
  ];
}

async function openCapture(arg: unknown): Promise<void> {
  const given = arg instanceof vscode.Uri ? [arg] : undefined;
  const uris =
    given ??
    (await vscode.window.showOpenDialog({
      title: 'Open Capture',
      filters: { 'WAL captures': ['walcap'] },
      canSelectMany: true,
    })) ??
    [];
  for (const uri of uris) await openInEditor(uri);
}

async function openInEditor(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, VIEWS.captureEditor);
}

/** A saved copy of one that a window left behind takes its place in the list. */
async function save(parts: CaptureCommandParts, arg: unknown): Promise<void> {
  const { timelines, captures } = parts;
  const node = await nodeOf(parts, arg);
  if (node?.kind === 'kept') {
    const { capture } = node;
    const { title, server, changes } = capture.facts ?? { title: '', server: '', changes: null };
    const facts = { title, server, changes };
    const saved = await saveOrShare(capture.path, facts, parts.services);
    // A redacted copy does not take its place.
    if (saved !== undefined && !saved.redacted) await captures.deleteClosed(capture);
    return;
  }
  const timeline = await chooseTimeline(timelines.list(), timelines, arg, 'Save which capture?');
  await timeline.save();
}

/** A copy to give away, of what is open, was left behind or was saved. */
async function shareCopy(parts: CaptureCommandParts, arg: unknown): Promise<void> {
  const { timelines, services } = parts;
  const node = await nodeOf(parts, arg);
  if (node?.kind === 'kept') {
    const { title, server, changes } = node.capture.facts ?? {
      title: '',
      server: '',
      changes: null,
    };
    await saveRedacted(node.capture.path, { title, server, changes }, services);
    return;
  }
  if (node?.kind === 'saved') {
    const known = (await parts.savedCaptures.list()).find(
      each => each.uri.toString() === node.uri.toString(),
    );
    const { server = '', changes = null } = known ?? {};
    const title = path.basename(node.uri.fsPath);
    await saveRedacted(node.uri.fsPath, { title, server, changes }, services);
    return;
  }
  const timeline = await chooseTimeline(timelines.list(), timelines, arg, 'Share which capture?');
  await saveRedacted(timeline.capturePath, timeline.savedFacts, services);
}

/** In a browser there is no file manager to show it in: its path is all that helps. */
async function reveal(parts: CaptureCommandParts, arg: unknown): Promise<void> {
  const node = await nodeOf(parts, arg);
  const uri =
    node?.kind === 'saved'
      ? node.uri
      : node?.kind === 'kept'
        ? vscode.Uri.file(node.capture.path)
        : undefined;
  if (uri === undefined) return;
  const known = await vscode.commands.getCommands(true);
  if (vscode.env.uiKind === vscode.UIKind.Desktop && known.includes('revealFileInOS')) {
    await vscode.commands.executeCommand('revealFileInOS', uri);
    return;
  }
  await vscode.env.clipboard.writeText(uri.fsPath);
  void vscode.window.showInformationMessage(
    messageText(`A browser has no file manager; the path was copied: ${uri.fsPath}`),
  );
}

/** The saved or left capture that a tree node, or its path, names, as it is now. */
async function nodeOf(parts: CaptureCommandParts, arg: unknown) {
  if (typeof arg !== 'object' || arg === null) return undefined;
  if ('uri' in arg && arg.uri instanceof vscode.Uri) {
    return { kind: 'saved', uri: arg.uri } as const;
  }
  if (!('capture' in arg) || typeof arg.capture !== 'object' || arg.capture === null) {
    return undefined;
  }
  const id = 'id' in arg.capture ? arg.capture.id : undefined;
  const capture = (await parts.captures.list()).find(each => each.id === id);
  return capture === undefined ? undefined : ({ kind: 'kept', capture } as const);
}

/** The timeline that a number or a tree node names, the active one, the only one, or a question. */
export async function chooseTimeline(
  among: readonly Timeline[],
  timelines: Timelines,
  arg: unknown,
  question: string,
): Promise<Timeline> {
  const named = typeof arg === 'number' ? timelines.find(arg) : timelineOfNode(arg, timelines);
  if (named !== undefined) return named;
  const active = among.find(timeline => timeline.panel.active);
  if (active !== undefined) return active;
  if (among.length === 1 && among[0] !== undefined) return among[0];
  if (among.length === 0) {
    throw new HostFailure({
      code: 'no-timeline',
      message: 'No timeline is open.',
      action: 'Tail a publication, peek at a slot or open a capture first.',
      detail: question,
    });
  }
  const picked = await vscode.window.showQuickPick(
    among.map(timeline => ({
      label: messageText(timeline.title),
      description: messageText(timeline.snapshot.session?.message ?? ''),
      timeline,
    })),
    { placeHolder: question },
  );
  if (picked === undefined) throw new Cancelled();
  return picked.timeline;
}

function timelineOfNode(arg: unknown, timelines: Timelines): Timeline | undefined {
  if (typeof arg !== 'object' || arg === null || !('timeline' in arg)) return undefined;
  return timelines.list().find(timeline => timeline === arg.timeline);
}
