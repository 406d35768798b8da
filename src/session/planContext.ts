import type { ServerFacts } from '../postgres/catalog/serverFacts';
import type { WriteGate } from '../postgres/writeGate';
import type { SessionStatus } from './sessionStatus';

/** What the making of a plan works with. */
export interface PlanContext {
  readonly gate: WriteGate;
  readonly status: SessionStatus;
  readonly signal: AbortSignal;
  /** Of our slot and our sessions. */
  readonly name: string;
}

/** A quarter of what the server lets slots keep at all, where that is less than asked for. */
export function retainedBudget(asked: number, server: ServerFacts): number {
  const most = server.maxSlotWalKeepBytes;
  return most === undefined ? asked : Math.min(asked, Math.floor(most / 4));
}
