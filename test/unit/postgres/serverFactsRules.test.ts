import { describe, expect, it } from 'vitest';
import { classifySlot } from '../../../src/postgres/catalog/slotHealth';
import { ownName } from '../../../src/postgres/ownName';
import {
  quoteIdentifier,
  quoteLiteral,
  quoteReplicationLiteral,
} from '../../../src/postgres/quote';
import { clientEncodingToSet, versionNumber } from '../../../src/postgres/sessionSettings';
import { readKeepalive, statusUpdateMessage } from '../../../src/postgres/statusUpdate';
import { assertSlotRoom } from '../../../src/postgres/slotRoom';
import { toLsn } from '../../../src/base/lsn';
import { DecodeError } from '../../../src/base/byteReader';

describe('slot health', () => {
  const healthy = {
    isLogical: true,
    walStatus: 'reserved',
    hasRestartLsn: true,
    hasConfirmedLsn: true,
    invalidationReason: undefined,
    conflicting: false,
  };
  it.each([
    [{}, 'normal'],
    [{ walStatus: 'extended' }, 'extended'],
    [{ walStatus: 'unreserved' }, 'unsafe'],
    [{ walStatus: 'lost' }, 'lost'],
    [{ invalidationReason: 'idle_timeout' }, 'lost'],
    [{ invalidationReason: 'some_new_reason' }, 'lost'],
    [{ conflicting: true }, 'lost'],
    [{ hasConfirmedLsn: false }, 'creating'],
    [{ isLogical: false, hasConfirmedLsn: false }, 'normal'],
    [
      { isLogical: false, hasConfirmedLsn: false, hasRestartLsn: false, walStatus: undefined },
      'unreserved',
    ],
  ])('%j is %s', (part, health) => {
    const result = classifySlot({ ...healthy, ...part });
    expect(result.health).toBe(health);
    expect(result.explanation === '').toBe(health === 'normal');
  });
});

describe('names and quotes', () => {
  it('makes names that a slot may have, for every user', () => {
    for (const user of ['ada', 'Ada Lövelace', 'x'.repeat(200), '', 'a-b.c@d']) {
      const name = ownName('peek', user);
      expect(name).toMatch(/^walexplorer_peek_[a-z0-9_]*_[0-9a-f]{8}$/);
      expect(name.length).toBeLessThan(64);
    }
    expect(ownName('tail', 'a')).not.toBe(ownName('tail', 'a'));
  });

  it('quotes what is hostile', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteLiteral("it's")).toBe("'it''s'");
    expect(quoteLiteral("a\\'b")).toBe(" E'a\\\\''b'");
    expect(quoteReplicationLiteral("a\\'b")).toBe("'a\\''b'");
    expect(() => quoteIdentifier('a\0b')).toThrow(RangeError);
    expect(() => quoteLiteral('a\0b')).toThrow(RangeError);
  });
});

describe('versions and encodings', () => {
  it.each([
    ['18.4', 180_004],
    ['16.3 (Debian 16.3-1.pgdg120+1)', 160_003],
    ['19beta2', 190_000],
    ['20devel', 200_000],
    ['', 0],
    [undefined, 0],
  ])('%s is %i', (text, number) => {
    expect(versionNumber(text)).toBe(number);
  });

  it('takes SQL_ASCII as it is and asks for UTF-8 elsewhere', () => {
    const set = (server: string, client: string) =>
      clientEncodingToSet(
        new Map([
          ['server_encoding', server],
          ['client_encoding', client],
        ]),
      );
    expect(set('UTF8', 'UTF8')).toBeUndefined();
    expect(set('LATIN1', 'LATIN1')).toBe('UTF8');
    expect(set('SQL_ASCII', 'SQL_ASCII')).toBeUndefined();
    expect(set('SQL_ASCII', 'UTF8')).toBe('SQL_ASCII');
  });
});

describe('status updates', () => {
  it('are laid out as the server reads them', () => {
    const message = statusUpdateMessage(
      { written: toLsn(0x1_0000_0002n), flushed: toLsn(3n), applied: toLsn(4n) },
      946_684_800_000 + 1,
      false,
    );
    expect(Buffer.from(message).toString('hex')).toBe(
      '6400000026' +
        '72' +
        '0000000100000002' +
        '0000000000000003' +
        '0000000000000004' +
        '00000000000003e8' +
        '00',
    );
  });

  it('answer keepalives that ask', () => {
    const payload = Buffer.from('6b' + '0000000100000002' + '00000000000003e8' + '01', 'hex');
    expect(readKeepalive(payload)).toEqual({
      walEnd: 0x1_0000_0002n,
      sendTime: 1000n,
      replyRequested: true,
    });
    expect(() => readKeepalive(payload.subarray(0, 17))).toThrow(DecodeError);
  });
});

describe('room for a slot', () => {
  const room = { maxSlots: 10, freeSlots: 5, maxSenders: 10, freeSenders: 5, switchesLevel: false };
  const check = (
    part: Partial<typeof room>,
    readOnly = false,
    override = false,
    isLogical = true,
  ) => {
    try {
      assertSlotRoom({ ...room, ...part }, { name: 'x', readOnly }, { override, isLogical });
      return 'passes';
    } catch (error) {
      const { code, overridable } = error as { code: string; overridable: boolean };
      return `${code} ${overridable ? 'asks' : 'final'}`;
    }
  };
  it('keeps two free, and asks before the WAL level switches', () => {
    expect(check({})).toBe('passes');
    expect(check({ freeSlots: 3 })).toBe('passes');
    expect(check({ freeSlots: 2 })).toBe('too-few-slots asks');
    expect(check({ freeSenders: 1 })).toBe('too-few-senders asks');
    expect(check({ freeSlots: 1, freeSenders: 0 }, true, true)).toBe('passes');
    expect(check({ switchesLevel: true })).toBe('level-switch asks');
    expect(check({ switchesLevel: true }, false, true)).toBe('passes');
    expect(check({ switchesLevel: true }, true, true)).toBe('level-switch final');
    expect(check({ switchesLevel: true }, false, false, false)).toBe('passes');
  });
});
