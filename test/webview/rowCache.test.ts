import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TimelineRow } from '../../src/shared/timelineRow';
import type { ViewState } from '../../src/shared/viewSpec';
import type { RowsRequest } from '../../webview/timeline/rowCache';
import { RowCache } from '../../webview/timeline/rowCache';

const ROWS = 40;
/** Most rows of one answer here, as where the rows are long. */
const ANSWER = 10;

function rowAt(seq: number): TimelineRow {
  return {
    type: 'transaction',
    transaction: seq,
    seq,
    lsn: '0/10',
    xid: 700,
    commitTime: '',
    fate: seq === 35 ? 'open' : 'committed',
    streamed: false,
    changes: 1,
    matched: 1,
    bytes: 1,
    tables: [],
    moreTables: false,
    expanded: false,
  };
}

describe('rows that are asked for again', () => {
  it('stay in sight while answers hold fewer rows than a page', async () => {
    vi.stubGlobal('window', globalThis);
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    const asked: RowsRequest[] = [];
    const lost: number[] = [];
    let full = false;
    const cache: RowCache = new RowCache(
      async request => {
        asked.push(request);
        await sleep(5);
        const count = Math.min(request.count, ANSWER);
        const rows = Array.from({ length: count }, (_, index) => rowAt(request.first + index));
        return { view: 1, generation: 1, first: request.first, rows };
      },
      () => {
        if (cache.row(ROWS - 1) === undefined && full) lost.push(asked.length);
        full ||= cache.row(ROWS - 1) !== undefined;
      },
    );
    const state: ViewState = {
      view: 1,
      generation: 1,
      rows: ROWS,
      matched: ROWS,
      changes: ROWS,
      complete: true,
    };
    cache.update(state);
    cache.want(32, 8, -1);
    await vi.waitFor(() => {
      expect(asked.length).toBeGreaterThan(6);
    }, 3000);
    expect(lost).toEqual([]);
    expect(asked.at(-1)).toMatchObject({ first: 32, count: 8 });
    cache.clear();
  });
});
