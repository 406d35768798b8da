import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { COMMANDS, VIEWS } from '../commandIds';
import { Cancelled } from '../hostFailure';
import type { SavedCaptures } from '../timeline/savedCaptures';
import type { Timeline } from '../timeline/timeline';
import type { Timelines } from '../timeline/timelines';
import { registerCommand } from './commandRunner';

/** Commands for captures and timelines that are open. */
export function captureCommands(
  timelines: Timelines,
  saved: SavedCaptures,
  log: vscode.LogOutputChannel,
): readonly Disposable[] {
  return [
    registerCommand(COMMANDS.openCapture, log, openCapture),
    registerCommand(COMMANDS.saveCapture, log, async arg => {
      const timeline = await chooseTimeline(
        timelines.list(),
        timelines,
        arg,
        'Save which capture?',
      );
      await timeline.save();
    }),
    registerCommand(COMMANDS.deleteCapture, log, arg => deleteCapture(saved, arg)),
    registerCommand(COMMANDS.showTimeline, log, async arg => {
      const timeline = await chooseTimeline(
        timelines.list(),
        timelines,
        arg,
        'Show which timeline?',
      );
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
  for (const uri of uris) {
    await vscode.commands.executeCommand('vscode.openWith', uri, VIEWS.captureEditor);
  }
}

/** Deletes a saved file for good: it holds rows of a database, so no copy is left in a trash. */
async function deleteCapture(saved: SavedCaptures, arg: unknown): Promise<void> {
  const uri = typeof arg === 'object' && arg !== null && 'uri' in arg ? arg.uri : undefined;
  if (!(uri instanceof vscode.Uri)) return;
  const answer = await vscode.window.showWarningMessage(
    'Delete this capture for good?',
    { modal: true, detail: uri.fsPath },
    'Delete',
  );
  if (answer !== 'Delete') return;
  await vscode.workspace.fs.delete(uri, { useTrash: false });
  await saved.remove(uri);
}

/** The timeline that a number or a tree node names, the active one, the only one, or a question. */
async function chooseTimeline(
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
  const picked = await vscode.window.showQuickPick(
    among.map(timeline => ({
      label: timeline.title,
      description: timeline.snapshot.session?.message ?? '',
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
