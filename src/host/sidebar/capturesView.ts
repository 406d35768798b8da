import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { VIEWS } from '../commandIds';
import type { StoredCapture } from '../timeline/captureFolder';
import type { CaptureStore } from '../timeline/captureStore';
import type { SavedCapture, SavedCaptures } from '../timeline/savedCaptures';
import type { Timeline } from '../timeline/timeline';
import type { Timelines } from '../timeline/timelines';
import { CaptureDrop } from './captureDrop';
import { keptItem, savedItem, timelineItem } from './captureItem';

/** Milliseconds between two changes of the list: it is read, not watched. */
const UPDATE_MS = 1000;

export type CaptureNode =
  | { readonly kind: 'timeline'; readonly timeline: Timeline }
  /** Left behind by a window that is gone, and saved by nobody. */
  | { readonly kind: 'kept'; readonly capture: StoredCapture }
  | ({ readonly kind: 'saved' } & SavedCapture);

/** The captures that are open in timelines, then those that a window left behind, then saved ones. */
export class CapturesView implements vscode.TreeDataProvider<CaptureNode> {
  readonly #timelines: Timelines;
  readonly #saved: SavedCaptures;
  readonly #captures: CaptureStore;
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<CaptureNode>;
  #timer: NodeJS.Timeout | undefined;

  constructor(timelines: Timelines, saved: SavedCaptures, captures: CaptureStore) {
    this.#timelines = timelines;
    this.#saved = saved;
    this.#captures = captures;
    this.#store.add(this.#changed);
    this.#view = this.#store.add(
      vscode.window.createTreeView(VIEWS.captures, {
        treeDataProvider: this,
        dragAndDropController: new CaptureDrop<CaptureNode>(saved),
      }),
    );
    const changed = (): void => {
      if (!this.#view.visible) return;
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#changed.fire(undefined);
      }, UPDATE_MS);
    };
    captures.onChange = changed;
    this.#store.add(timelines.onDidChange(changed));
    this.#store.add(saved.onDidChange(changed));
    this.#store.add(
      this.#view.onDidChangeVisibility(({ visible }) => {
        // What is shown as kept is not what should be gone by now.
        if (visible) captures.cleanSoon();
        changed();
      }),
    );
  }

  async getChildren(node?: CaptureNode): Promise<CaptureNode[]> {
    if (node !== undefined) return [];
    const timelines = this.#timelines.list();
    const open = new Set(timelines.map(timeline => timeline.capturePath));
    const [saved, stored] = await Promise.all([this.#saved.list(), this.#captures.list()]);
    return [
      ...timelines.map((timeline): CaptureNode => ({ kind: 'timeline', timeline })),
      ...stored
        .filter(capture => !capture.held && !open.has(capture.path))
        .map((capture): CaptureNode => ({ kind: 'kept', capture })),
      ...saved
        .filter(({ uri }) => !open.has(uri.fsPath))
        .map((entry): CaptureNode => ({ kind: 'saved', ...entry })),
    ];
  }

  getTreeItem(node: CaptureNode): vscode.TreeItem {
    switch (node.kind) {
      case 'timeline':
        return timelineItem(node.timeline);
      case 'kept':
        return keptItem(node.capture);
      case 'saved':
        return savedItem(node);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#captures.onChange = () => undefined;
    this.#store.dispose();
  }
}
