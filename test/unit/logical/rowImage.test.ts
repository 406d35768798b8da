import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../src/base/byteReader';
import { decodeMessage } from '../../../src/logical/pgoutput/decodeMessage';
import { tupleText } from '../../../src/logical/pgoutput/tuple';
import type { Relation, ReplicaIdentity } from '../../../src/logical/relation';
import type { Cell } from '../../../src/logical/rowImage';
import { isRowMessage, RowImage } from '../../../src/logical/rowImage';
import { insert, remove, update } from './messageBuilder';

const relation = (replicaIdentity: ReplicaIdentity): Relation => ({
  oid: 1,
  schema: 'public',
  name: 't',
  replicaIdentity,
  columns: ['id', 'v', 'w'].map((name, i) => ({
    name,
    typeOid: 25,
    typeModifier: -1,
    key: replicaIdentity === 'full' || i === 0,
  })),
});

function image(bytes: Uint8Array, identity: ReplicaIdentity = 'default'): RowImage {
  const message = decodeMessage(new ByteReader(bytes), false);
  if (!isRowMessage(message)) throw new Error('not a row');
  return new RowImage(relation(identity), message);
}

/** `before -> after`, with a star where the column is known to have changed. */
function show(row: RowImage): string[] {
  const text = (cell: Cell, i: number): string =>
    cell.state === 'text' ? tupleText(cell.tuple!, i)! : cell.state;
  return [0, 1, 2].map(
    i => `${text(row.before(i), i)} -> ${text(row.after(i), i)}${row.changed(i) ? ' *' : ''}`,
  );
}

const UNCHANGED = { unchanged: true } as const;

describe('RowImage', () => {
  it.each([
    [
      'an insert',
      insert({ oid: 1, row: ['1', null, ''] }),
      'default',
      ['absent -> 1', 'absent -> null', 'absent -> '],
    ],
    [
      'an update that left the key',
      update({ oid: 1, row: ['1', 'a', UNCHANGED] }),
      'default',
      ['1 -> 1', 'absent -> a', 'absent -> unchanged'],
    ],
    [
      'an update of the key',
      update({ oid: 1, key: ['1', null, null], row: ['2', 'a', UNCHANGED] }),
      'default',
      ['1 -> 2 *', 'absent -> a', 'absent -> unchanged'],
    ],
    [
      'an update with the whole old row',
      update({ oid: 1, old: ['1', null, 'long'], row: ['1', 'a', UNCHANGED] }),
      'full',
      ['1 -> 1', 'null -> a *', 'long -> long'],
    ],
    [
      'a delete by key',
      remove({ oid: 1, key: ['1', null, null] }),
      'default',
      ['1 -> absent', 'absent -> absent', 'absent -> absent'],
    ],
    [
      'a delete with the whole old row',
      remove({ oid: 1, old: ['1', null, 'x'] }),
      'full',
      ['1 -> absent', 'null -> absent', 'x -> absent'],
    ],
  ] as const)('resolves %s', (_, bytes, identity, expected) => {
    expect(show(image(bytes, identity))).toEqual(expected);
  });

  it('names no key under identity full, where every column is marked', () => {
    const row = image(remove({ oid: 1, old: ['1', null, 'x'] }), 'full');
    expect([0, 1, 2].map(i => row.isKey(i))).toEqual([false, false, false]);
  });

  it('says when a row does not fit its relation', () => {
    const { message } = image(insert({ oid: 1, row: ['1'] }));
    expect(RowImage.mismatch(relation('default'), message)).toBe(
      'the row has 1 columns, public.t was described with 3',
    );
  });
});
