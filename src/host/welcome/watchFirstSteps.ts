import type { Disposable } from '../../base/disposable';
import { DisposableStore } from '../../base/disposable';
import type { TimelineSnapshot } from '../../shared/timelineSnapshot';
import type { ProfileStore } from '../connections/profileStore';
import type { SavedCaptures } from '../timeline/savedCaptures';
import type { Timelines } from '../timeline/timelines';
import type { Milestone, Milestones } from './milestones';

/**
 * Notices the first steps when they have happened, not when a button was pressed: a tail counts with its
 * first change, a peek when it has shown what there was.
 */
export function watchFirstSteps(
  milestones: Milestones,
  watched: {
    readonly profiles: ProfileStore;
    readonly timelines: Timelines;
    readonly savedCaptures: SavedCaptures;
  },
): Disposable {
  const store = new DisposableStore();
  const { profiles, timelines, savedCaptures } = watched;
  const lookAtServers = (): void => {
    if (profiles.read().profiles.length > 0) milestones.reach('addServer');
  };
  lookAtServers();
  store.add(profiles.onDidChange(lookAtServers));
  store.add(
    savedCaptures.onDidChange(() => {
      milestones.reach('saveCapture');
    }),
  );
  store.add(
    timelines.onDidChange(() => {
      if (milestones.complete) return;
      for (const { snapshot } of timelines.list()) {
        const done = stepOf(snapshot);
        if (done !== undefined) milestones.reach(done);
      }
    }),
  );
  return store;
}

/** The step that a timeline with this snapshot proves. */
function stepOf({ source, session, view, capture }: TimelineSnapshot): Milestone | undefined {
  // A capture file tells of its source what it was when it was captured.
  if (session === null) return capture.messages > 0 ? 'openCapture' : undefined;
  switch (source.kind) {
    case 'tail':
      return view.changes > 0 ? 'tail' : undefined;
    case 'peek':
      return session.endReason === 'complete' || session.endReason === 'limit' ? 'peek' : undefined;
    default:
      return undefined;
  }
}
