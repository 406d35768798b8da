import { describe, expect, it } from 'vitest';
import { requireSameSlot } from '../../../src/export/slotOfFile';

const SLOT = { systemIdentifier: '73', database: 'shop', slot: 'orders', plugin: 'pgoutput' };

describe('a file that is to be gone on with', () => {
  it('is taken where it holds the same slot of the same server', () => {
    expect(() => {
      requireSameSlot('f', SLOT, SLOT);
    }).not.toThrow();
  });

  it.each([
    [{ systemIdentifier: '74' }, /f holds the changes of another server \(.* 74, here 73\)/],
    [{ systemIdentifier: '' }, /another server \(system identifier unknown, here 73\)/],
    [{ database: 'a' }, /the database "a", not of "shop"/],
    [{ slot: 'b' }, /the slot "b", not of "orders"/],
    [{ plugin: 'wal2json' }, /the plugin wal2json, and this slot has pgoutput/],
  ])('is left alone where it holds something else: %j', (difference, sentence) => {
    expect(() => {
      requireSameSlot('f', { ...SLOT, ...difference }, SLOT);
    }).toThrow(sentence);
  });

  it('is left alone where the server does not say which one it is', () => {
    const unknown = { ...SLOT, systemIdentifier: '' };
    expect(() => {
      requireSameSlot('f', unknown, unknown);
    }).toThrow('Nothing vouches that f holds changes of this server');
  });
});
