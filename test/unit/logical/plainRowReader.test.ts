import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1Text } from '../../../src/base/latin1';
import type { Lsn } from '../../../src/base/lsn';
import { messageEvent } from '../../../src/logical/messageEvent';
import { PlainRowReader } from '../../../src/logical/plainRowReader';
import type { Relation } from '../../../src/logical/relation';
import { change, OID } from './arbitraryChange';
import * as build from './messageBuilder';

const PLACE = { lsn: 1n as Lsn, topXid: 0, subxid: 0, inStream: false };

function table(width: number): Relation {
  const columns = Array.from({ length: width }, (_, i) => ({
    ...{ name: `c${i}`, typeOid: 25, typeModifier: -1, key: i === 0 },
  }));
  return { oid: OID, schema: 's', name: 't', replicaIdentity: 'default', columns };
}

describe('PlainRowReader', () => {
  it('gives the event that the message is, or leaves it to messageEvent', () => {
    const reader = new PlainRowReader();
    let read = 0;
    fc.assert(
      fc.property(change, ({ payload, place, relation }) => {
        const event = reader.read(payload, place, relation);
        if (event === undefined) return;
        read++;
        expect(event).toEqual(
          messageEvent(payload, place, { relation: () => relation, type: () => undefined }),
        );
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  it.each([
    ['short values', ['1', 'text', null, '']],
    ['values longer than one string is made of', ['1', 'x'.repeat(5000), null, 'y'.repeat(2000)]],
    ['values beyond ASCII', ['1', 'é😀', null, 'plain']],
    ['more columns than most tables have', Array.from({ length: 300 }, (_, i) => `v${i}`)],
  ])('reads %s', (_, row) => {
    const payload = build.insert({ oid: OID, row });
    const event = new PlainRowReader().read(payload, PLACE, table(row.length));
    const values = event?.kind === 'insert' ? event.new.map(({ value }) => value) : undefined;
    expect(values).toEqual(row);
  });

  it('keeps no view of the message', () => {
    const payload = build.insert({ oid: OID, row: ['1', 'z'.repeat(3000)] });
    const event = new PlainRowReader().read(payload, PLACE, table(2));
    payload.fill(0);
    expect(JSON.stringify(event?.kind === 'insert' ? event.new : '')).toContain('zzz');
  });
});

describe('latin1Text', () => {
  it('has a character for each byte', () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
    const text = latin1Text(bytes, 3, 9_999);
    expect(text.length).toBe(9_996);
    expect(Array.from(text, c => c.charCodeAt(0))).toEqual([...bytes.subarray(3, 9_999)]);
  });
});
