import { describe, expect, it } from 'vitest';
import { readPlace, showWidth, ticksOf, writePlace } from '../../webview/overview/places';
import { marksOf } from '../../webview/overview/markPlaces';
import { niceAbove, paintStrip } from '../../webview/overview/stripPaint';
import {
  amountOf,
  mostASecond,
  sortedTables,
  tablesText,
} from '../../webview/timeline/statisticsText';
import type { Overview } from '../../src/shared/overviewApi';
import type { Statistics, TableStatistics } from '../../src/shared/statisticsApi';

/** An overview in which nothing is counted. */
function overviewOf(by: Overview['by'], first: number, last: number): Overview {
  const empty = { counts: new Uint32Array(6), gaps: [], open: 0, dropped: 0, unplaced: 0 };
  return {
    ...empty,
    by,
    from: first,
    width: last - first,
    buckets: 1,
    extent: { first, last },
    complete: 1,
  };
}

const PLAIN = {
  series: [],
  ...{ text: '', line: '', background: '', accent: '', warning: '', font: '' },
};

describe('the places of the overview', () => {
  it('are written and read without loss', () => {
    expect(writePlace('lsn', 0x1_16b6_c50)).toBe('0/116B6C50');
    expect(readPlace('lsn', '1/16B6C50')).toBe(0x1_016b_6c50);
    const time = 848_494_831_221_907;
    expect(writePlace('time', time)).toBe('2026-11-20T13:00:31.221907Z');
    expect(readPlace('time', '2026-11-20T13:00:31.221907Z')).toBe(time);
    expect(readPlace('time', '1999-12-31T23:59:59.999999Z')).toBe(-1);
    expect(writePlace('time', -1)).toBe('1999-12-31T23:59:59.999999Z');
    expect(readPlace('time', 'soon')).toBeUndefined();
    expect(readPlace('lsn', 'soon')).toBeUndefined();
  });

  it('have labels that stand apart, in whatever window', () => {
    const LETTER = 6;
    for (let i = 0; i < 2000; i++) {
      const from = 848_494_831_221_907 + i * 7_654_321;
      const span = 2 ** (8 + (i % 36));
      const width = 80 + (i % 1300);
      const labels: { left: number; right: number }[] = [];
      const context = {
        clearRect: () => undefined,
        fillRect: () => undefined,
        measureText: (text: string) => ({ width: text.length * LETTER }),
        fillText: (text: string, left: number) => {
          labels.push({ left, right: left + text.length * LETTER });
        },
      } as unknown as CanvasRenderingContext2D;
      const scene = {
        overview: overviewOf(i % 2 === 0 ? 'time' : 'lsn', from, from + span),
        domain: { from, to: from + span },
        selection: undefined,
        sight: undefined,
        marks: [],
        cursor: undefined,
      };
      paintStrip(context, { width, height: 60, ratio: 1 }, scene, PLAIN);
      const edges = labels.flatMap(({ left, right }) => [left, right]);
      expect([i, ...edges]).toEqual([i, ...edges.toSorted((a, b) => a - b)]);
    }
  });

  it('have ticks at round places, few enough', () => {
    for (const span of [10, 5_000, 3_000_000, 90_000_000, 9_000_000_000, 900_000_000_000]) {
      const from = 848_494_831_221_907;
      const ticks = ticksOf('time', { from, to: from + span }, 8);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(9);
      const steps = ticks.slice(1).map(({ place }, i) => place - ticks[i]!.place);
      expect(new Set(steps).size).toBeLessThanOrEqual(1);
      expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
    }
    const ticks = ticksOf('lsn', { from: 0x1000010, to: 0x1800000 }, 4);
    expect(ticks.map(({ label }) => label)).toEqual(['0/1200000', '0/1400000', '0/1600000']);
  });

  it('have widths with a unit', () => {
    expect(showWidth('time', 16)).toBe('16 µs');
    expect(showWidth('time', 524_288)).toBe('524 ms');
    expect(showWidth('time', 2_097_152)).toBe('2.10 s');
    expect(showWidth('lsn', 65_536)).toBe('64 kB of WAL');
  });

  it('are those of marks, too', () => {
    const from = { lsn: '0/10', time: '2000-01-01T00:00:01.000000Z' };
    const to = { lsn: '0/20', time: '2000-01-01T00:00:02.000000Z' };
    const marks = [
      { id: 1, name: 'click', from, to },
      { id: 2, name: 'open', from: to },
    ];
    expect(marksOf(marks, 'lsn').map(({ place }) => place)).toEqual([16, 32, 32]);
    expect(marksOf(marks, 'time').map(({ place }) => place)).toEqual([1e6, 2e6, 2e6]);
  });

  it('have a scale that moves seldom', () => {
    expect([1, 3, 7, 11, 200, 201].map(niceAbove)).toEqual([1, 5, 10, 20, 200, 500]);
  });
});

describe('the rates of the statistics', () => {
  it('take the busiest second, of narrow buckets and of wide ones', () => {
    const values = Float64Array.of(1, 0, 5, 5, 0, 9);
    expect(mostASecond(values, 500_000)).toBe(10);
    expect(mostASecond(values, 1_000_000)).toBe(9);
    expect(mostASecond(values, 3_000_000)).toBe(3);
  });
});

describe('the table of the statistics', () => {
  const table = (id: string, changes: readonly number[], bytes: number): TableStatistics => ({
    id,
    schema: '',
    table: id,
    changes,
    bytes,
  });
  const tables = [
    table('a,"b', [1, 2, 0, 0, 0, 0], 300),
    table('=SUM(A1)', [0, 9, 0, 0, 0, 0], 90),
    { ...table('c', [0, 4, 0, 0, 0, 0], 40), looked: { updates: 4, columns: 8, unchanged: 2 } },
  ];

  it('is sorted by any column, what is not known last', () => {
    const ids = (column: 'changes' | 'average' | 'unchanged', descending: boolean) =>
      sortedTables(tables, { column, descending }).map(({ id }) => id);
    expect(ids('changes', true)).toEqual(['=SUM(A1)', 'c', 'a,"b']);
    expect(ids('average', false)).toEqual(['=SUM(A1)', 'c', 'a,"b']);
    expect(ids('unchanged', false)[0]).toBe('c');
    expect(ids('unchanged', true)[0]).toBe('c');
    expect(amountOf(tables[2]!, 'unchanged')).toBe(25);
  });

  it('is copied as CSV that no spreadsheet takes for more than text', () => {
    const statistics = { tables } as unknown as Statistics;
    const lines = tablesText(statistics, { column: 'changes', descending: true }, 'csv').split(
      '\n',
    );
    expect(lines[0]).toContain('Table,Inserts,Updates');
    expect(lines[0]).toContain('Average (bytes a change)');
    expect(lines[1]).toBe("'=SUM(A1),0,9,0,0,0,9,90,10,");
    expect(lines[2]).toBe('c,0,4,0,0,0,4,40,10,25');
    expect(lines[3]).toBe('"a,""b",1,2,0,0,0,3,300,100,');
  });
});
