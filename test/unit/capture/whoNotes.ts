import type { WhoNote } from '../../../src/shared/captureNote';

/** A time as notes have it, so many milliseconds after the one that tests begin at. */
export function noteTime(ms: number): string {
  return new Date(Date.UTC(2026, 10, 20, 12) + ms).toISOString().replace('Z', '000Z');
}

/** A transaction that was seen once, when it began. */
export function whoNote(xid: number, ms: number, more: Partial<WhoNote> = {}): WhoNote {
  return {
    kind: 'who',
    xid,
    application: 'checkout',
    user: 'ada',
    client: '10.0.0.7:5123',
    pid: 812,
    backendStart: noteTime(0),
    began: noteTime(ms),
    query: 'insert',
    queryCut: false,
    queryVisible: true,
    firstSeen: noteTime(ms),
    seenAt: noteTime(ms),
    prepared: '',
    ...more,
  };
}
