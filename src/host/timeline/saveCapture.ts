import os from 'node:os';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { copyCapture, describeProgress } from './copyCapture';
import { fileNameOf } from './fileName';
import type { SavedCaptures, SavedFacts } from './savedCaptures';

/** From this many bytes on, a copy has a progress that can be cancelled. */
const LARGE_BYTES = 64 * 1024 * 1024;

/**
 * Asks where to, and copies what there is of a capture; a stream goes on meanwhile. Undefined when the
 * user thought better of it. Throws Cancelled, or HostFailure with one sentence.
 */
export async function saveCapture(
  source: string,
  facts: SavedFacts & { readonly title: string },
  services: { readonly savedCaptures: SavedCaptures; readonly log: vscode.LogOutputChannel },
): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(os.homedir());
  const target = await vscode.window.showSaveDialog({
    title: 'Save Capture',
    defaultUri: vscode.Uri.joinPath(folder, fileNameOf(facts.title, 'walcap')),
    filters: { 'WAL captures': ['walcap'] },
  });
  if (target === undefined) return undefined;
  if (target.scheme === 'file') await copyWithProgress(source, target.fsPath);
  else await vscode.workspace.fs.copy(vscode.Uri.file(source), target, { overwrite: true });
  await services.savedCaptures.add(target, facts);
  services.log.info(`${facts.title}: capture saved to ${target.toString(true)}`);
  return target;
}

async function copyWithProgress(source: string, target: string): Promise<void> {
  const size = await stat(source).then(
    found => found.size,
    () => 0,
  );
  if (size < LARGE_BYTES) {
    const { signal } = new AbortController();
    await copyCapture(source, target, { signal, onProgress: () => undefined });
    return;
  }
  const options: vscode.ProgressOptions = {
    location: vscode.ProgressLocation.Notification,
    title: 'Saving capture',
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => {
      abort.abort();
    });
    let told = 0;
    try {
      await copyCapture(source, target, {
        signal: abort.signal,
        onProgress: (done, total) => {
          const percent = Math.floor((100 * done) / total);
          if (percent === told) return;
          progress.report({ increment: percent - told, message: describeProgress(done, total) });
          told = percent;
        },
      });
    } finally {
      listener.dispose();
    }
  });
}
