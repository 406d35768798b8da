import { describe, expect, it } from 'vitest';
import {
  EMPTY_CAPTURE,
  EMPTY_VIEW,
  connectingSession,
} from '../../../src/host/timeline/sessionSnapshots';
import { SessionStory } from '../../../src/host/timeline/sessionStory';
import type { StreamRequest } from '../../../src/host/timeline/streamRequest';
import { requestSource } from '../../../src/host/timeline/streamRequest';
import { streamLine, statusText } from '../../../src/host/statusText';
import type { SessionSnapshot } from '../../../src/shared/session';
import type { TimelineSnapshot } from '../../../src/shared/timelineSnapshot';

const REQUEST: StreamRequest = {
  kind: 'tail',
  server: 'shop@prod',
  database: 'shop',
  publications: ['orders'],
};
const CONNECTING = connectingSession(REQUEST, 1024, null);

function snapshot(session: Partial<SessionSnapshot>, changes = 0): TimelineSnapshot {
  return {
    source: { ...requestSource(REQUEST), label: '', color: '' },
    session: { ...CONNECTING, ...session },
    view: { ...EMPTY_VIEW, changes },
    capture: { ...EMPTY_CAPTURE, bytes: 4096, transactions: 3, cutChanges: changes > 0 ? 1 : 0 },
  };
}

describe('the story of a session', () => {
  it('tells its begin, waits, remarks and end, each once', () => {
    const story = new SessionStory();
    const told: string[] = [];
    const see = (session: Partial<SessionSnapshot>, nowMs: number, changes = 0): void => {
      // However often a snapshot comes, what it says is said once.
      for (let i = 0; i < 3; i++) {
        for (const line of story.next(snapshot(session, changes), nowMs)) {
          told.push(`${line.level} ${line.text}`);
        }
      }
    };
    see({}, 1000);
    see({ phase: 'waiting', message: 'Waiting for pid 7 (app), 3 s.' }, 1500);
    see({ phase: 'waiting', message: 'Waiting for pid 7 (app), 4 s.' }, 2500);
    see({ phase: 'waiting', message: 'Waiting for pid 9 (cron), 1 min.' }, 2600);
    see({ phase: 'streaming', notes: ['Server: careful.'] }, 3000, 4);
    see({ phase: 'streaming', notes: ['Server: careful.', 'More.'] }, 4000, 11);
    see(
      { phase: 'ended', message: 'Stopped.', endReason: 'stopped', receivedLsn: '0/16B' },
      5500,
      11,
    );
    expect(told).toEqual([
      'info tail begins on shop@prod/shop',
      'info Waiting for pid 7 (app), 3 s.',
      'info Waiting for pid 9 (cron), 1 min.',
      'warn Server: careful.',
      'warn More.',
      'info Stopped. · 10 changes, 3 transactions, 4 kB, 4.5 s, up to 0/16B',
    ]);
  });

  it('begins anew with a restart, and warns of a failure with what to do', () => {
    const story = new SessionStory();
    const all = (phase: SessionSnapshot['phase'], more: Partial<SessionSnapshot> = {}) =>
      story.next(snapshot({ phase, ...more }), 0).map(line => `${line.level} ${line.text}`);
    all('connecting');
    const failure = { code: 'x', message: 'It broke.', action: 'Mend it.', detail: 'd' };
    expect(all('ended', { message: 'It broke.', endReason: 'failed', failure })).toEqual([
      'warn It broke. · 0 changes, 3 transactions, 4 kB, 0.0 s · Mend it.',
    ]);
    expect(all('connecting')).toEqual(['info tail begins on shop@prod/shop']);
  });

  it('says nothing of a file, nor of a stream that ended with its window', () => {
    const story = new SessionStory();
    expect(story.next({ ...snapshot({}), session: null }, 0)).toEqual([]);
    expect(story.next(snapshot({ phase: 'ended', endReason: 'stopped' }), 0)).toEqual([]);
  });
});

describe('the status bar', () => {
  const stream = (session: Partial<SessionSnapshot>, rate = 1240) => ({
    title: 'orders · shop',
    rate,
    session: { ...CONNECTING, ...session },
  });

  it('shows a rate, and that it still connects', () => {
    expect(statusText([stream({ phase: 'streaming' })]).text).toBe('$(pulse) Tail 1,240/s');
    expect(statusText([stream({})]).text).toBe('$(pulse) Tail connecting');
    const two = [
      stream({ phase: 'streaming' }),
      stream({ phase: 'streaming', retainedBytes: 2048 }, 1),
    ];
    expect(statusText(two)).toEqual({
      text: '$(pulse) 2 streams 1,241/s',
      label: 'WAL Explorer: 2 streams, 1,241 changes a second, the servers retain 2 kB for us',
    });
  });

  it('has a line a stream with rate, lag and what is retained', () => {
    const figures = { phase: 'streaming', lagMs: 12, retainedBytes: 176 } as const;
    expect(streamLine(stream(figures))).toBe(
      'orders · shop: 1,240 changes/s, lag 12 ms, retains 176 B of WAL',
    );
    expect(streamLine(stream({ phase: 'waiting', message: 'Waiting for pid 7.' }))).toBe(
      'orders · shop: Waiting for pid 7.',
    );
  });
});
