import { assertUnreachable } from '../../src/base/assert';
import type { EndReason, SessionSnapshot } from '../../src/shared/session';
import type { TimelineAction } from '../../src/shared/timelineApi';
import type { TimelineSnapshot } from '../../src/shared/timelineSnapshot';
import { formatPlural } from '../formats';

/** What a button of the panel does: an action of the host, or one of our own. */
export type PanelAction = TimelineAction | 'clearFilter' | 'retry';

export interface PanelButton {
  readonly label: string;
  readonly action: PanelAction;
}

/** Where the panel stands, in one sentence, and what to do about it. */
export interface PanelState {
  readonly tone: 'busy' | 'calm' | 'done' | 'failed';
  readonly sentence: string;
  /** What to do, where the sentence does not say it; may be empty. */
  readonly hint: string;
  readonly button: PanelButton | undefined;
  /** Beside it: what may tell more of a failure. */
  readonly second?: PanelButton;
}

const STOP: PanelButton = { label: 'Stop', action: 'stop' };
const RECONNECT: PanelButton = { label: 'Reconnect Now', action: 'reconnect' };
const CHECK: PanelButton = { label: 'Check Server', action: 'check' };
const LOG: PanelButton = { label: 'Show Log', action: 'log' };

/** Nothing of the capture could be read: the reason is all there is to show. */
export function unreadable(snapshot: TimelineSnapshot | undefined): boolean {
  return snapshot !== undefined && snapshot.capture.error !== '' && snapshot.view.changes === 0;
}

/**
 * The state to show instead of rows, or, where there are rows, as a strip below them (`undefined`
 * while all is as it should be).
 */
export function panelState(
  snapshot: TimelineSnapshot | undefined,
  facts: { readonly failure: string; readonly filtered: boolean; readonly rows: number },
): PanelState | undefined {
  if (facts.failure !== '') {
    const button: PanelButton = { label: 'Try Again', action: 'retry' };
    return { tone: 'failed', sentence: facts.failure, hint: '', button };
  }
  if (snapshot === undefined) return busy('Opening…', undefined);
  if (snapshot.capture.error !== '') {
    return { tone: 'failed', sentence: snapshot.capture.error, hint: '', button: LOG };
  }
  const { session } = snapshot;
  if (session !== null && session.phase !== 'streaming') return sessionState(session);
  const left = session === null ? (snapshot.capture.left ?? 0) : 0;
  if (facts.rows > 0) return left > 0 ? tornState(left) : undefined;
  if (!snapshot.view.complete) return busy('Looking for changes that pass the filter…', undefined);
  if (facts.filtered && snapshot.view.changes > 0) {
    return {
      tone: 'calm',
      sentence: 'No change passes the filter.',
      hint: '',
      button: { label: 'Clear Filter', action: 'clearFilter' },
    };
  }
  if (left > 0) return tornState(left);
  if (session === null && snapshot.capture.hasGrown === true) {
    return {
      tone: 'calm',
      sentence: 'This capture holds no changes yet.',
      hint: 'Another process writes it: what comes appears here.',
      button: undefined,
    };
  }
  if (session === null) {
    return { tone: 'done', sentence: 'This capture holds no changes.', hint: '', button: LOG };
  }
  return {
    tone: 'calm',
    sentence: 'Nothing was written yet.',
    hint: 'Changes appear here as soon as they are committed.',
    button: STOP,
  };
}

/** A file is read up to where it is whole. */
function tornState(bytes: number): PanelState {
  return {
    tone: 'done',
    sentence: `This file ends within a block: its last ${formatPlural(bytes, 'byte')} cannot be shown.`,
    hint: 'Its writer died, or is at it: what it writes is shown as it comes.',
    button: undefined,
  };
}

function busy(sentence: string, button: PanelButton | undefined): PanelState {
  return { tone: 'busy', sentence, hint: '', button };
}

function sessionState(session: SessionSnapshot): PanelState {
  switch (session.phase) {
    case 'connecting':
      return busy(orElse(session.message, 'Connecting…'), STOP);
    case 'waiting':
      return busy(orElse(session.message, 'Waiting for running transactions to end…'), STOP);
    case 'reconnecting':
      return busy(orElse(session.message, 'The connection was lost: trying again…'), RECONNECT);
    case 'streaming':
    case 'ending':
      return busy(orElse(session.message, 'Ending: our slot is being dropped…'), undefined);
    case 'ended':
      return endedState(session);
    default:
      return assertUnreachable(session.phase);
  }
}

const END_SENTENCES: Readonly<Record<EndReason, string>> = {
  stopped: 'Stopped.',
  complete: 'That is all that was pending.',
  limit: 'The limit of this peek is reached.',
  'retained-wal': 'Ended: the server kept too much WAL for us.',
  unwatched: 'Ended: nobody looked any more.',
  'capture-limit': 'Ended: all captures together have reached their limit.',
  'server-shutdown': 'Ended: the server is shutting down.',
  'slot-lost': 'Ended: the server dropped our slot.',
  'disk-full': 'Ended: no space is left for the capture.',
  failed: 'Ended by an error.',
};

const CALM_ENDS: ReadonlySet<EndReason> = new Set(['stopped', 'complete', 'limit', 'unwatched']);

function endedState(session: SessionSnapshot): PanelState {
  const reason = session.endReason ?? 'stopped';
  return {
    tone: CALM_ENDS.has(reason) ? 'done' : 'failed',
    sentence: session.failure?.message ?? orElse(session.message, END_SENTENCES[reason]),
    hint: session.failure?.action ?? '',
    button: endButton(session, reason),
    ...(reason === 'failed' && session.failure !== undefined ? { second: CHECK } : {}),
  };
}

function endButton(session: SessionSnapshot, reason: EndReason): PanelButton {
  if (reason === 'limit' && session.continueAfter !== '') {
    return { label: 'Continue', action: 'continue' };
  }
  if (offersSqlPeek(session)) return { label: 'Try SQL Peek', action: 'sqlPeek' };
  return { label: session.kind === 'peek' ? 'Peek Again' : 'Start Again', action: 'restart' };
}

/** Failures of a copy where the SQL functions, which need neither a slot nor a sender, may still work. */
const SQL_PEEK_HELPS: ReadonlySet<string> = new Set([
  'copy-refused',
  'no-free-slot',
  'no-free-sender',
]);

/** A slot that cannot be copied can still be read by the SQL functions. */
export function offersSqlPeek({ kind, failure }: SessionSnapshot): boolean {
  return kind === 'peek' && failure !== undefined && SQL_PEEK_HELPS.has(failure.code);
}

function orElse(text: string, fallback: string): string {
  return text === '' ? fallback : text;
}
