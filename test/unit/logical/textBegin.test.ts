import { describe, expect, it } from 'vitest';
import { formatLsn, toLsn } from '../../../src/base/lsn';
import type { Delivery } from '../../../src/logical/event';
import type { SpillStore } from '../../../src/logical/spillStore';
import { TextEventDecoder } from '../../../src/logical/textPlugins/textEventDecoder';

const spill: SpillStore = { open: () => expect.unreachable('nothing is spilled') };

/** Kind and position of each event. */
function told(delivery: Delivery, texts: readonly (readonly [bigint, string])[]): string[] {
  const events: string[] = [];
  const decoder = new TextEventDecoder({
    delivery,
    plugin: 'test_decoding',
    spill,
    sink: event => {
      events.push(`${event.kind} ${'lsn' in event ? formatLsn(event.lsn) : ''}`);
    },
  });
  for (const [lsn, text] of texts) void decoder.push(toLsn(lsn), Buffer.from(text), 0);
  decoder.end();
  return events;
}

describe.each(['raw', 'assembled'] as const)('a begin without a position, %s', delivery => {
  it('stands where its first change does, or its end', () => {
    const texts = [
      [0n, 'BEGIN 7'],
      [16n, 'table public.t: INSERT: id[integer]:1'],
      [17n, 'table public.t: INSERT: id[integer]:2'],
      [32n, 'COMMIT 7'],
      [0n, 'BEGIN 8'],
      [48n, 'COMMIT 8'],
    ] as const;
    expect(told(delivery, texts)).toEqual([
      ...['begin 0/10', 'insert 0/10', 'insert 0/11', 'commit 0/20'],
      ...['begin 0/30', 'commit 0/30'],
    ]);
  });

  it('keeps the position that it has', () => {
    const texts = [
      [8n, 'BEGIN 7'],
      [32n, 'COMMIT 7'],
    ] as const;
    expect(told(delivery, texts)).toEqual(['begin 0/8', 'commit 0/20']);
  });
});
