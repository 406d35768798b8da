import * as vscode from 'vscode';
import { DisposableStore } from '../base/disposable';
import { formatBytes, formatCount } from '../base/quantity';
import { COMMANDS } from './commandIds';
import type { Timeline } from './timeline/timeline';
import type { Timelines } from './timeline/timelines';
import { plainMarkdown } from './markdownText';

/** Milliseconds between two changes of the text: it is read, not watched. */
const UPDATE_MS = 500;

/** One item while streams run: what we make servers keep in all, and how fast changes come. */
export class StatusBar {
  readonly #timelines: Timelines;
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #timer: NodeJS.Timeout | undefined;

  constructor(timelines: Timelines) {
    this.#timelines = timelines;
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('walExplorer.streams', vscode.StatusBarAlignment.Left),
    );
    this.#item.name = 'Postgres WAL Explorer';
    this.#item.command = COMMANDS.showTimeline;
    this.#store.add(
      timelines.onDidChange(() => {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#update();
        }, UPDATE_MS);
      }),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }

  #update(): void {
    const running = this.#timelines.list().filter(timeline => timeline.isStreaming);
    if (running.length === 0) {
      this.#item.hide();
      return;
    }
    let retained = 0;
    let rate = 0;
    for (const timeline of running) {
      retained += timeline.snapshot.session?.retainedBytes ?? 0;
      rate += timeline.snapshot.capture.rate;
    }
    const count = running.length === 1 ? '' : `${running.length} × `;
    this.#item.text = `$(pulse) ${count}${formatCount(rate)}/s, retaining ${formatBytes(retained)}`;
    this.#item.tooltip = plainMarkdown(['Postgres WAL Explorer', ...running.map(describe)]);
    this.#item.accessibilityInformation = {
      label: `${running.length} WAL streams, ${formatCount(rate)} changes a second, the servers retain ${formatBytes(retained)} for them`,
    };
    this.#item.show();
  }
}

function describe(timeline: Timeline): string {
  const { session, capture } = timeline.snapshot;
  const retained = session?.retainedBytes ?? null;
  const parts = [
    `${formatCount(capture.rate)} changes/s`,
    retained === null ? 'retained WAL unknown' : `retains ${formatBytes(retained)} of WAL`,
    ...(typeof session?.lagMs === 'number' ? [`lag ${formatCount(session.lagMs)} ms`] : []),
  ];
  return `${timeline.title}: ${parts.join(', ')}`;
}
