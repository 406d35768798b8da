import { describe, expect, it } from 'vitest';
import { CaptureNotes, decodeNotes, encodeNotes } from '../../../src/capture/captureNotes';
import { WhoIndex } from '../../../src/capture/whoIndex';
import type { WhoNote } from '../../../src/shared/captureNote';
import { noteTime, whoNote } from './whoNotes';

const HOUR = 3_600_000;

const note = (ms: number, more: Partial<WhoNote> = {}): WhoNote => whoNote(7, ms, more);

const committed = (ms: number, xid = 7) =>
  ({ xid, fate: 'committed', commitTime: noteTime(ms) }) as const;
const open = { xid: 7, fate: 'open', commitTime: '' } as const;

describe('who wrote a transaction', () => {
  it('is who was seen with its xid, before the commit or right after it', () => {
    const index = new WhoIndex();
    index.add(note(0));
    expect(index.find(committed(100))).toMatchObject({ seen: true, application: 'checkout' });
    // It waits for a standby: its commit has its time already.
    expect(index.find(committed(-100))).toMatchObject({ seen: true });
    expect(index.find(open)).toMatchObject({ seen: true });
    expect(index.find(committed(100, 8))).toBeUndefined();
  });

  it('is of the transaction that was near in time, where an xid comes twice', () => {
    const index = new WhoIndex();
    index.add(note(0));
    index.add(note(20 * HOUR, { application: 'import', pid: 99 }));
    expect(index.find(committed(100))).toMatchObject({ application: 'checkout' });
    expect(index.find(committed(20 * HOUR + 100))).toMatchObject({ application: 'import' });
    // Seen for hours.
    index.add(note(20 * HOUR, { application: 'import', pid: 99, seenAt: noteTime(26 * HOUR) }));
    expect(index.find(committed(25 * HOUR))).toMatchObject({ application: 'import' });
    // Neither of the two: 4,294,967,296 transactions later.
    expect(index.find(committed(10 * HOUR))).toBeUndefined();
    // Without a time nobody knows which.
    expect(index.find(open)).toBeUndefined();
  });

  it('is told as not seen only where it was looked', () => {
    const index = new WhoIndex();
    index.sampling({ kind: 'sampling', on: true, at: noteTime(1000) });
    expect(index.find(open)).toEqual({ seen: false });
    index.sampling({ kind: 'sampling', on: false, at: noteTime(2000) });
    index.sampling({ kind: 'sampling', on: true, at: noteTime(3000) });
    expect(index.find(committed(500))).toBeUndefined();
    expect(index.find(committed(1500))).toEqual({ seen: false });
    expect(index.find(committed(2500))).toBeUndefined();
    expect(index.find(committed(3500))).toEqual({ seen: false });
    expect(index.find({ xid: 7, fate: 'aborted', commitTime: '' })).toBeUndefined();
  });

  it('prefers the process to the prepared transaction that it left', () => {
    const index = new WhoIndex();
    index.add(note(0, { pid: 0, application: '', prepared: 'p', seenAt: noteTime(9000) }));
    index.add(note(10));
    expect(index.find(committed(100))).toMatchObject({ application: 'checkout', pid: 812 });
  });
});

describe('notes of a capture', () => {
  it('are read as they were written, the last of a mark counts', () => {
    const notes = new CaptureNotes();
    const from = { lsn: '0/16B6C50', time: noteTime(0) };
    const to = { lsn: '0/16B7000', time: noteTime(5) };
    notes.take(
      decodeNotes(
        encodeNotes([
          { kind: 'mark', id: 1, name: 'Mark 1', from },
          { kind: 'mark', id: 2, name: 'Mark 2', from },
          { kind: 'mark', id: 1, name: 'Buy', from, to },
          { kind: 'mark', id: 2, name: 'Mark 2', from, removed: true },
          note(0),
        ]),
      ),
    );
    expect(notes.marks).toEqual([{ id: 1, name: 'Buy', from, to }]);
    expect(notes.takeFresh()).toEqual([7]);
    expect(notes.takeFresh()).toEqual([]);
    expect(notes.marksRevision).toBe(4);
  });

  it('of a later version or of another program do no harm', () => {
    const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    expect(decodeNotes(json([{ kind: 'weather' }, null, 3, { kind: 'mark', id: 'x' }]))).toEqual(
      [],
    );
    expect(decodeNotes(json({ kind: 'mark' }))).toEqual([]);
    expect(decodeNotes(json([{ ...note(0), query: 5 }]))).toEqual([]);
    expect(() => decodeNotes(new TextEncoder().encode('['))).toThrow(/notes of this capture/);
  });
});
