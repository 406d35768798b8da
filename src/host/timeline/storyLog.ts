import { performance } from 'node:perf_hooks';
import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { SessionStory } from './sessionStory';
import type { Timelines } from './timelines';

/** Tells the log the story of every timeline of this window. */
export function keepStoryLog(timelines: Timelines, log: vscode.LogOutputChannel): Disposable {
  const stories = new Map<number, SessionStory>();
  return timelines.onDidChange(() => {
    const open = new Set<number>();
    for (const timeline of timelines.list()) {
      open.add(timeline.id);
      let story = stories.get(timeline.id);
      if (story === undefined) {
        story = new SessionStory();
        stories.set(timeline.id, story);
      }
      for (const { level, text } of story.next(timeline.snapshot, performance.now())) {
        log[level](`${timeline.title}: ${text}`);
      }
    }
    for (const id of stories.keys()) if (!open.has(id)) stories.delete(id);
  });
}
