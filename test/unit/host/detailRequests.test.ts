import { describe, expect, it } from 'vitest';
import { checkChangeText, checkHistory } from '../../../src/host/timeline/detailRequests';
import { checkCopy } from '../../../src/host/timeline/timelineRequests';
import { HISTORY_LIMIT } from '../../../src/shared/historyApi';

const HISTORY = { anchor: 7, from: -1, direction: 'later', limit: HISTORY_LIMIT };
const TEXT = { seq: 7, form: 'undo', scope: 'transaction', pretty: false };

describe('requests of the detail', () => {
  it('pass when they are in shape, without what does not belong', () => {
    expect(checkHistory({ ...HISTORY, more: 1 })).toEqual(HISTORY);
    expect(checkChangeText({ ...TEXT, more: 1 })).toEqual(TEXT);
    expect(checkCopy({ what: 'change', ...TEXT, more: 1 })).toEqual({ what: 'change', ...TEXT });
  });

  it('are refused where a part is missing or out of range', () => {
    for (const bad of [
      { anchor: -1 },
      { from: -2 },
      { from: 1.5 },
      { direction: 'next' },
      { limit: HISTORY_LIMIT + 1 },
      { anchor: '7' },
    ]) {
      expect(() => checkHistory({ ...HISTORY, ...bad })).toThrow(/missing or out of range/);
    }
    for (const bad of [{ seq: -1 }, { form: 'sql' }, { scope: 'all' }, { pretty: 1 }]) {
      expect(() => checkChangeText({ ...TEXT, ...bad })).toThrow(/missing or out of range/);
      expect(() => checkCopy({ what: 'change', ...TEXT, ...bad })).toThrow();
    }
    expect(() => checkHistory(null)).toThrow();
  });
});
