import * as vscode from 'vscode';
import { DisposableStore } from '../base/disposable';
import { COMMANDS } from './commandIds';
import { plainMarkdown } from './markdownText';
import { statusText, streamLine } from './statusText';
import type { Timelines } from './timeline/timelines';

/** Milliseconds between two changes of the text: it is read, not watched. */
const UPDATE_MS = 500;

/** One item while streams run: how many, and how fast changes come; a click leads to them. */
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
    const streams = running.map(({ title, snapshot }) => ({
      title,
      rate: snapshot.capture.rate,
      session: snapshot.session,
    }));
    const { text, label } = statusText(streams);
    this.#item.text = text;
    this.#item.tooltip = plainMarkdown([
      ...streams.map(streamLine),
      running.length === 1 ? 'Click to show the timeline.' : 'Click to choose a timeline.',
    ]);
    this.#item.accessibilityInformation = { label, role: 'button' };
    this.#item.show();
  }
}
