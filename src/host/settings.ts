import * as vscode from 'vscode';
import type { SlotOrder } from '../postgres/catalog/slots';
import type { PeekBudget } from '../shared/session';
import { DEFAULT_PEEK_BUDGET, DEFAULT_RETAINED_BUDGET } from '../shared/session';

const MIB = 1024 * 1024;
const DAY_MS = 24 * 3600 * 1000;

/** Where a peek ends by itself, as the user set it. */
export function peekBudget(): PeekBudget {
  return {
    events: positive('peek.maxEvents', DEFAULT_PEEK_BUDGET.events),
    bytes: positive('peek.maxMegabytes', DEFAULT_PEEK_BUDGET.bytes / MIB) * MIB,
    seconds: positive('peek.maxSeconds', DEFAULT_PEEK_BUDGET.seconds),
  };
}

/** Bytes of WAL that a stream of ours may make a server keep. */
export function retainedBudget(): number {
  return positive('stream.maxRetainedMegabytes', DEFAULT_RETAINED_BUDGET / MIB) * MIB;
}

/** Minutes after which a stream ends that nobody can see any more. */
export function unwatchedMinutes(): number {
  return positive('tail.endWhenUnwatchedMinutes', 10);
}

/** Seconds between two readings of the servers that are open in the sidebar; 0 means never. */
export function refreshSeconds(): number {
  const value = vscode.workspace.getConfiguration('walExplorer').get<unknown>(REFRESH_SECONDS);
  return typeof value === 'number' && value >= 0 ? value : 10;
}

/** How long captures stay that nobody saved or has open, and how large all may be together. */
export function captureLimits(): { readonly keepMs: number; readonly maxBytes: number } {
  return {
    keepMs: positive('captures.keepDays', 7) * DAY_MS,
    maxBytes: positive('captures.maxGigabytes', 5) * 1024 * MIB,
  };
}

/** What stands first among the slots of a server. */
export function slotOrder(): SlotOrder {
  const value = vscode.workspace.getConfiguration('walExplorer').get<unknown>(SLOT_ORDER);
  return value === 'name' ? 'name' : 'danger';
}

export const SLOT_ORDER = 'sidebar.slotOrder';
export const REFRESH_SECONDS = 'sidebar.refreshSeconds';

/** Settings are edited by hand: what is not a positive number counts as absent. */
function positive(name: string, fallback: number): number {
  const value = vscode.workspace.getConfiguration('walExplorer').get<unknown>(name);
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : fallback;
}
