import type { Lsn } from '../../base/lsn';
import type { PgTime } from '../../base/time';
import { pgTimeOfUnixMs } from '../../base/time';

/** Where a text stands, which it does not tell itself. */
export interface TextPlace {
  readonly lsn: Lsn;
  /** The transaction that the server names beside the text; 0 for none. */
  readonly xid: number;
}

/** A text of an output plugin that is not what the plugin writes: where, and what was wanted there. */
export class TextError extends Error {
  override readonly name = 'TextError';

  constructor(wanted: string, at: number, text: string) {
    const found = text.slice(at, at + SHOWN);
    super(`${wanted} expected at character ${String(at)}, found ${JSON.stringify(found)}`);
  }
}

/** So much of the text is shown where it went wrong. */
const SHOWN = 40;

const TIME =
  /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d)(?::?(\d\d))?(?::?(\d\d))?$/;

/** A time as `timestamptz_out` prints it in ISO style, with the offset of the session's time zone. */
export function parseTimestamp(text: string): PgTime | undefined {
  const [, date, clock, fraction = '', hours = '', minutes = '0', seconds = '0'] =
    TIME.exec(text) ?? [];
  if (date === undefined || clock === undefined) return undefined;
  const local = Date.parse(`${date}T${clock}Z`);
  if (Number.isNaN(local)) return undefined;
  const offset = Math.abs(Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds);
  const utc = local - (hours.startsWith('-') ? -offset : offset) * 1000;
  return (pgTimeOfUnixMs(utc) + BigInt(fraction.padEnd(6, '0'))) as PgTime;
}
