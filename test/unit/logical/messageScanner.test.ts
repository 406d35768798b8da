import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageScanner } from '../../../src/logical/pgoutput/messageScanner';
import { example } from './arbitraryMessage';
import * as build from './messageBuilder';

const TIMES = { commitLsn: 0x1_0000_0002n, endLsn: 0xffff_fff0_8000_0000n, time: -5n };

function scanAll(messages: readonly Uint8Array[]) {
  const scanner = new MessageScanner();
  return messages.map(bytes => {
    scanner.scan(bytes, 0, bytes.length);
    const { relationOid, xid, topXid, inStream } = scanner;
    return { kind: String.fromCharCode(scanner.kind), relationOid, xid, topXid, inStream };
  });
}

describe('MessageScanner', () => {
  it('gives the messages of a transaction its xid, and none to what stands outside', () => {
    const content = Buffer.from('x');
    const message = { lsn: 1n, prefix: 'p', content };
    const found = scanAll([
      build.message({ ...message, transactional: false }),
      build.begin({ xid: 0xfffffff0, finalLsn: 9n, time: 1n }),
      build.insert({ oid: 0x80000000, row: ['1'] }),
      build.message({ ...message, transactional: true }),
      build.message({ ...message, transactional: false }),
      build.truncate({ oids: [5, 6] }),
      build.commit(TIMES),
      build.message({ ...message, transactional: false }),
    ]);
    expect(found.map(one => one.xid)).toEqual([
      0, 0xfffffff0, 0xfffffff0, 0xfffffff0, 0, 0xfffffff0, 0xfffffff0, 0,
    ]);
    expect(found.map(one => one.relationOid)).toEqual([0, 0, 0x80000000, 0, 0, 5, 0, 0]);
  });

  it('reads the xid of a message only inside a stream block', () => {
    const found = scanAll([
      build.streamStart({ xid: 700 }),
      build.relation({ xid: 700, oid: 16400, name: 't', columns: [] }),
      build.insert({ xid: 701, oid: 16400, row: [] }),
      build.streamStop(),
      build.streamAbort({ xid: 700, subxid: 701 }),
      build.begin({ xid: 800, finalLsn: 9n, time: 1n }),
      build.insert({ oid: 16401, row: [] }),
      build.commit(TIMES),
      build.streamCommit({ xid: 700, ...TIMES }),
    ]);
    expect(found.map(one => [one.kind, one.topXid, one.xid, one.inStream])).toEqual([
      ['S', 700, 700, true],
      ['R', 700, 700, true],
      ['I', 700, 701, true],
      ['E', 700, 700, true],
      ['A', 700, 701, false],
      ['B', 800, 800, false],
      ['I', 800, 800, false],
      ['C', 800, 800, false],
      ['c', 700, 700, false],
    ]);
    expect(found[1]!.relationOid).toBe(16400);
    expect(found[2]!.relationOid).toBe(16400);
    expect(found[6]!.relationOid).toBe(16401);
  });

  it('gives the positions and the time of an end', () => {
    const scanner = new MessageScanner();
    for (const bytes of [
      build.commit(TIMES),
      build.streamCommit({ xid: 1, ...TIMES }),
      build.prepare({ ...TIMES, lsn: TIMES.commitLsn, xid: 1, gid: 'g' }),
      build.commitPrepared({ ...TIMES, lsn: TIMES.commitLsn, xid: 1, gid: 'g' }),
    ]) {
      scanner.scan(bytes, 0, bytes.length);
      expect([scanner.commitLsnHigh, scanner.commitLsnLow]).toEqual([1, 2]);
      expect([scanner.endLsnHigh, scanner.endLsnLow]).toEqual([0xfffffff0, 0x80000000]);
      expect(scanner.commitTime).toBe(-5n);
    }
    const rollback = build.rollbackPrepared({
      xid: 77,
      prepareEndLsn: 1n,
      rollbackEndLsn: 2n,
      prepareTime: 3n,
      rollbackTime: 4n,
      gid: 'g',
    });
    scanner.scan(rollback, 0, rollback.length);
    expect([scanner.xid, scanner.endLsnLow, scanner.commitTime]).toEqual([77, 2, 4n]);
  });

  it('leaves a prepared transaction at its Prepare', () => {
    const p = { xid: 5, lsn: 1n, endLsn: 2n, time: 3n, gid: 'g' };
    const row = build.insert({ oid: 1, row: [] });
    const found = scanAll([build.beginPrepare(p), row, build.prepare(p), row]);
    expect(found.map(one => one.xid)).toEqual([5, 5, 5, 0]);
  });

  it('reads nothing outside its range, whatever the bytes are, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            example.map(one => one.bytes),
            fc.uint8Array({ maxLength: 12 }),
          ),
        ),
        fc.nat({ max: 60 }),
        (messages, cut) => {
          const scanners = [0x00, 0xff].map(() => new MessageScanner());
          for (const bytes of messages) {
            const part = bytes.subarray(0, Math.max(0, bytes.length - (cut % 7)));
            // Two surroundings must give the same result.
            const results = scanners.map((scanner, i) => {
              const buffer = new Uint8Array(part.length + 40).fill(i === 0 ? 0x00 : 0xff);
              buffer.set(part, 20);
              scanner.scan(buffer, 20, 20 + part.length);
              return Object.entries(scanner);
            });
            expect(results[0]).toEqual(results[1]);
          }
        },
      ),
    );
  });
});
