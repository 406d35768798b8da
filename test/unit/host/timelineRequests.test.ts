import { describe, expect, it } from 'vitest';
import {
  checkAction,
  checkBytes,
  checkCopy,
  checkExpand,
  checkExport,
  checkFind,
  checkJump,
  checkLayout,
  checkLocate,
  checkReady,
  checkRows,
  checkSeq,
  checkSpec,
  checkValue,
} from '../../../src/host/timeline/timelineRequests';
import { BYTES_LIMIT } from '../../../src/shared/changeDetail';
import { PAGE_LIMIT } from '../../../src/shared/timelineRow';

const spec = { grouping: 'flat', operations: ['insert'], tables: ['public.orders'], text: 'Ada' };

const COLUMN = { id: 'lsn', shown: true, width: 80 };

describe('requests of the webview', () => {
  it('pass when they are in shape, without what does not belong', () => {
    expect(checkSpec({ ...spec, more: 1 })).toEqual(spec);
    expect(checkReady({ spec })).toEqual({ spec });
    const rows = { view: 1, generation: 2, first: 3, count: PAGE_LIMIT };
    expect(checkRows({ ...rows, __proto__: { x: 1 } })).toEqual(rows);
    expect(checkExpand({ view: 1, transaction: 2, expanded: true })).toEqual({
      view: 1,
      transaction: 2,
      expanded: true,
    });
    expect(checkLocate({ view: 1, seq: 2 })).toEqual({ view: 1, seq: 2 });
    expect(checkSeq({ seq: 0 })).toEqual({ seq: 0 });
    const bytes = { seq: 1, offset: 0, length: BYTES_LIMIT };
    expect(checkBytes(bytes)).toEqual(bytes);
    const value = { seq: 1, column: 2, side: 'before', offset: 0, length: 10 };
    expect(checkValue(value)).toEqual(value);
    expect(checkAction({ action: 'stop' })).toBe('stop');
    const find = { view: 1, text: 'Ada', from: -1, direction: 'next' };
    expect(checkFind({ ...find, more: 1 })).toEqual(find);
    for (const to of [
      { kind: 'lsn', lsn: '0/1' },
      { kind: 'time', time: '2026-11-20T13:00:00Z' },
      { kind: 'xid', xid: 4_294_967_295 },
      { kind: 'seq', seq: 0 },
    ]) {
      expect(checkJump({ view: 1, to: { ...to, more: 1 } })).toEqual({ view: 1, to });
    }
    const selection = { ranges: [{ from: 1, to: 2 }] };
    const rowsToCopy = { what: 'rows', selection, format: 'json' };
    expect(checkCopy({ ...rowsToCopy, path: '/etc/passwd' })).toEqual(rowsToCopy);
    expect(checkCopy({ what: 'text', text: 'x' })).toEqual({ what: 'text', text: 'x' });
    const cell = { what: 'value', seq: 1, column: 2, side: 'after' };
    expect(checkCopy(cell)).toEqual(cell);
    expect(checkExport({ scope: 'selection', selection, path: '/tmp/x' })).toEqual({
      scope: 'selection',
      selection,
    });
    expect(checkExport({ scope: 'all', selection })).toEqual({ scope: 'all' });
    const layout = { version: 1, columns: [{ id: 'lsn', shown: true, width: 80 }] };
    expect(checkLayout(layout)).toEqual(layout);
  });

  it.each([
    ['no object', () => checkSpec(undefined)],
    ['a list', () => checkSpec([])],
    ['a grouping of its own', () => checkSpec({ ...spec, grouping: 'x' })],
    ['an operation of its own', () => checkSpec({ ...spec, operations: ['drop'] })],
    ['too many tables', () => checkSpec({ ...spec, tables: Array(501).fill('t') })],
    ['a table that is no text', () => checkSpec({ ...spec, tables: [1] })],
    ['a huge table name', () => checkSpec({ ...spec, tables: ['x'.repeat(1025)] })],
    ['a page too large', () => checkRows({ view: 1, generation: 1, first: 0, count: 257 })],
    ['a fraction', () => checkSeq({ seq: 0.5 })],
    ['a negative', () => checkSeq({ seq: -1 })],
    ['not a number', () => checkSeq({ seq: Number.NaN })],
    ['text for a number', () => checkSeq({ seq: '1' })],
    ['beyond exact numbers', () => checkSeq({ seq: 2 ** 53 })],
    ['too many bytes', () => checkBytes({ seq: 1, offset: 0, length: BYTES_LIMIT + 1 })],
    ['no such side', () => checkValue({ seq: 1, column: 0, side: 'x', offset: 0, length: 1 })],
    ['no such action', () => checkAction({ action: 'drop' })],
    ['a name of Object', () => checkAction({ action: 'constructor' })],
    ['a huge text', () => checkSpec({ ...spec, text: 'x'.repeat(1001) })],
    ['no text', () => checkSpec({ ...spec, text: undefined })],
    ['a place before all', () => checkFind({ view: 1, text: 'x', from: -2, direction: 'next' })],
    ['no such direction', () => checkFind({ view: 1, text: 'x', from: 0, direction: 'up' })],
    ['no such place', () => checkJump({ view: 1, to: { kind: 'file', path: 'x' } })],
    ['an xid too large', () => checkJump({ view: 1, to: { kind: 'xid', xid: 2 ** 32 } })],
    ['a huge LSN', () => checkJump({ view: 1, to: { kind: 'lsn', lsn: '0'.repeat(33) } })],
    ['a huge copy', () => checkCopy({ what: 'text', text: 'x'.repeat(65_537) })],
    ['a copy of a file', () => checkCopy({ what: 'file', text: 'x' })],
    ['no such format', () => checkCopy({ what: 'rows', selection: { ranges: [] }, format: 'x' })],
    [
      'too many ranges',
      () =>
        checkExport({
          scope: 'selection',
          selection: { ranges: Array(1001).fill({ from: 0, to: 0 }) },
        }),
    ],
    ['an export of nothing', () => checkExport({ scope: 'selection' })],
    ['a column twice', () => checkLayout({ version: 1, columns: [COLUMN, COLUMN] })],
    ['a column of its own', () => checkLayout({ version: 1, columns: [{ ...COLUMN, id: 'x' }] })],
    ['a layout of another version', () => checkLayout({ version: 2, columns: [] })],
    ['expanded as text', () => checkExpand({ view: 1, transaction: 1, expanded: 'yes' })],
  ])('are refused: %s', (_what, request) => {
    expect(request).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
  });
});
