import * as vscode from 'vscode';
import { messageText } from '../messageText';
import type { ProfileStore } from '../connections/profileStore';
import type { SidebarNode } from './sidebarNode';

const MIME = 'application/vnd.code.tree.walexplorer.servers';

/** Servers are put into another order by dragging them; what is below them stays where it is. */
export class ServerDragAndDrop implements vscode.TreeDragAndDropController<SidebarNode> {
  readonly dragMimeTypes = [MIME];
  readonly dropMimeTypes = [MIME];
  readonly #profiles: ProfileStore;
  readonly #log: vscode.LogOutputChannel;

  constructor(profiles: ProfileStore, log: vscode.LogOutputChannel) {
    this.#profiles = profiles;
    this.#log = log;
  }

  handleDrag(source: readonly SidebarNode[], data: vscode.DataTransfer): void {
    const names = source.flatMap(({ subject }) =>
      subject.kind === 'server' ? [subject.server] : [],
    );
    // Something else among them: nobody could say where that should go.
    if (names.length === source.length) data.set(MIME, new vscode.DataTransferItem(names));
  }

  async handleDrop(target: SidebarNode | undefined, data: vscode.DataTransfer): Promise<void> {
    const names: unknown = data.get(MIME)?.value;
    if (!Array.isArray(names) || !names.every(name => typeof name === 'string')) return;
    try {
      await this.#profiles.drop(names, target?.subject.server);
    } catch (error) {
      this.#log.error(`servers could not be moved: ${String(error)}`);
      void vscode.window.showErrorMessage(
        messageText(error instanceof Error ? error.message : 'The servers could not be moved.'),
      );
    }
  }
}
