import * as vscode from 'vscode';
import type { SlotOrder } from '../postgres/catalog/slots';
import type { PeekBudget } from '../shared/session';
import type { ColorRule } from '../shared/listApi';
import { COLOR_RULES_LIMIT } from '../shared/listApi';
import { DEFAULT_PEEK_BUDGET, DEFAULT_RETAINED_BUDGET } from '../shared/session';

import { checkColorRule } from './timeline/listRequests';

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

/** Whether a stream looks in pg_stat_activity who writes. */
export function sampleWho(): boolean {
  return vscode.workspace.getConfiguration('walExplorer').get<unknown>('who.sample') !== false;
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

/** The rules that colour rows; an entry that is not one counts as absent. */
export function colorRules(): readonly ColorRule[] {
  const value = vscode.workspace.getConfiguration('walExplorer').get<unknown>(COLOR_RULES);
  if (!Array.isArray(value)) return [];
  const rules: ColorRule[] = [];
  for (const entry of value) {
    try {
      if (rules.length < COLOR_RULES_LIMIT) rules.push(checkColorRule(entry));
    } catch {
      // Edited by hand; the settings editor marks what is wrong with it.
    }
  }
  return rules;
}

/** Where they are set already for this workspace, they stay the workspace's. */
export async function storeColorRules(rules: readonly ColorRule[]): Promise<void> {
  const settings = vscode.workspace.getConfiguration('walExplorer');
  const ofWorkspace = settings.inspect(COLOR_RULES)?.workspaceValue !== undefined;
  const { Global, Workspace } = vscode.ConfigurationTarget;
  await settings.update(COLOR_RULES, rules, ofWorkspace ? Workspace : Global);
}

export const COLOR_RULES = 'timeline.colorRules';
export const SLOT_ORDER = 'sidebar.slotOrder';
export const REFRESH_SECONDS = 'sidebar.refreshSeconds';

/** Settings are edited by hand: what is not a positive number counts as absent. */
function positive(name: string, fallback: number): number {
  const value = vscode.workspace.getConfiguration('walExplorer').get<unknown>(name);
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : fallback;
}
