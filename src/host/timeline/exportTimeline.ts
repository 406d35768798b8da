import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ExportFormat, ExportResult, ExportScope, ReaderEvents } from '../../shared/readerApi';
import type { RowSelection } from '../../shared/viewSpec';
import { messageText } from '../messageText';
import { exportOutcome, exportProgress } from './exportOutcome';
import { fileNameOf } from './fileName';

export interface ExportParts {
  /** Of the timeline. */
  readonly title: string;
  readonly scope: ExportScope;
  readonly selection?: RowSelection;
  /** To be waited for before each question. */
  readonly focusSettled: () => Promise<void>;
  readonly log: vscode.LogOutputChannel;
  readonly write: (
    p: {
      readonly path: string;
      readonly replace: boolean;
      readonly format: ExportFormat;
      readonly scope: ExportScope;
      readonly selection?: RowSelection;
    },
    signal: AbortSignal,
    onProgress: (progress: ReaderEvents['exportProgress']) => void,
  ) => Promise<ExportResult>;
  /** The timeline is closing. */
  readonly signal: AbortSignal;
}

const FORMATS: readonly (vscode.QuickPickItem & {
  readonly format: ExportFormat;
  readonly extension: string;
  readonly kindOfFile: string;
})[] = [
  {
    label: 'JSON Lines',
    description: '.jsonl',
    detail: 'An event a line: whole committed transactions, in order of commit',
    format: 'jsonl',
    extension: 'jsonl',
    kindOfFile: 'JSON Lines',
  },
  {
    label: 'Capture File',
    description: '.walcap',
    detail: 'The messages as the server sent them, to be opened in a timeline again',
    format: 'capture',
    extension: 'walcap',
    kindOfFile: 'WAL captures',
  },
];

/**
 * Asks for format and file, and exports with a progress that can be cancelled. Says at the end what the
 * file holds. Rejects where nothing could be written.
 */
export async function exportTimeline(parts: ExportParts): Promise<void> {
  await parts.focusSettled();
  const picked = await vscode.window.showQuickPick(FORMATS, {
    title: TITLES[parts.scope],
    placeHolder: 'Which format?',
  });
  if (picked === undefined) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const directory = folder?.scheme === 'file' ? folder : vscode.Uri.file(os.homedir());
  await parts.focusSettled();
  const target = await vscode.window.showSaveDialog({
    title: TITLES[parts.scope],
    saveLabel: 'Export',
    defaultUri: vscode.Uri.joinPath(directory, fileNameOf(parts.title, picked.extension)),
    filters: { [picked.kindOfFile]: [picked.extension] },
  });
  if (target === undefined) return;
  if (target.scheme !== 'file') {
    throw new Error('An export is written to a folder of this machine only. Choose another place.');
  }
  await writeWithProgress(parts, target.fsPath, picked.format);
}

async function writeWithProgress(
  parts: ExportParts,
  file: string,
  format: ExportFormat,
): Promise<void> {
  const { title, scope, selection, log } = parts;
  const name = path.basename(file);
  const started = performance.now();
  const result = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: messageText(`Exporting to ${name}`),
      cancellable: true,
    },
    async (progress, token) => {
      const cancelled = new AbortController();
      const listener = token.onCancellationRequested(() => {
        cancelled.abort();
      });
      let percent = 0;
      try {
        return await parts.write(
          {
            path: file,
            // The dialog has asked; what came to be there since is not written over.
            replace: await exists(file),
            format,
            scope,
            ...(selection === undefined ? {} : { selection }),
          },
          AbortSignal.any([cancelled.signal, parts.signal]),
          ({ events, bytes, fraction }) => {
            const now = Math.floor(fraction * 100);
            progress.report({
              increment: now - percent,
              message: exportProgress(events, bytes, performance.now() - started),
            });
            percent = now;
          },
        );
      } finally {
        listener.dispose();
      }
    },
  );
  const text = exportOutcome(result, name);
  log.info(`${title}: ${text} (${file})`);
  void tell(result, messageText(text), file);
}

async function tell(result: ExportResult, text: string, file: string): Promise<void> {
  const open = 'Open';
  const buttons = result.events > 0 ? [open] : [];
  const answer = await (result.reason === ''
    ? vscode.window.showInformationMessage(text, ...buttons)
    : vscode.window.showErrorMessage(text, ...buttons));
  if (answer === open) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

const TITLES: Readonly<Record<ExportScope, string>> = {
  all: 'Export All Changes',
  view: 'Export Filtered Changes',
  selection: 'Export Selected Rows',
};
