import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { formatBytes, formatPlural, formatSpan } from '../../base/quantity';
import { COMMANDS, VIEWS } from '../commandIds';
import { visibleLine } from '../escapeMarkdown';
import { plainMarkdown } from '../markdownText';
import type { SavedCaptures } from '../timeline/savedCaptures';
import type { Timeline } from '../timeline/timeline';
import type { Timelines } from '../timeline/timelines';

/** Milliseconds between two changes of the list: it is read, not watched. */
const UPDATE_MS = 1000;

export type CaptureNode =
  | { readonly kind: 'timeline'; readonly timeline: Timeline }
  | { readonly kind: 'saved'; readonly uri: vscode.Uri; readonly stat: vscode.FileStat };

/** The captures that are open in timelines, then those that were saved. */
export class CapturesView implements vscode.TreeDataProvider<CaptureNode> {
  readonly #timelines: Timelines;
  readonly #saved: SavedCaptures;
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<CaptureNode>;
  #timer: NodeJS.Timeout | undefined;

  constructor(timelines: Timelines, saved: SavedCaptures) {
    this.#timelines = timelines;
    this.#saved = saved;
    this.#store.add(this.#changed);
    this.#view = this.#store.add(
      vscode.window.createTreeView(VIEWS.captures, { treeDataProvider: this }),
    );
    const changed = (): void => {
      if (!this.#view.visible) return;
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#changed.fire(undefined);
      }, UPDATE_MS);
    };
    this.#store.add(timelines.onDidChange(changed));
    this.#store.add(saved.onDidChange(changed));
    this.#store.add(this.#view.onDidChangeVisibility(changed));
  }

  async getChildren(node?: CaptureNode): Promise<CaptureNode[]> {
    if (node !== undefined) return [];
    const timelines = this.#timelines.list();
    const open = timelines.map((timeline): CaptureNode => ({ kind: 'timeline', timeline }));
    const saved = (await this.#saved.list())
      .filter(({ uri }) => !timelines.some(timeline => timeline.capturePath === uri.fsPath))
      .map((entry): CaptureNode => ({ kind: 'saved', ...entry }));
    return [...open, ...saved];
  }

  getTreeItem(node: CaptureNode): vscode.TreeItem {
    return node.kind === 'timeline' ? timelineItem(node.timeline) : savedItem(node.uri, node.stat);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }
}

function timelineItem(timeline: Timeline): vscode.TreeItem {
  const { capture, source, view } = timeline.snapshot;
  const state = timeline.isStreaming ? 'live' : 'ended';
  const label = visibleLine(timeline.title);
  // Only the plugin itself knows what an event is in a text of its own.
  const events =
    source.plugin === '' || source.plugin === 'pgoutput'
      ? formatPlural(view.changes - capture.cutChanges, 'event')
      : formatPlural(view.rows, 'line');
  const item = new vscode.TreeItem(label);
  item.id = `timeline/${timeline.id}`;
  item.description = `${state} · ${events} · ${formatBytes(capture.bytes)}`;
  item.iconPath = new vscode.ThemeIcon(timeline.isStreaming ? 'pulse' : 'history');
  item.contextValue = timeline.isStreaming ? 'capture.streaming' : 'capture.open';
  item.tooltip = plainMarkdown([label, `${events}, ${formatBytes(capture.bytes)}`]);
  item.accessibilityInformation = { label: `${label}, ${state}, ${events}` };
  item.command = {
    command: COMMANDS.showTimeline,
    title: 'Show Timeline',
    arguments: [timeline.id],
  };
  return item;
}

function savedItem(uri: vscode.Uri, stat: vscode.FileStat): vscode.TreeItem {
  const label = visibleLine(path.posix.basename(uri.path));
  const age = formatSpan((Date.now() - stat.mtime) / 1000);
  const item = new vscode.TreeItem(label);
  item.id = `saved/${uri.toString()}`;
  item.resourceUri = uri;
  item.description = `${formatBytes(stat.size)} · ${age} ago`;
  item.iconPath = new vscode.ThemeIcon('file-binary');
  item.contextValue = 'capture.saved';
  item.tooltip = plainMarkdown([uri.fsPath, formatBytes(stat.size)]);
  item.accessibilityInformation = { label: `${label}, saved capture, ${formatBytes(stat.size)}` };
  item.command = {
    command: 'vscode.openWith',
    title: 'Open Capture',
    arguments: [uri, VIEWS.captureEditor],
  };
  return item;
}
