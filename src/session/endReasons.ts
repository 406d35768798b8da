import type { FailureContext } from '../postgres/explainFailure';
import { explainFailure } from '../postgres/explainFailure';
import { ConnectionError, isLastWord, ServerError } from '../postgres/serverError';
import type { ConnectionTarget } from '../shared/connection';
import type { EndReason } from '../shared/session';
import { mayPass } from './mayPass';
import type { StreamEnd } from './sessionRequest';
import { SessionEnded } from './sessionRequest';

/** crash_shutdown (doc: "PostgreSQL Error Codes"). */
const CRASH_SHUTDOWN = '57P02';
const START_AGAIN = 'Start again when it is up.';

/** An end that is nobody's wish: its sentence, and what to do about it. */
export function failedEnd(
  reason: EndReason,
  code: string,
  message: string,
  action: string,
  detail = '',
): StreamEnd {
  return { reason, message, failure: { code, message: `${message}.`, action, detail } };
}

/** The server in a message. */
export function serverOf(target: ConnectionTarget): string {
  return `the server ${target.host}:${String(target.port)}`;
}

/** The server said that it goes, or that it ends us; or it is gone after everything was sent. */
export function shutdownEnd(target: ConnectionTarget, error: unknown): StreamEnd {
  const server = serverOf(target).replace('the', 'The');
  const detail =
    error instanceof ServerError ? `${error.severity} ${error.sqlState}: ${error.message}` : '';
  const end = failedEnd(
    'server-shutdown',
    'server-shutdown',
    `${server} ${describeShutdown(error)}`,
    START_AGAIN,
    detail,
  );
  const crashed = error instanceof ServerError && error.sqlState === CRASH_SHUTDOWN;
  return passing(crashed ? { ...end, crashed } : end);
}

/** The server went down with one of its processes, three times at the same place of the WAL. */
export function crashLoopEnd(target: ConnectionTarget): StreamEnd {
  return failedEnd(
    'failed',
    'server-crashes',
    `${serverOf(target).replace('the', 'The')} crashed three times while this stream ran and no transaction came`,
    "Read the server's log before you start again: decoding this WAL may be what crashes it.",
  );
}

/** The same end, which may pass. */
export function passing(end: StreamEnd): StreamEnd {
  return { ...end, passing: true };
}

/**
 * The server tells a shutdown from the end of one session only in its own language: both are
 * `admin_shutdown` (57P01, src/backend/tcop/postgres.c: ProcessInterrupts).
 */
function describeShutdown(error: unknown): string {
  switch (error instanceof ServerError ? error.sqlState : '') {
    case '57P01':
      return 'shuts down, or an administrator ended our session';
    case CRASH_SHUTDOWN:
      return 'restarts because one of its processes crashed';
    default:
      return 'shuts down';
  }
}

/** Any error of a session as the end that it makes. */
export function explainError(error: unknown, context: FailureContext): StreamEnd {
  if (error instanceof SessionEnded) return error.end;
  if (error instanceof ServerError && isLastWord(error)) {
    return shutdownEnd(context.target, error);
  }
  if (error instanceof ConnectionError && error.code === 'aborted') {
    return { reason: 'stopped', message: 'Stopped' };
  }
  const failure = explainFailure(error, context);
  const end = { reason: REASONS[failure.code] ?? 'failed', message: failure.message, failure };
  return mayPass(error) ? passing(end) : end;
}

/** Failures that have a reason of their own. */
const REASONS: Readonly<Record<string, EndReason>> = {
  'disk-full': 'disk-full',
  'server-shutdown': 'server-shutdown',
};
