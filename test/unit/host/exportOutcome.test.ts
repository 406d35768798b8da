import { describe, expect, it } from 'vitest';
import { exportOutcome } from '../../../src/host/timeline/exportOutcome';

const result = { events: 1234, bytes: 2048, lastLsn: '0/1A', complete: true, reason: '' };
const outcome = (change: Partial<typeof result>) =>
  exportOutcome({ ...result, ...change }, 'a.jsonl');

describe('what is said of an export', () => {
  it('names what the file holds, and up to where', () => {
    expect(outcome({})).toBe('Exported 1,234 events up to 0/1A to a.jsonl, 2 kB.');
    expect(outcome({ events: 1, lastLsn: '' })).toBe('Exported 1 event to a.jsonl, 2 kB.');
    expect(outcome({ complete: false })).toBe(
      'Export cancelled: a.jsonl holds 1,234 events up to 0/1A.',
    );
    expect(outcome({ complete: false, reason: 'The disk is full.' })).toBe(
      'The export ended early: a.jsonl holds 1,234 events up to 0/1A. The disk is full.',
    );
  });

  it('says where nothing was written', () => {
    expect(outcome({ complete: false, events: 0 })).toBe('Export cancelled; nothing was written.');
    expect(outcome({ complete: false, events: 0, reason: 'The disk is full.' })).toBe(
      'The export ended, and nothing was written. The disk is full.',
    );
  });
});
