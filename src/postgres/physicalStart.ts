import { parseLsn, type Lsn } from '../base/lsn';
import { ByteReader } from '../base/byteReader';

/** Asks for WAL as it stands in the segment files, in the place of what an output plugin makes of it. */
export interface PhysicalStart {
  /** Timeline to stream; absent: the server's current one. A historic one ends where the next begins. */
  readonly timeline?: number;
}

/** Where the timeline that was streamed ended, and the one that goes on there. */
export interface NextTimeline {
  readonly timeline: number;
  readonly lsn: Lsn;
}

/**
 * Reads the row that a walsender sends after the end of a historic timeline, next_tli and
 * next_tli_startpos as text (`StartReplication`, src/backend/replication/walsender.c); undefined where it
 * is another one.
 */
export function readNextTimeline(dataRow: Uint8Array): NextTimeline | undefined {
  const reader = new ByteReader(dataRow);
  if (reader.u16('columns') !== 2) return undefined;
  const text = (): string =>
    new TextDecoder().decode(reader.take(Math.max(0, reader.i32('length')), 'value'));
  const timeline = Number(text());
  const lsn = parseLsn(text());
  if (!Number.isSafeInteger(timeline) || timeline < 1 || lsn === undefined) return undefined;
  return { timeline, lsn };
}
