import * as vscode from 'vscode';

const KEY = 'captures.saved';
const LIMIT = 50;

/** What is known of a saved capture without opening it. */
export interface SavedFacts {
  /** Name of the connection profile; empty where it is not known. */
  readonly server: string;
  /** Changes in it when it was saved; null where nobody counted. */
  readonly changes: number | null;
}

export interface SavedCapture extends SavedFacts {
  readonly uri: vscode.Uri;
  /** Undefined where the file cannot be found any more. */
  readonly stat: vscode.FileStat | undefined;
}

/** Captures that the user saved from here, newest first. */
export class SavedCaptures {
  readonly #memento: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  async list(): Promise<readonly SavedCapture[]> {
    return Promise.all(
      this.#entries().map(async ({ uri: text, server, changes }) => {
        const uri = vscode.Uri.parse(text, true);
        const stat = await Promise.resolve(vscode.workspace.fs.stat(uri)).catch(() => undefined);
        return { uri, server, changes, stat };
      }),
    );
  }

  async add(uri: vscode.Uri, { server, changes }: SavedFacts): Promise<void> {
    const added = { uri: uri.toString(), server, changes };
    await this.#store([added, ...this.#others(uri)]);
  }

  /** Takes it off the list; the file stays. */
  async remove(uri: vscode.Uri): Promise<void> {
    await this.#store(this.#others(uri));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #others(uri: vscode.Uri): readonly StoredEntry[] {
    return this.#entries().filter(entry => entry.uri !== uri.toString());
  }

  async #store(entries: readonly StoredEntry[]): Promise<void> {
    await this.#memento.update(KEY, entries.slice(0, LIMIT));
    this.#changed.fire();
  }

  #entries(): readonly StoredEntry[] {
    const stored = this.#memento.get<unknown>(KEY);
    return Array.isArray(stored) ? stored.map(parseEntry).filter(entry => entry !== undefined) : [];
  }
}

interface StoredEntry extends SavedFacts {
  readonly uri: string;
}

function parseEntry(value: unknown): StoredEntry | undefined {
  // A version before this one kept the address alone.
  if (typeof value === 'string') return { uri: value, server: '', changes: null };
  if (typeof value !== 'object' || value === null) return undefined;
  const { uri, server, changes } = value as Readonly<Record<string, unknown>>;
  if (typeof uri !== 'string') return undefined;
  return {
    uri,
    server: typeof server === 'string' ? server : '',
    changes: typeof changes === 'number' ? changes : null,
  };
}
