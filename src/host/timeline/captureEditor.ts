import * as vscode from 'vscode';
import { VIEWS } from '../commandIds';
import type { CaptureStore } from './captureStore';
import { whenClosed } from './timeline';
import type { Timelines } from './timelines';

/** Shows `*.walcap` files in the same timeline as streams, read-only. */
export class CaptureEditorProvider implements vscode.CustomReadonlyEditorProvider {
  readonly #timelines: Timelines;
  readonly #captures: CaptureStore;

  static register(timelines: Timelines, captures: CaptureStore): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(
      VIEWS.captureEditor,
      new CaptureEditorProvider(timelines, captures),
      { webviewOptions: { retainContextWhenHidden: false } },
    );
  }

  private constructor(timelines: Timelines, captures: CaptureStore) {
    this.#timelines = timelines;
    this.#captures = captures;
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
    const file = document.uri.fsPath;
    // One that a window left behind is nobody's to delete while it is looked at.
    const closed = new AbortController();
    whenClosed(panel, () => {
      closed.abort();
      void this.#captures.release(file);
    });
    if ((await this.#captures.hold(file)) && closed.signal.aborted)
      await this.#captures.release(file);
    await this.#timelines.openFile(document.uri, panel);
  }
}
