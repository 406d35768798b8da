import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import type { SqlSession } from '../../../src/postgres/sqlSession';
import type { MarkedStream } from '../../../src/session/streamMarks';
import { StreamMarks } from '../../../src/session/streamMarks';
import type { CaptureNote } from '../../../src/shared/captureNote';

/** A stream that has come as far as `decoded`, of a server that is at `insert`. */
function streamAt(insert: string) {
  const notes: CaptureNote[] = [];
  const state = { decoded: 0n, asked: 0 };
  const query = () => Promise.resolve([{ at: '2026-11-21T10:00:00Z', insert, flushed: insert }]);
  const stream: MarkedStream = {
    session: { query } as unknown as SqlSession,
    decoded: () => state.decoded as Lsn,
    ask: () => state.asked++,
    take: more => notes.push(...more),
    setEager: () => undefined,
  };
  return { stream, notes, state };
}

describe('marks of a stream', () => {
  it('end where the server was, once the stream has come there', async () => {
    const { stream, notes, state } = streamAt('0/1000100');
    const marks = new StreamMarks(() => stream);
    await marks.start(' click ');
    const stopped = marks.stop();
    await expect.poll(() => state.asked).toBeGreaterThan(0);
    marks.rename(1, 'save');
    state.decoded = 0x1000100n;
    const place = { lsn: '0/1000100', time: '2026-11-21T10:00:00Z' };
    expect(await stopped).toEqual({
      mark: { id: 1, name: 'save', from: place, to: place },
      complete: true,
    });
    expect(notes.map(note => note.kind === 'mark' && note.name)).toEqual(['click', 'save', 'save']);
  });

  it('that are removed while they are stopped stay removed', async () => {
    const { stream, notes, state } = streamAt('0/1000100');
    const marks = new StreamMarks(() => stream);
    await marks.start('');
    const stopped = marks.stop();
    await expect.poll(() => state.asked).toBeGreaterThan(0);
    marks.remove(1);
    state.decoded = 0x1000100n;
    await expect(stopped).rejects.toThrow();
    expect(notes.at(-1)).toMatchObject({ id: 1, removed: true });
    expect(await marks.start('')).toMatchObject({ id: 2 });
  });
});
