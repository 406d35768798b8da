import { formatBytes, formatCount } from '../base/quantity';
import type { PeekBudget } from '../shared/session';

/** So many changes and bytes, as a budget counts them. */
export interface PeekProgress {
  readonly changes: number;
  readonly bytes: number;
}

/** Which limit of the budget is reached, in words; undefined while there is room. */
export function reachedLimit(budget: PeekBudget, progress: PeekProgress): string | undefined {
  if (progress.changes >= budget.events) return `${formatCount(budget.events)} changes`;
  if (progress.bytes >= budget.bytes) return formatBytes(budget.bytes);
  return undefined;
}

/**
 * The budget of a Continue. It begins after the last complete transaction, so what the limit had cut off
 * comes again: that does not count. Where no transaction was complete, the budget is twice the one before
 * at least, so that a transaction which is larger than any budget is shown whole after a few of them.
 */
export function continuedBudget(
  base: PeekBudget,
  before: { readonly budget: PeekBudget; readonly progressed: boolean; readonly cut: PeekProgress },
): PeekBudget {
  const { budget, progressed, cut } = before;
  const least = (limit: number): number => (progressed ? 0 : 2 * limit);
  return {
    events: Math.max(base.events + cut.changes, least(budget.events)),
    bytes: Math.max(base.bytes + cut.bytes, least(budget.bytes)),
    seconds: Math.max(base.seconds, least(budget.seconds)),
  };
}
