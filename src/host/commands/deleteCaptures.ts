import * as vscode from 'vscode';
import { formatBytes, formatPlural } from '../../base/quantity';
import { visibleText } from '../../base/visibleText';
import { Cancelled } from '../hostFailure';
import { messageText } from '../messageText';
import type { StoredCapture } from '../timeline/captureFolder';
import type { CaptureStore } from '../timeline/captureStore';
import type { SavedCaptures } from '../timeline/savedCaptures';

interface DeleteParts {
  readonly captures: CaptureStore;
  readonly savedCaptures: SavedCaptures;
  readonly log: vscode.LogOutputChannel;
}

/** Deletes a saved file for good: it holds rows of a database, so no copy is left in a trash. */
export async function deleteSaved(parts: DeleteParts, uri: vscode.Uri): Promise<void> {
  await confirm('Delete this capture for good?', uri.fsPath, 'Delete');
  await vscode.workspace.fs.delete(uri, { useTrash: false });
  await parts.savedCaptures.remove(uri);
  parts.log.info(`deleted the saved capture ${uri.fsPath}`);
}

/** Deletes a capture that a window left behind. */
export async function deleteKept(parts: DeleteParts, capture: StoredCapture): Promise<void> {
  const title = capture.facts?.title ?? capture.id;
  await confirm(
    'Delete this capture for good?',
    `${title}, ${formatBytes(capture.bytes)}. It was not saved.`,
    'Delete',
  );
  if (!(await parts.captures.deleteClosed(capture))) {
    void vscode.window.showInformationMessage(
      messageText(`${title} was not deleted: a window has it open. Close its timeline instead.`),
    );
    return;
  }
  parts.log.info(`deleted the capture ${title} that was not saved`);
}

/** Deletes every capture that is not saved and that no window has open, after a question that tells both. */
export async function deleteAllCaptures(parts: DeleteParts): Promise<void> {
  const [stored, saved] = await Promise.all([parts.captures.list(), parts.savedCaptures.list()]);
  const closed = stored.filter(capture => !capture.held);
  const open = stored.length - closed.length;
  const stays = staySentence(open, saved.filter(each => each.stat !== undefined).length);
  if (closed.length === 0) {
    void vscode.window.showInformationMessage(`There is no capture to delete. ${stays}`.trim());
    return;
  }
  const bytes = closed.reduce((sum, capture) => sum + capture.bytes, 0);
  await confirm(
    `Delete ${formatPlural(closed.length, 'capture')}, ${formatBytes(bytes)}, for good?`,
    `${closed.length === 1 ? 'It was not saved and is' : 'These were not saved and are'} not open. ${stays}`.trim(),
    'Delete All',
  );
  const gone = await Promise.all(closed.map(capture => parts.captures.deleteClosed(capture)));
  const count = gone.filter(Boolean).length;
  parts.log.info(`deleted ${formatPlural(count, 'capture')} that were not saved`);
  const rest = closed.length - count;
  if (rest > 0) {
    void vscode.window.showInformationMessage(
      `${formatPlural(rest, 'capture')} stayed: opened by a window meanwhile.`,
    );
  }
}

function staySentence(open: number, saved: number): string {
  const parts = [
    ...(open === 0 ? [] : [`${formatPlural(open, 'capture')} open in a timeline`]),
    ...(saved === 0 ? [] : [formatPlural(saved, 'saved file')]),
  ];
  if (parts.length === 0) return '';
  return `${parts.join(' and ')} ${open + saved === 1 ? 'stays' : 'stay'}.`;
}

async function confirm(message: string, detail: string, action: string): Promise<void> {
  const options = { modal: true, detail: visibleText(detail) };
  const answer = await vscode.window.showWarningMessage(message, options, action);
  if (answer !== action) throw new Cancelled();
}
