import fc from 'fast-check';
import type { Lsn } from '../../../src/base/lsn';
import type { MessagePlace } from '../../../src/logical/messageEvent';
import type { Relation } from '../../../src/logical/relation';
import { cell } from './arbitraryMessage';
import type { CellSpec } from './messageBuilder';
import * as build from './messageBuilder';

export const OID = 16400;
/** Text that JSON escapes, that UTF-8 forbids, and that is neither. */
const nasty: fc.Arbitrary<CellSpec> = fc.oneof(
  cell,
  fc.constantFrom('', 'null', 'é😀\u2028\ufeff', 'a"b\\c\n\u0001\u007f', 'x'.repeat(300)),
  fc
    .constantFrom([0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80])
    .map(bytes => ({ text: Uint8Array.from(bytes) })),
);
const name = fc.oneof(
  fc.constantFrom('__proto__', '10', 'q"uo\nte', '😀', 'é'.repeat(31)),
  fc.string({ maxLength: 8 }).map(text => text.replaceAll('\0', '')),
);
const u32 = fc.oneof(fc.constantFrom(1, 9, 10, 0x7fffffff, 0xffffffff), fc.nat());

const parts = fc
  .record({ width: fc.nat({ max: 5 }), identity: fc.constantFrom('default', 'full') })
  .chain(({ width, identity }) => {
    const cells = fc.array(nasty, { minLength: width, maxLength: width });
    return fc.record({
      relation: fc.record({
        oid: fc.constant(OID),
        schema: name,
        name,
        replicaIdentity: fc.constantFrom(identity),
        columns: fc.array(
          fc.record({ name, typeOid: u32, typeModifier: fc.constant(-1), key: fc.boolean() }),
          { minLength: width, maxLength: width },
        ),
      }),
      kind: fc.constantFrom('insert', 'update', 'delete'),
      how: fc.constantFrom('key', 'old', 'none'),
      old: cells,
      row: cells,
      topXid: fc.oneof(fc.constant(0), u32),
      subxid: fc.oneof(fc.constant(0), u32),
      inStream: fc.boolean(),
      lsn: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
      cut: fc.option(fc.nat({ max: 60 }), { freq: 6 }),
      flip: fc.option(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 255 })), { freq: 6 }),
    });
  });

/** A change of a row, where it stands, and its table. */
export interface Change {
  readonly payload: Uint8Array;
  readonly place: MessagePlace;
  readonly relation: Relation;
}

/** Inserts, updates and deletes with values of all kinds, some of them damaged behind the table's OID. */
export const change: fc.Arbitrary<Change> = parts.map(p => {
  const own = p.inStream ? { xid: 7 } : {};
  const before = p.how === 'key' ? { key: p.old } : p.how === 'old' ? { old: p.old } : {};
  let payload =
    p.kind === 'insert'
      ? build.insert({ ...own, oid: OID, row: p.row })
      : p.kind === 'update'
        ? build.update({ ...own, oid: OID, row: p.row, ...before })
        : build.remove({ ...own, oid: OID, ...before });
  const body = p.inStream ? 9 : 5;
  if (p.flip !== null && body + p.flip[0] < payload.length) {
    payload[body + p.flip[0]] = p.flip[1];
  }
  if (p.cut !== null) payload = payload.subarray(0, body + p.cut);
  const { relation, topXid, subxid, inStream } = p;
  return { payload, place: { lsn: p.lsn as Lsn, topXid, subxid, inStream }, relation };
});
