import type { StreamEnd as TransportEnd } from '../postgres/replicationStream';
import { ConnectionError, ServerError } from '../postgres/serverError';
import type { FailureContext } from '../postgres/explainFailure';
import { explainFailure } from '../postgres/explainFailure';
import type { Failure } from '../shared/connection';
import type { StreamEnd } from './sessionRequest';
import { SessionEnded } from './sessionRequest';

const SHUTDOWN = new Set(['57P01', '57P02', '57P03']);

/** How the server or the network ended a stream, in words. */
export function explainEnd(end: TransportEnd, context: FailureContext): StreamEnd {
  switch (end.kind) {
    case 'stopped':
    case 'abandoned':
      return { reason: 'stopped', message: 'Stopped' };
    case 'completed':
      return {
        reason: 'server-shutdown',
        message: 'The server shuts down and has sent everything',
      };
    case 'error':
      return explainError(end.error, context);
    case 'lost': {
      const message = 'The connection to the server was lost';
      const failure: Failure = {
        code: 'connection-lost',
        message,
        action: 'Check the server and the network, then start again.',
        detail: end.message,
      };
      return { reason: 'failed', message, failure };
    }
  }
}

/**
 * The server tells a shutdown from the end of one session only in its own language: both are
 * `admin_shutdown` (57P01, src/backend/tcop/postgres.c: ProcessInterrupts).
 */
export function describeShutdown(error: unknown): string {
  if (!(error instanceof ServerError)) return 'The server shuts down';
  switch (error.sqlState) {
    case '57P01':
      return 'The server shuts down, or an administrator ended our session';
    case '57P02':
      return 'The server restarts because one of its processes crashed';
    default:
      return 'The server shuts down';
  }
}

/** Any error of a session as the end that it makes. */
export function explainError(error: unknown, context: FailureContext): StreamEnd {
  if (error instanceof SessionEnded) return error.end;
  if (error instanceof ServerError && SHUTDOWN.has(error.sqlState)) {
    return { reason: 'server-shutdown', message: describeShutdown(error) };
  }
  if (error instanceof ConnectionError && error.code === 'aborted') {
    return { reason: 'stopped', message: 'Stopped' };
  }
  const failure = explainFailure(error, context);
  const reason = failure.code === 'disk-full' ? 'disk-full' : 'failed';
  return { reason, message: failure.message, failure };
}
