import * as vscode from 'vscode';

const KEY = 'captures.saved';
const LIMIT = 50;

/** Captures that the user saved from here, newest first; files that are gone are left out. */
export class SavedCaptures {
  readonly #memento: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  async list(): Promise<readonly { readonly uri: vscode.Uri; readonly stat: vscode.FileStat }[]> {
    const found = await Promise.all(
      this.#uris().map(async text => {
        const uri = vscode.Uri.parse(text, true);
        const stat = await Promise.resolve(vscode.workspace.fs.stat(uri)).catch(() => undefined);
        return stat === undefined ? undefined : { uri, stat };
      }),
    );
    return found.filter(entry => entry !== undefined);
  }

  async add(uri: vscode.Uri): Promise<void> {
    const text = uri.toString();
    const others = this.#uris().filter(other => other !== text);
    await this.#memento.update(KEY, [text, ...others].slice(0, LIMIT));
    this.#changed.fire();
  }

  /** Takes it off the list; the file stays. */
  async remove(uri: vscode.Uri): Promise<void> {
    const text = uri.toString();
    await this.#memento.update(
      KEY,
      this.#uris().filter(other => other !== text),
    );
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #uris(): readonly string[] {
    const stored = this.#memento.get<unknown>(KEY);
    return Array.isArray(stored) ? stored.filter(entry => typeof entry === 'string') : [];
  }
}
