import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import type { Timelines } from '../timeline/timelines';

/** Keeps the context keys that package.json's menus ask for. */
export function keepContextKeys(timelines: Timelines): Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    const list = timelines.list();
    set('walExplorer.hasTimelines', list.length > 0);
    set(
      'walExplorer.hasStreams',
      list.some(timeline => timeline.isStreaming),
    );
  };
  return timelines.onDidChange(update);
}
