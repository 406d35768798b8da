import * as vscode from 'vscode';

const KEY = 'welcome.milestones';

/** What a newcomer has really done; package.json's walkthrough asks for `walExplorer.did.<name>`. */
const MILESTONES = ['openCapture', 'addServer', 'tail', 'peek', 'saveCapture'] as const;
export type Milestone = (typeof MILESTONES)[number];

/** Remembers, for all windows, which first steps were done, and tells the walkthrough. */
export class Milestones {
  readonly #memento: vscode.Memento;
  readonly #reached: Set<Milestone>;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
    const stored = memento.get<unknown>(KEY);
    const names: readonly unknown[] = Array.isArray(stored) ? stored : [];
    this.#reached = new Set(MILESTONES.filter(name => names.includes(name)));
    for (const name of this.#reached) tell(name);
  }

  has(name: Milestone): boolean {
    return this.#reached.has(name);
  }

  /** Everything is done: nobody needs to look any more. */
  get complete(): boolean {
    return this.#reached.size === MILESTONES.length;
  }

  reach(name: Milestone): void {
    if (this.#reached.has(name)) return;
    this.#reached.add(name);
    tell(name);
    void this.#memento.update(KEY, [...this.#reached]);
  }
}

function tell(name: Milestone): void {
  void vscode.commands.executeCommand('setContext', `walExplorer.did.${name}`, true);
}
