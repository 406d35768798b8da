import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../src/base/byteReader';
import { changeSummary } from '../../../src/capture/changeSummary';
import { decodeMessage } from '../../../src/logical/pgoutput/decodeMessage';
import { isRowMessage, RowImage } from '../../../src/logical/rowImage';
import { message } from './pgoutputBytes';

const COLUMNS = [{ name: 'id' }, { name: 'status' }, { name: 'note' }];

function summaryOf(payload: Uint8Array) {
  const described = decodeMessage(
    new ByteReader(message.relation(1, 'public', 'orders', COLUMNS, 'f')),
    false,
  );
  const change = decodeMessage(new ByteReader(payload), false);
  if (described.kind !== 'relation' || !isRowMessage(change)) throw new Error('no change');
  const { key, summary } = changeSummary(
    new RowImage(described.relation, change),
    () => undefined,
    200,
  );
  return { key, summary: summary.map(({ column }) => column) };
}

describe('the line of a row that has no key', () => {
  it('begins with its first value where that did not change', () => {
    const old = { kind: 'O', values: ['2', 'paid', 'x'] } as const;
    expect(summaryOf(message.update(1, ['2', 'returned', 'x'], old))).toEqual({
      key: [],
      summary: ['id', 'status'],
    });
    expect(summaryOf(message.update(1, ['3', 'returned', 'x'], old)).summary).toEqual([
      'id',
      'status',
    ]);
    // Nothing changed: there is nothing to tell.
    expect(summaryOf(message.update(1, ['2', 'paid', 'x'], old)).summary).toEqual([]);
    expect(summaryOf(message.insert(1, ['2', 'new', null])).summary).toEqual([
      'id',
      'status',
      'note',
    ]);
  });
});
