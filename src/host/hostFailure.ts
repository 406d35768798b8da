import type { Failure } from '../shared/connection';
import type { CommandId } from './commandIds';

/** What does away with a failure by one press, offered beside it. */
export interface Remedy {
  readonly title: string;
  readonly command: CommandId;
  readonly argument: unknown;
}

/** An error whose text is made for a person: what happened, and what to do about it. */
export class HostFailure extends Error {
  override readonly name = 'HostFailure';

  constructor(
    readonly failure: Failure,
    readonly remedy?: Remedy,
  ) {
    super(failure.message);
  }

  get code(): string {
    return this.failure.code;
  }
}

/** The user closed a question; nothing is to be shown for it. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly code = 'cancelled';

  constructor() {
    super('cancelled');
  }
}

export const UNTRUSTED: Failure = {
  code: 'untrusted-workspace',
  message: 'This workspace is not trusted, so no connection is made from it.',
  action: 'Trust the workspace to connect to servers.',
  detail: '',
};

/** Any error as a failure; what nobody explained keeps its own words. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HostFailure) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'internal';
  return { code, message, action: 'Look into the log for details.', detail: message };
}
