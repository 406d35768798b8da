import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { DisposableStore } from '../../base/disposable';
import { EVERYTHING, maskOf, maskPatternProblem, patternOf } from '../../shared/columnMask';
import { messageText } from '../messageText';
import type { ProfileStore } from './profileStore';

const SECTION = 'walExplorer';
const KEY = 'maskedColumns';

/** A column that a capture tells of. */
export interface ColumnPlace {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** Where a list of masked columns is kept: with a server, or for everything. */
export type MaskOwner = { readonly server: string } | 'everything';

/**
 * Which columns are masked: those that the server's entry names, and those of the setting
 * `walExplorer.maskedColumns`, which is for everything, saved captures too. A workspace can add to that
 * setting and take nothing away from it.
 */
export class ColumnMasks implements Disposable {
  readonly #profiles: ProfileStore;
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(profiles: ProfileStore) {
    this.#profiles = profiles;
    this.#store.add(this.#changed);
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (!event.affectsConfiguration(`${SECTION}.${KEY}`)) return;
        tellProblem();
        this.#changed.fire();
      }),
    );
    tellProblem();
    this.#store.add(
      profiles.onDidChange(() => {
        this.#changed.fire();
      }),
    );
  }

  /** The patterns for what comes from a server; also for a name that is no server's here. */
  of(server: string): readonly string[] {
    return [...listOfEverything(), ...(this.#profiles.find(server)?.maskedColumns ?? [])];
  }

  /** Whose list takes a new column of what comes from a server. */
  ownerFor(server: string): MaskOwner {
    const profile = this.#profiles.find(server);
    return profile === undefined ? 'everything' : { server: profile.name };
  }

  /** Masks columns of what comes from a server. */
  async mask(server: string, places: readonly ColumnPlace[]): Promise<void> {
    const patterns = places.map(({ schema, table, column }) => patternOf(schema, table, column));
    await this.#edit(this.ownerFor(server), list => [...new Set([...list, ...patterns])]);
  }

  /**
   * Takes columns out of the lists that name them. Returns the patterns that still cover one of them: they
   * cover other columns too, so that nobody but their author can say what is meant.
   */
  async unmask(server: string, places: readonly ColumnPlace[]): Promise<readonly string[]> {
    const own = new Set(
      places.map(({ schema, table, column }) => patternOf(schema, table, column)),
    );
    const without = (list: readonly string[]): readonly string[] =>
      list.filter(pattern => !own.has(pattern.trim()));
    for (const owner of new Set<MaskOwner>([this.ownerFor(server), 'everything'])) {
      const list = this.#listOf(owner);
      if (without(list).length < list.length) await this.#edit(owner, without);
    }
    return this.of(server).filter(pattern =>
      places.some(({ schema, table, column }) => maskOf([pattern]).has(schema, table, column)),
    );
  }

  #listOf(owner: MaskOwner): readonly string[] {
    return owner === 'everything'
      ? ownList()
      : (this.#profiles.find(owner.server)?.maskedColumns ?? []);
  }

  async #edit(
    owner: MaskOwner,
    change: (list: readonly string[]) => readonly string[],
  ): Promise<void> {
    if (owner !== 'everything') {
      await this.#profiles.setMaskedColumns(owner.server, change);
      return;
    }
    const list = change(ownList());
    await vscode.workspace
      .getConfiguration(SECTION)
      .update(KEY, list.length === 0 ? undefined : list, vscode.ConfigurationTarget.Global);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** Of all places where the setting may be. */
function listOfEverything(): readonly string[] {
  const found = vscode.workspace.getConfiguration(SECTION).inspect<unknown>(KEY);
  return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].flatMap(listFrom);
}

/** Says that everything is masked where the setting cannot be read, since nothing else tells why. */
function tellProblem(): void {
  const [problem] = listOfEverything().flatMap(pattern => maskPatternProblem(pattern) ?? []);
  if (problem === undefined) return;
  const message = `The setting walExplorer.maskedColumns cannot be read, so that all values are masked: ${problem}.`;
  void vscode.window.showWarningMessage(messageText(message));
}

/** The one that commands change. */
function ownList(): readonly string[] {
  return listFrom(vscode.workspace.getConfiguration(SECTION).inspect<unknown>(KEY)?.globalValue);
}

/** Whoever wrote something else there meant to hide something: then everything is. */
function listFrom(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [EVERYTHING];
  return value.map((entry: unknown) => (typeof entry === 'string' ? entry : EVERYTHING));
}
