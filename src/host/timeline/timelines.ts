import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import type { SourceFacts } from '../../shared/sourceFacts';
import { VIEWS } from '../commandIds';
import type { HostServices } from '../hostServices';
import { COLOR_RULES } from '../settings';
import { captureExists } from './captureStore';
import { restoredSession } from './sessionSnapshots';
import type { StreamRequest } from './streamRequest';
import { isTitleOf, markedTitle, markTab } from './panelMark';
import { requestSource } from './streamRequest';
import { Timeline, whenClosed } from './timeline';

/** All timelines of this window: made here, found here, ended here. */
export class Timelines {
  readonly #services: HostServices;
  readonly #store = new DisposableStore();
  readonly #open = new Map<number, Timeline>();
  readonly #closing = new Set<Promise<void>>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #next = 1;

  constructor(services: HostServices) {
    this.#services = services;
    this.#store.add(this.#changed);
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (!event.affectsConfiguration(`walExplorer.${COLOR_RULES}`)) return;
        for (const timeline of this.#open.values()) timeline.showRules();
      }),
    );
    this.#store.add(
      services.masks.onDidChange(() => {
        for (const timeline of this.#open.values()) void timeline.masksChanged();
      }),
    );
    this.#store.add(
      services.servers.onDidChangeProfiles(() => {
        for (const timeline of this.#open.values()) this.#mark(timeline);
      }),
    );
  }

  list(): readonly Timeline[] {
    return [...this.#open.values()];
  }

  find(id: number): Timeline | undefined {
    return this.#open.get(id);
  }

  /** The slots that the streams of this window hold. */
  ownSlots(): ReadonlySet<string> {
    return new Set(
      this.list()
        .filter(timeline => timeline.isStreaming)
        .map(timeline => timeline.snapshot.session?.slot ?? ''),
    );
  }

  /** Opens a panel at once and streams into it; what goes wrong is said in the panel. */
  start(request: StreamRequest, costBytes: number | null = null): Timeline {
    const panel = vscode.window.createWebviewPanel(
      VIEWS.timelinePanel,
      markedTitle(request, this.#services.servers.markOf(request.server)),
      vscode.ViewColumn.Active,
    );
    const timeline = this.#add(panel, requestSource(request));
    void timeline.stream(request, costBytes);
    return timeline;
  }

  /** A panel that VS Code brings back with its window. Its stream does not start by itself. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const stored =
      typeof state === 'object' && state !== null && 'capture' in state ? state.capture : undefined;
    // The page writes its state a moment after a change: a window that closed before has none.
    const entry =
      this.#services.captures.find(stored) ??
      this.#services.captures.findByRequest(request => isTitleOf(request, panel.title));
    const request = entry === undefined ? undefined : this.#services.captures.requestOf(entry.id);
    if (entry === undefined || request === undefined) {
      panel.dispose();
      return;
    }
    const timeline = this.#add(panel, requestSource(request));
    const exists = await captureExists(entry.path);
    const session = restoredSession(request, exists);
    if (exists) {
      await this.#services.captures.hold(entry.path);
      timeline.own(entry);
      await timeline.showCapture(entry, { session, request });
    } else {
      timeline.showEnded(entry.id, session, request);
    }
  }

  /** Shows a capture file in an editor that VS Code made for it. */
  async openFile(uri: vscode.Uri, panel: vscode.WebviewPanel): Promise<void> {
    const timeline = this.#add(panel, fileSource(uri));
    await timeline.showCapture({ id: uri.toString(), path: uri.fsPath });
  }

  /** Ends all streams; resolves when nothing of ours is left on any server. Captures stay. */
  async shutdown(): Promise<void> {
    await Promise.all([...this.list().map(timeline => timeline.close(true)), ...this.#closing]);
    this.#open.clear();
    this.#store.dispose();
  }

  /** Shows how the server is marked, in the tab and in the page. */
  #mark(timeline: Timeline): void {
    const { request, panel } = timeline;
    // A file may come from another machine, where the name stands for another server.
    if (request === undefined) return;
    const mark = this.#services.servers.markOf(request.server);
    markTab(panel, this.#services.extensionUri, mark);
    if (isTitleOf(request, panel.title)) panel.title = markedTitle(request, mark);
    timeline.setMark(mark);
  }

  #add(panel: vscode.WebviewPanel, source: SourceFacts): Timeline {
    const id = this.#next++;
    const timeline = new Timeline({
      id,
      panel,
      services: this.#services,
      source: { ...source, ...this.#services.servers.markOf(source.server) },
      onChange: () => {
        if (this.#open.has(id)) this.#changed.fire();
      },
    });
    this.#open.set(id, timeline);
    markTab(panel, this.#services.extensionUri, this.#services.servers.markOf(source.server));
    const listener = this.#store.add(
      whenClosed(panel, () => {
        this.#store.release(listener);
        this.#open.delete(id);
        const closing = timeline.close(false).catch((error: unknown) => {
          this.#services.log.error(`close: ${String(error)}`);
        });
        this.#closing.add(closing);
        void closing.then(() => this.#closing.delete(closing));
        this.#changed.fire();
      }),
    );
    this.#changed.fire();
    return timeline;
  }
}

function fileSource(uri: vscode.Uri): SourceFacts {
  return {
    title: path.basename(uri.fsPath),
    server: '',
    database: '',
    serverVersion: '',
    kind: 'file',
    slot: '',
    publications: [],
    plugin: '',
  };
}
