import { formatBytes, formatCount, formatPlural } from '../base/quantity';
import type { SessionSnapshot } from '../shared/session';

/** A stream as the status bar shows it. */
export interface StreamFigures {
  readonly title: string;
  /** Changes in the last second. */
  readonly rate: number;
  readonly session: SessionSnapshot | null;
}

/** What the item says, with its icon; for a screen reader without. */
export function statusText(streams: readonly StreamFigures[]): {
  readonly text: string;
  readonly label: string;
} {
  const rate = streams.reduce((sum, each) => sum + each.rate, 0);
  const retained = streams.reduce((sum, each) => sum + (each.session?.retainedBytes ?? 0), 0);
  const [only] = streams;
  const waits = streams.filter(({ session }) => session?.phase !== 'streaming');
  const isWaiting = waits.length === streams.length;
  const what =
    streams.length === 1 && only !== undefined ? streamWord(only) : `${streams.length} streams`;
  const isCut = waits.some(({ session }) => session?.phase === 'reconnecting');
  const waiting = isCut ? 'reconnecting' : 'connecting';
  const figures = isWaiting ? waiting : `${formatCount(rate)}/s`;
  return {
    text: `$(pulse) ${what} ${figures}`,
    label: isWaiting
      ? `WAL Explorer: ${what}, ${waiting}`
      : `WAL Explorer: ${what}, ${formatPlural(Math.trunc(rate), 'change')} a second, the servers retain ${formatBytes(retained)} for us`,
  };
}

/** One line a stream: rate, lag, and what the server keeps because of it. */
export function streamLine({ title, rate, session }: StreamFigures): string {
  if (session === null || session.phase !== 'streaming') {
    return `${title}: ${session?.message ?? 'connecting'}`;
  }
  const parts = [
    `${formatCount(rate)} changes/s`,
    ...(session.lagMs === null ? [] : [`lag ${formatCount(session.lagMs)} ms`]),
    session.retainedBytes === null
      ? 'retained WAL unknown'
      : `retains ${formatBytes(session.retainedBytes)} of WAL`,
  ];
  return `${title}: ${parts.join(', ')}`;
}

function streamWord({ session }: StreamFigures): string {
  switch (session?.kind) {
    case 'peek':
      return 'Peek';
    case 'consume':
      return 'Consume';
    default:
      return 'Tail';
  }
}
