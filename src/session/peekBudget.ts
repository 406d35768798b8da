import { formatBytes, formatCount } from '../base/quantity';
import type { PeekBudget } from '../shared/session';

/** How far a peek has come, in the units of its budget. */
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
