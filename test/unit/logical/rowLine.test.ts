import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../../../src/logical/formatEvent';
import { messageEvent } from '../../../src/logical/messageEvent';
import type { Relation } from '../../../src/logical/relation';
import { RowLineWriter } from '../../../src/logical/rowLine';
import { change, OID } from './arbitraryChange';
import * as build from './messageBuilder';

describe('RowLineWriter', () => {
  it('writes what the event would be written as, or leaves it to the event', () => {
    const writer = new RowLineWriter();
    let written = 0;
    fc.assert(
      fc.property(change, ({ payload, place, relation }) => {
        const room = writer.room(payload, relation)!;
        const out = new Uint8Array(room + 3);
        const end = writer.write(payload, place, relation, out, 3);
        if (end < 0) return;
        written++;
        expect(end).toBeLessThanOrEqual(out.length);
        const event = messageEvent(payload, place, {
          relation: () => relation,
          type: () => undefined,
        });
        expect(Buffer.from(out.subarray(3, end)).toString('utf8')).toBe(`${formatEvent(event)}\n`);
      }),
      { numRuns: 3000 },
    );
    // Most rows are plain: the fast way must not go unused.
    expect(written).toBeGreaterThan(300);
  });

  it('leaves long messages to the event', () => {
    const relation: Relation = {
      oid: OID,
      schema: 's',
      name: 't',
      replicaIdentity: 'default',
      columns: [{ name: 'v', typeOid: 25, typeModifier: -1, key: true }],
    };
    const payload = build.insert({ oid: OID, row: ['x'.repeat(20_000)] });
    expect(new RowLineWriter().room(payload, relation)).toBeUndefined();
  });
});
