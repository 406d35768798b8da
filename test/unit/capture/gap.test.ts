import { describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { gapBytes, gapFrame, readGap } from '../../../src/capture/frame';
import type { IndexerState } from '../../../src/capture/indexerState';
import { FrameIndexer } from '../../../src/capture/frameIndexer';
import { gapText } from '../../../src/capture/gapText';
import { IndexChunk } from '../../../src/capture/indexChunk';

const gap = { from: toLsn(0x100n), to: toLsn(0x20_0100n), reason: 'The connection was lost' };

describe('a gap', () => {
  it('is read as it was written, with its seconds in thousandths or without', () => {
    expect(readGap(gapFrame(gap))).toEqual(gap);
    expect(readGap(gapFrame({ ...gap, seconds: 4.23456 }))).toEqual({ ...gap, seconds: 4.235 });
    const damaged = new TextEncoder().encode('G{"from":"0/1","to":"0/2","seconds":"long"}');
    expect(readGap(damaged)).toEqual({ from: 1n, to: 2n, reason: '' });
    expect(readGap(new TextEncoder().encode('G{"from":"0/1"}'))).toBeUndefined();
  });

  it('has no bytes where the server went back', () => {
    expect(gapBytes(gap)).toBe(0x20_0000);
    expect(gapBytes({ from: gap.to, to: gap.from })).toBeUndefined();
    expect(gapText({ ...gap, from: gap.to, to: gap.from })).toBe(
      'the server went back, from 0/200100 to 0/100: The connection was lost',
    );
  });

  it.each([
    [undefined, ''],
    [0.42, ', 0.4 s without a stream'],
    [12, ', 12 s without a stream'],
    [245, ', 4 min 5 s without a stream'],
    [11_400, ', 3 h 10 min without a stream'],
  ])('says in one line what is missing, after %s seconds', (seconds, text) => {
    const timed = seconds === undefined ? gap : { ...gap, seconds };
    expect(gapText(timed)).toBe(
      `2 MB of WAL not seen, from 0/100 to 0/200100${text}: The connection was lost`,
    );
  });

  it('is counted in the index, and after a directory', () => {
    const indexer = new FrameIndexer('pgoutput', () => undefined);
    for (const frame of [gapFrame(gap), gapFrame({ ...gap, from: gap.to, to: gap.from })]) {
      indexer.add(frame, 0, frame.length, frame.length, 0);
    }
    expect([indexer.gaps, indexer.gapBytes]).toEqual([2, 0x20_0000]);
    const restored = new FrameIndexer('pgoutput', () => undefined);
    restored.restore(indexer.state(), new IndexChunk(0));
    expect([restored.gaps, restored.gapBytes]).toEqual([2, 0x20_0000]);
    // Captures of earlier versions do not count them.
    const older = JSON.parse(
      JSON.stringify({ ...indexer.state(), gaps: undefined, gapBytes: undefined }),
    ) as IndexerState;
    const old = new FrameIndexer('pgoutput', () => undefined);
    old.restore(older, new IndexChunk(0));
    expect([old.gaps, old.gapBytes]).toEqual([0, 0]);
  });
});
