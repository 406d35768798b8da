import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import type { Handlers, Port } from '../../shared/rpc';
import { RpcPeer } from '../../shared/rpc';
import type { ColorRule } from '../../shared/listApi';
import type { MarkFacts } from '../../shared/marks';
import type {
  FirstPaint,
  TimelineApi,
  TimelineCommand,
  TimelineEvents,
} from '../../shared/timelineApi';
import type { TimelineSnapshot } from '../../shared/timelineSnapshot';
import { FocusReturn } from './focusReturn';
import { SnapshotPusher } from './snapshotPusher';
import { timelineHtml } from './timelineHtml';

export interface SurfaceOptions {
  readonly panel: vscode.WebviewPanel;
  readonly extensionUri: vscode.Uri;
  readonly handlers: Handlers<Omit<TimelineApi, 'settled'>>;
  readonly snapshot: () => TimelineSnapshot;
}

/**
 * A webview that shows a timeline: its page, the answers to its calls, and the snapshots pushed to
 * it. A hidden page is gone (its context is not retained) and asks again when it is shown.
 */
export class TimelineSurface {
  readonly #options: SurfaceOptions;
  readonly #store = new DisposableStore();
  readonly #pusher: SnapshotPusher;
  #port: WebviewPort | undefined;
  #peer: RpcPeer<object, object> | undefined;
  #captureId = '';
  #loads = 0;
  readonly #focus = new FocusReturn();

  constructor(options: SurfaceOptions) {
    this.#options = options;
    const { panel } = options;
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(options.extensionUri, 'dist', 'webview')],
    };
    this.#pusher = this.#store.add(
      new SnapshotPusher(() => this.#post('snapshot', options.snapshot())),
    );
    this.#store.add(
      panel.webview.onDidReceiveMessage((message: unknown) => {
        this.#receive(message);
      }),
    );
    this.#store.add(
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#pusher.pause();
      }),
    );
  }

  /** The capture that the page is about; empty while there is none. */
  get captureId(): string {
    return this.#captureId;
  }

  /** Loads the page anew for this capture; gives its number. */
  load(captureId: string): number {
    this.#captureId = captureId;
    const load = ++this.#loads;
    const { panel, extensionUri } = this.#options;
    const file = (name: string): string =>
      panel.webview
        .asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name))
        .toString();
    this.#pusher.pause();
    panel.webview.html = timelineHtml({
      title: panel.title,
      cspSource: panel.webview.cspSource,
      nonce: randomBytes(18).toString('base64url'),
      scriptUri: file('timeline.js'),
      codiconUri: file('codicon.css'),
      load,
      captureId,
      kind: this.#options.snapshot().source.kind,
    });
    return load;
  }

  /** The snapshot changed. */
  changed(): void {
    this.#pusher.mark();
  }

  /** Asks whether a window is there; settles when it answered. */
  poll(): Thenable<boolean> {
    return this.#post('poll', {});
  }

  /**
   * Resolves when the page has the focus that VS Code gives back to it after the palette or a question, soon in
   * any case. It comes so late on a busy machine that it would close the question that is asked next.
   */
  async focusSettled(): Promise<void> {
    if (!this.#options.panel.visible) return;
    await this.#focus.wait(token => this.#post('settle', { token }));
  }

  /** Passes a command of VS Code on to the page. */
  command(command: TimelineCommand): void {
    void this.#post('command', command);
  }

  /** What a page that is loading draws first: VS Code keeps it until the page is there, which need not ask. */
  firstPaint(first: FirstPaint): void {
    void this.#post('firstPaint', first);
  }

  /** Has the page show what a mark holds. */
  showMark(mark: MarkFacts): void {
    void this.#post('showMark', { mark });
  }

  /** Tells the page the rules that colour its rows. */
  showRules(rules: readonly ColorRule[]): void {
    void this.#post('colorRules', { rules });
  }

  dispose(): void {
    this.#peer?.close('closed', 'the timeline was closed');
    this.#focus.dispose();
    this.#store.dispose();
  }

  #post<K extends keyof TimelineEvents>(event: K, data: TimelineEvents[K]): Thenable<boolean> {
    return this.#options.panel.webview.postMessage({ event, data });
  }

  #receive(message: unknown): void {
    // Each page begins with `ready` and counts its calls from one: a late answer to the page before
    // must not reach it, so every page gets a connection of its own.
    if (isReady(message) || this.#port === undefined) this.#connect();
    this.#port?.deliver(message);
  }

  #connect(): void {
    this.#peer?.close('reloaded', 'the page was loaded again');
    this.#port = new WebviewPort(this.#options.panel.webview);
    const peer = new RpcPeer<object, object>(this.#port);
    const { handlers } = this.#options;
    peer.serve<TimelineApi>({
      ...handlers,
      ready: async (params, signal) => {
        const snapshot = await handlers.ready(params, signal);
        if (this.#peer === peer) this.#pusher.resume();
        return snapshot;
      },
      settled: ({ token }) => {
        this.#focus.take(token);
      },
    });
    this.#peer = peer;
  }
}

class WebviewPort implements Port {
  readonly #webview: vscode.Webview;
  #listener: (message: unknown) => void = () => undefined;

  constructor(webview: vscode.Webview) {
    this.#webview = webview;
  }

  post(message: unknown): void {
    // Rejects when the page was closed meanwhile; nobody waits for the answer then.
    this.#webview.postMessage(message).then(undefined, () => undefined);
  }

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener;
  }

  deliver(message: unknown): void {
    this.#listener(message);
  }
}

function isReady(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'method' in message &&
    message.method === 'ready'
  );
}
