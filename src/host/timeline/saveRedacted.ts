import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { EVERYTHING } from '../../shared/columnMask';
import type { ExportResult, ReaderApi, ReaderEvents } from '../../shared/readerApi';
import type { HostServices } from '../hostServices';
import { messageText } from '../messageText';
import { exportOutcome, exportProgress } from './exportOutcome';
import { fileNameOf } from './fileName';
import type { SavedFacts } from './savedCaptures';
import { WorkerClient } from './workerClient';

type Services = Pick<HostServices, 'log' | 'masks' | 'readerFile' | 'savedCaptures'>;

/** What the copy leaves out beside masked columns and who wrote, which it never has. */
interface Redaction {
  readonly values: boolean;
  readonly source: boolean;
}

/**
 * Asks what to leave out and where to, and writes a copy of a capture to give away. A stream goes on
 * meanwhile. Undefined when the user thought better of it, or nothing was written.
 */
export async function saveRedacted(
  source: string,
  facts: SavedFacts & { readonly title: string },
  services: Services,
): Promise<vscode.Uri | undefined> {
  const mask = services.masks.of(facts.server);
  const redaction = await askRedaction(mask);
  if (redaction === undefined) return undefined;
  const target = await askTarget(facts.title);
  if (target === undefined) return undefined;
  const patterns = redaction.values ? [...mask, EVERYTHING] : mask;
  const result = await withProgress(target.fsPath, (signal, onProgress) =>
    writeCopy(
      source,
      {
        path: target.fsPath,
        mask: patterns,
        hidesSource: redaction.source,
      },
      { readerFile: services.readerFile, signal, onProgress },
    ),
  );
  const name = path.basename(target.fsPath);
  const text = exportOutcome(result, name);
  services.log.info(`${facts.title}: redacted copy: ${text} (${target.fsPath})`);
  void tell(result, messageText(text), target);
  if (!result.complete) return undefined;
  const server = redaction.source ? '' : facts.server;
  await services.savedCaptures.add(target, { ...facts, server });
  return target;
}

async function askRedaction(mask: readonly string[]): Promise<Redaction | undefined> {
  const masked =
    mask.length === 0
      ? 'No column is masked: all values stay unless you choose otherwise'
      : `Gone in any case: ${mask.join(', ')}`;
  const items = [
    {
      label: 'Leave out all values',
      detail: 'Tables, columns, operations, positions, times and NULLs stay',
      key: 'values',
      picked: mask.length === 0,
    },
    {
      label: 'Leave out where it comes from',
      detail: 'Names of the server, the database, the slot and the publications',
      key: 'source',
      picked: false,
    },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Save Redacted Copy',
    placeHolder: messageText(`${masked}. Who wrote is left out always.`),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined) return undefined;
  const keys = new Set(picked.map(({ key }) => key));
  return { values: keys.has('values'), source: keys.has('source') };
}

async function askTarget(title: string): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const directory = folder?.scheme === 'file' ? folder : vscode.Uri.file(os.homedir());
  const name = fileNameOf(`${title.replace(/\.walcap$/, '')} redacted`, 'walcap');
  const target = await vscode.window.showSaveDialog({
    title: 'Save Redacted Copy',
    defaultUri: vscode.Uri.joinPath(directory, name),
    filters: { 'WAL captures': ['walcap'] },
  });
  if (target !== undefined && target.scheme !== 'file') {
    throw new Error('A copy is written to a folder of this machine only. Choose another place.');
  }
  return target;
}

interface Way {
  readonly readerFile: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReaderEvents['exportProgress']) => void;
}

/** By a reader of its own: the capture need not be open, and the one that is shown goes on as it is. */
async function writeCopy(
  source: string,
  request: Omit<Parameters<ReaderApi['redactedCopy']>[0], 'replace'>,
  { readerFile, signal, onProgress }: Way,
): Promise<ExportResult> {
  const reader = new WorkerClient<ReaderApi, ReaderEvents>(
    readerFile,
    'walexplorer-redact',
    () => undefined,
  );
  try {
    reader.peer.on('exportProgress', onProgress);
    await reader.peer.call('open', { path: source, mask: request.mask });
    const replace = await stat(request.path).then(
      () => true,
      () => false,
    );
    return await reader.peer.call('redactedCopy', { ...request, replace }, signal);
  } finally {
    await reader.terminate();
  }
}

async function withProgress(
  file: string,
  work: (signal: AbortSignal, onProgress: Way['onProgress']) => Promise<ExportResult>,
): Promise<ExportResult> {
  const started = performance.now();
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: messageText(`Saving ${path.basename(file)}`),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    const cancelled = new AbortController();
    const listener = token.onCancellationRequested(() => {
      cancelled.abort();
    });
    let percent = 0;
    try {
      return await work(cancelled.signal, ({ events, bytes, fraction }) => {
        const now = Math.floor(fraction * 100);
        const message = exportProgress(events, bytes, performance.now() - started);
        progress.report({ increment: now - percent, message });
        percent = now;
      });
    } finally {
      listener.dispose();
    }
  });
}

async function tell(result: ExportResult, text: string, file: vscode.Uri): Promise<void> {
  const open = 'Open';
  const buttons = result.events > 0 ? [open] : [];
  const answer = await (result.reason === ''
    ? vscode.window.showInformationMessage(text, ...buttons)
    : vscode.window.showErrorMessage(text, ...buttons));
  if (answer === open) await vscode.commands.executeCommand('vscode.open', file);
}
