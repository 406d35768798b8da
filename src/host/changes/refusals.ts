import type { RefusalCode } from '../../postgres/changes/writeRefused';

// The gate lives in a file that is loaded at the first connection and has its own classes of errors, so
// they are known by their names here.

/** What the gate said no to: see WriteRefused. */
export interface Refusal extends Error {
  readonly code: RefusalCode;
  readonly overridable: boolean;
}

/** The refusal that an error is; undefined for any other error. */
export function refusalIn(error: unknown): Refusal | undefined {
  return error instanceof Error && error.name === 'WriteRefused' ? (error as Refusal) : undefined;
}

/** The error of a change that was given up in time (see ChangeCancelled); undefined for any other. */
export function cancellationIn(error: unknown): Error | undefined {
  return error instanceof Error && error.name === 'ChangeCancelled' ? error : undefined;
}
