import * as vscode from 'vscode';
import { VIEWS } from '../commandIds';
import { messageText } from '../messageText';
import type { SavedCaptures } from '../timeline/savedCaptures';

const URI_LIST = 'text/uri-list';

/** Captures that are dropped onto the list, from the explorer or from the system, are added and opened. */
export class CaptureDrop<T> implements vscode.TreeDragAndDropController<T> {
  readonly dropMimeTypes = [URI_LIST];
  readonly dragMimeTypes = [];
  readonly #saved: SavedCaptures;

  constructor(saved: SavedCaptures) {
    this.#saved = saved;
  }

  async handleDrop(_target: T | undefined, data: vscode.DataTransfer): Promise<void> {
    const text = (await data.get(URI_LIST)?.asString()) ?? '';
    const uris = urisOf(text);
    const captures = uris.filter(uri => /\.walcap$/i.test(uri.path));
    for (const uri of captures) {
      await this.#saved.add(uri, { server: '', changes: null });
      await vscode.commands.executeCommand('vscode.openWith', uri, VIEWS.captureEditor);
    }
    if (captures.length > 0 || uris.length === 0) return;
    const name = uris[0]?.path.split('/').at(-1) ?? '';
    void vscode.window.showWarningMessage(
      messageText(`${name} is no capture: drop files that end in .walcap.`),
    );
  }
}

/** RFC 2483: a line each, comments begin with #. */
function urisOf(text: string): vscode.Uri[] {
  return text
    .split(/\r?\n/)
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => vscode.Uri.parse(line));
}
