import type * as vscode from 'vscode';
import { WalExplorer } from './host/walExplorer';
import type { ExtensionApi } from './host/walExplorer';

// The composition root of the extension. Nothing here connects, reads files or starts threads: that
// happens when the user looks at something.

let running: WalExplorer | undefined;

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  running = new WalExplorer(context);
  return running.api;
}

/** Ends all streams: resolves when no slot, socket or thread of ours is left. */
export async function deactivate(): Promise<void> {
  const ending = running;
  running = undefined;
  await ending?.shutdown();
}
