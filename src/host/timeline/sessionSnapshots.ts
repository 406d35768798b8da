import type { Failure } from '../../shared/connection';
import type { SessionSnapshot } from '../../shared/session';
import type { TimelineSnapshot } from '../../shared/timelineSnapshot';
import type { ViewState } from '../../shared/viewSpec';
import type { StreamRequest } from './streamRequest';

/** What is shown before there is a capture. */
export const EMPTY_VIEW: ViewState = {
  view: 0,
  generation: 0,
  rows: 0,
  matched: 0,
  changes: 0,
  complete: true,
};

export const EMPTY_CAPTURE: TimelineSnapshot['capture'] = {
  messages: 0,
  transactions: 0,
  bytes: 0,
  cutChanges: 0,
  rate: 0,
  error: '',
};

/** The session before its recorder says anything. */
export function connectingSession(
  request: StreamRequest,
  budget: number,
  costBytes: number | null,
): SessionSnapshot {
  return {
    kind: request.kind,
    phase: 'connecting',
    message: `Connecting to ${request.server}.`,
    slot: '',
    confirming: false,
    retainedBytes: null,
    retainedBudget: budget,
    costBytes,
    lagMs: null,
    receivedLsn: '',
    continueAfter: '',
    notes: [],
  };
}

/** A session that could not start, or whose thread is gone. */
export function failedSession(before: SessionSnapshot, failure: Failure): SessionSnapshot {
  return {
    ...before,
    phase: 'ended',
    message: failure.message,
    endReason: 'failed',
    failure,
    retainedBytes: null,
  };
}

/** A timeline that came back with its window: its stream is over, its capture may still be there. */
export function restoredSession(request: StreamRequest, captureExists: boolean): SessionSnapshot {
  const what = request.kind === 'consume' ? 'stream' : request.kind;
  const ended = `The ${what} ended with its window`;
  return {
    ...connectingSession(request, 0, null),
    phase: 'ended',
    message: captureExists ? `${ended}; this is what it captured.` : `${ended}.`,
    endReason: 'stopped',
  };
}
