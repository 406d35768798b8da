import * as vscode from 'vscode';
import { VIEWS } from '../commandIds';
import type { Timelines } from './timelines';

/** Shows `*.walcap` files in the same timeline as streams, read-only. */
export class CaptureEditorProvider implements vscode.CustomReadonlyEditorProvider {
  readonly #timelines: Timelines;

  static register(timelines: Timelines): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(
      VIEWS.captureEditor,
      new CaptureEditorProvider(timelines),
      { webviewOptions: { retainContextWhenHidden: false } },
    );
  }

  private constructor(timelines: Timelines) {
    this.#timelines = timelines;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor(
    document: vscode.CustomDocument,
    panel: vscode.WebviewPanel,
  ): Promise<void> {
    // The reader is a thread that reads files itself: what only VS Code can read is not for it.
    if (document.uri.scheme !== 'file') {
      throw new Error(
        'A capture can be opened from a folder on this machine only: copy it there first.',
      );
    }
    await this.#timelines.openFile(document.uri, panel);
  }
}
