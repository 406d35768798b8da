import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { formatLsn, toLsn } from '../../../src/base/lsn';
import { StreamObserver } from '../../../src/session/streamObserver';

function xlogData(lsn: bigint, payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const frame = Buffer.alloc(25 + bytes.length);
  frame.write('w');
  frame.writeBigUInt64BE(lsn, 1);
  frame.set(bytes, 25);
  return frame;
}

function keepalive(lsn: bigint): Uint8Array {
  const frame = Buffer.alloc(18);
  frame.write('k');
  frame.writeBigUInt64BE(lsn, 1);
  return frame;
}

function begin(finalLsn: bigint): Uint8Array {
  const message = Buffer.alloc(21);
  message.write('B');
  message.writeBigUInt64BE(finalLsn, 1);
  message.writeBigInt64BE(1_000n, 9);
  message.writeUInt32BE(700, 17);
  return message;
}

function commit(commitLsn: bigint, endLsn: bigint): Uint8Array {
  const message = Buffer.alloc(26);
  message.write('C');
  message.writeBigUInt64BE(commitLsn, 2);
  message.writeBigUInt64BE(endLsn, 10);
  message.writeBigInt64BE(1_000n, 18);
  return message;
}

const insert = Buffer.concat([Buffer.from('I'), Buffer.alloc(7)]);
const until = (lsn: bigint): Lsn => toLsn(lsn);

describe('StreamObserver', () => {
  it('counts changes and knows the end of the last complete transaction', () => {
    const observer = new StreamObserver('pgoutput');
    observer.observe(xlogData(100n, begin(200n)));
    observer.observe(xlogData(100n, insert));
    expect(observer.changes).toBe(1);
    expect(observer.lastCommitEnd).toBe(0n);
    expect(formatLsn(observer.received)).toBe('0/64');
    observer.observe(xlogData(240n, commit(200n, 240n)));
    expect(observer.lastCommitEnd).toBe(240n);
    expect(observer.lastCommitTime).toBe(1_000n);
    expect(observer.decoded).toBe(240n);
  });

  it('is over with the first transaction that commits at the end position or later', () => {
    const observer = new StreamObserver('pgoutput');
    observer.until = until(200n);
    expect(observer.observe(xlogData(100n, begin(199n)))).toBe(true);
    expect(observer.observe(xlogData(100n, insert))).toBe(true);
    expect(observer.untilReached).toBe(false);
    expect(observer.observe(xlogData(150n, begin(200n)))).toBe(false);
    expect(observer.untilReached).toBe(true);
  });

  it('is over with a keepalive past the end position', () => {
    const observer = new StreamObserver('pgoutput');
    observer.until = until(200n);
    observer.observe(keepalive(199n));
    expect(observer.untilReached).toBe(false);
    observer.observe(keepalive(200n));
    expect(observer.untilReached).toBe(true);
  });

  it('reads positions above 2^63 as unsigned', () => {
    const observer = new StreamObserver('pgoutput');
    observer.observe(keepalive(0xffff_ffff_0000_0000n));
    expect(formatLsn(observer.received)).toBe('FFFFFFFF/0');
  });

  it('finds the end of transactions in the text of test_decoding and wal2json', () => {
    const decoding = new StreamObserver('test_decoding');
    decoding.observe(xlogData(100n, 'BEGIN 700'));
    decoding.observe(xlogData(110n, 'table public.t: INSERT: id[integer]:1'));
    decoding.observe(xlogData(150n, 'COMMIT 700'));
    expect(decoding.changes).toBe(1);
    expect(decoding.lastCommitEnd).toBe(150n);
    const json = new StreamObserver('wal2json');
    json.observe(xlogData(150n, '{"action":"B"}'));
    json.observe(xlogData(160n, '{"action":"I","schema":"s","table":"t","columns":[]}'));
    json.observe(xlogData(190n, '{"action":"C","timestamp":"2026-11-20 14:00:00+00"}'));
    expect(json.changes).toBe(1);
    expect(json.lastCommitEnd).toBe(190n);
    expect(json.lastCommitTime).toBe(848_498_400_000_000n);
    const change = '{"kind":"delete","schema":"s","table":"t"}';
    json.observe(xlogData(200n, `{"change":[${change},${change}]}`));
    expect(json.changes).toBe(3);
    expect(json.lastCommitEnd).toBe(200n);
  });

  it('leaves out a message outside transactions that a text plugin sends again', () => {
    const observer = new StreamObserver('test_decoding');
    const text = 'message: transactional: 0 prefix: p, sz: 1 content:c';
    expect(observer.observe(xlogData(100n, text))).toBe(true);
    observer.restart();
    expect(observer.observe(xlogData(100n, text))).toBe(false);
    expect(observer.observe(xlogData(110n, text))).toBe(true);
  });

  it('takes what comes after a gap, where a new primary uses positions a second time', () => {
    const observer = new StreamObserver('test_decoding');
    const text = 'message: transactional: 0 prefix: p, sz: 1 content:c';
    observer.observe(xlogData(100n, text));
    observer.skip(toLsn(90n));
    expect(observer.received).toBe(90n);
    expect(observer.decoded).toBe(90n);
    expect(observer.observe(xlogData(95n, text))).toBe(true);
    expect(observer.received).toBe(95n);
    observer.restart();
    expect(observer.observe(xlogData(95n, text))).toBe(false);
  });

  it('takes short and unknown frames without a sound', () => {
    const observer = new StreamObserver('pgoutput');
    for (const frame of ['', 'w', 'k', 'x', 'w123']) {
      expect(observer.observe(Buffer.from(frame))).toBe(true);
    }
    expect(observer.changes).toBe(0);
  });
});
