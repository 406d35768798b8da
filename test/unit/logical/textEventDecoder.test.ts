import { describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { TextEventDecoder } from '../../../src/logical/textPlugins/textEventDecoder';
import type { SpillStore } from '../../../src/logical/spillStore';

const spill: SpillStore = { open: () => expect.unreachable('nothing is spilled') };

/** Positions of the messages outside transactions that are given on, with something between each two. */
function given(positions: readonly bigint[], between: 'restart' | 'skip'): bigint[] {
  const taken: bigint[] = [];
  const decoder = new TextEventDecoder({
    delivery: 'assembled',
    plugin: 'test_decoding',
    spill,
    drain: () => undefined,
    sink: event => {
      if (event.kind === 'message') taken.push(event.lsn);
    },
  });
  const text = Buffer.from('message: transactional: 0 prefix: p, sz: 1 content:c');
  positions.forEach((lsn, i) => {
    if (i > 0) decoder[between]();
    void decoder.push(toLsn(lsn), text, 0);
  });
  decoder.end();
  return taken;
}

describe('a message outside transactions', () => {
  it('is left out where it comes again after a seam', () => {
    expect(given([100n, 100n, 110n], 'restart')).toEqual([100n, 110n]);
  });

  it('is another one after a gap, where a new primary uses positions a second time', () => {
    expect(given([100n, 95n, 110n], 'skip')).toEqual([100n, 95n, 110n]);
  });
});
