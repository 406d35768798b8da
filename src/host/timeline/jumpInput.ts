import { parseLsn } from '../../base/lsn';
import type { JumpTarget } from '../../shared/viewSpec';

const MAX_XID = 0xffff_ffff;

/** Date and time in the forms that Postgres and ISO 8601 have; without a zone it is this machine's time. */
const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
/** The time alone, as the list shows it. */
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?$/;

export type JumpInput =
  | { readonly target: JumpTarget }
  /** Why it is none, as a sentence; empty for what is not finished. */
  | { readonly problem: string };

/** Tells an LSN, a time and a transaction ID apart by their shape. `day`: that of a time alone. */
export function readJumpInput(text: string, day: Date): JumpInput {
  const input = text.trim();
  if (input === '') return { problem: '' };
  if (input.includes('/')) {
    if (parseLsn(input) !== undefined) return { target: { kind: 'lsn', lsn: input } };
    return {
      problem: 'An LSN is two hexadecimal numbers with a slash between, such as 0/16B6C50.',
    };
  }
  if (/^\d+$/.test(input)) {
    const xid = Number(input);
    if (xid > 0 && xid <= MAX_XID) return { target: { kind: 'xid', xid } };
    return { problem: `A transaction ID is a number from 1 to ${String(MAX_XID)}.` };
  }
  const time = readTime(input, day);
  if (time !== undefined) return { target: { kind: 'time', time } };
  return {
    problem:
      'Enter an LSN (0/16B6C50), a time (2026-11-20 13:00:00 or 13:00) or a transaction ID (763).',
  };
}

/** The time in UTC with all its microseconds; undefined where it is none. */
function readTime(input: string, day: Date): string | undefined {
  const clockAlone = CLOCK.test(input);
  const match = TIME.exec(input);
  if (match === null && !clockAlone) return undefined;
  const date = match?.[1] ?? dayOf(day);
  const clock = clockAlone ? input : (match?.[2] ?? '00:00');
  const zone = match?.[3];
  const [whole = '', fraction = ''] = clock.split('.');
  const [hours = '', minutes = '', seconds = '00'] = whole.split(':');
  const iso = `${date}T${hours.padStart(2, '0')}:${minutes}:${seconds}${zoneOf(zone)}`;
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime()) || !isRealDay(date)) return undefined;
  const micros = fraction.padEnd(6, '0').slice(0, 6);
  return moment.toISOString().replace('.000Z', `.${micros}Z`);
}

/** JavaScript takes the 30th of February for the 1st or 2nd of March. */
function isRealDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}

/** `2026-11-21`, by this machine's clock. */
export function dayOf(day: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(day.getFullYear())}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** `+02`, `+0200` and `+02:00` as the last of them. */
function zoneOf(zone: string | undefined): string {
  if (zone === undefined) return '';
  if (zone.toUpperCase() === 'Z') return 'Z';
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
