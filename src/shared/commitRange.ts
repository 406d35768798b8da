import type { CommitRange } from './viewSpec';

/** Longest LSN or time in a range, in UTF-16 units. */
const END_LIMIT = 40;

/** A range out of what came from elsewhere; undefined where it is none. */
export function readRange(value: unknown): CommitRange | undefined {
  if (typeof value !== 'object' || value === null || !('by' in value)) return undefined;
  const { by } = value;
  if (by !== 'lsn' && by !== 'time') return undefined;
  const from = 'from' in value ? endOf(value.from) : undefined;
  const to = 'to' in value ? endOf(value.to) : undefined;
  if (from === undefined && to === undefined) return undefined;
  return { by, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function endOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= END_LIMIT ? value : undefined;
}
