import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SessionStatus } from '../../../src/session/sessionStatus';
import type { SessionSnapshot } from '../../../src/shared/session';

const INITIAL: SessionSnapshot = {
  kind: 'tail',
  phase: 'connecting',
  message: '',
  slot: '',
  confirming: false,
  retainedBytes: null,
  retainedBudget: 1,
  costBytes: null,
  lagMs: null,
  receivedLsn: '',
  continueAfter: '',
  notes: [],
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells at most ten times a second, and always the last state', () => {
  const told: SessionSnapshot[] = [];
  const status = new SessionStatus(INITIAL, snapshot => told.push(snapshot));
  expect(told).toHaveLength(1);
  for (let i = 1; i <= 1000; i++) {
    status.update({ receivedLsn: `0/${String(i)}` });
    vi.advanceTimersByTime(1);
  }
  expect(told.length).toBeLessThanOrEqual(12);
  vi.advanceTimersByTime(100);
  expect(told.at(-1)?.receivedLsn).toBe('0/1000');
});

it('tells a change of phase at once', () => {
  const told: SessionSnapshot[] = [];
  const status = new SessionStatus(INITIAL, snapshot => told.push(snapshot));
  status.update({ receivedLsn: '0/1' });
  status.enter('ended', 'done', { endReason: 'complete' });
  expect(told.at(-1)).toMatchObject({ phase: 'ended', receivedLsn: '0/1', endReason: 'complete' });
  const before = told.length;
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(before);
});

it('keeps each remark once and the newest 20', () => {
  const status = new SessionStatus(INITIAL, () => undefined);
  for (let i = 0; i < 30; i++) {
    status.note(`note ${String(i)}`);
    status.note(`note ${String(i)}`);
  }
  expect(status.snapshot.notes).toHaveLength(20);
  expect(status.snapshot.notes.at(-1)).toBe('note 29.');
});
