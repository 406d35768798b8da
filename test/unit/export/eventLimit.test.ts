import { expect, it } from 'vitest';
import { parseLsn } from '../../../src/base/lsn';
import { toPgTime } from '../../../src/base/time';
import { toXid } from '../../../src/base/xid';
import { EventLimit } from '../../../src/export/eventLimit';
import type { LogicalEvent } from '../../../src/logical/event';

const lsn = parseLsn('0/1')!;
const begin: LogicalEvent = { kind: 'begin', lsn, xid: toXid(7) };
const insert: LogicalEvent = { kind: 'insert', lsn, schema: 'public', table: 't', new: [] };
const commit: LogicalEvent = { kind: 'commit', lsn, endLsn: lsn, commitTime: toPgTime(0n) };
const message = (transactional: boolean): LogicalEvent => ({
  kind: 'message',
  lsn,
  transactional,
  prefix: 'p',
  content: '',
  contentEncoding: 'utf8',
});

function passed(limit: EventLimit, events: readonly LogicalEvent[]): string[] {
  return events.filter(event => !limit.done && limit.take(event)).map(event => event.kind);
}

it('writes the commit of a transaction that is complete at the limit', () => {
  const limit = new EventLimit(2, 'exact');
  expect(passed(limit, [begin, insert, insert, commit, begin])).toEqual([
    'begin',
    'insert',
    'insert',
    'commit',
  ]);
  expect(limit.done).toBe(true);
});

it('leaves a cut transaction without its commit', () => {
  const limit = new EventLimit(1, 'exact');
  expect(passed(limit, [begin, insert, insert, commit])).toEqual(['begin', 'insert']);
  expect(limit.done).toBe(true);
});

it('never cuts a transaction that is consumed', () => {
  const limit = new EventLimit(1, 'transactions');
  expect(passed(limit, [begin, insert, insert, commit, begin, insert])).toHaveLength(4);
  expect(limit.done).toBe(true);
});

it('is done at once after a message outside a transaction', () => {
  const limit = new EventLimit(1, 'exact');
  expect(limit.take(message(false))).toBe(true);
  expect(limit.done).toBe(true);
});

it('counts a message inside a transaction as a change of it', () => {
  const limit = new EventLimit(1, 'exact');
  expect(passed(limit, [begin, message(true), commit])).toEqual(['begin', 'message', 'commit']);
});
