import { describe, expect, it } from 'vitest';
import {
  checkAction,
  checkBytes,
  checkExpand,
  checkLocate,
  checkReady,
  checkRows,
  checkSeq,
  checkSpec,
  checkValue,
} from '../../../src/host/timeline/timelineRequests';
import { BYTES_LIMIT, PAGE_LIMIT } from '../../../src/shared/timeline';

const spec = { grouping: 'flat', operations: ['insert'], tables: ['public.orders'] };

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
    ['expanded as text', () => checkExpand({ view: 1, transaction: 1, expanded: 'yes' })],
  ])('are refused: %s', (_what, request) => {
    expect(request).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
  });
});
