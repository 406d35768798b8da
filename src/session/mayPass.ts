import { ConnectionStringError } from '../postgres/connectionString';
import { ConnectionError, NoServerError, ServerError } from '../postgres/serverError';
import { SshError } from '../postgres/ssh/sshError';
import { WriteRefused } from '../postgres/changes/writeRefused';
import { SessionEnded } from './sessionRequest';

/**
 * Whether another attempt may succeed where this one failed, once a stream had run: a server that restarts
 * or fails over, a network that is gone, a server process of ours that has not noticed yet that we are gone
 * and still holds the slot. What somebody has to change, such as a password or a privilege, does not pass.
 */
export function mayPass(error: unknown): boolean {
  if (error instanceof SessionEnded) return error.end.passing === true;
  if (error instanceof ServerError) return mayServerErrorPass(error);
  if (error instanceof WriteRefused) return PASSING_REFUSALS.has(error.code);
  if (error instanceof ConnectionStringError) return false;
  if (error instanceof NoServerError) {
    // Where one of them refuses us for good, the others were not even asked.
    return error.attempts.some((attempt, at) => {
      const decides = error.final ? at === error.attempts.length - 1 : true;
      return decides && mayPass(attempt.error);
    });
  }
  if (error instanceof SshError) return error.mayPass;
  if (error instanceof ConnectionError) {
    if (LASTING_CODES.has(error.code)) return false;
    return (
      error.code !== 'network' || error.cause === undefined || mayNetworkErrorPass(error.cause)
    );
  }
  return mayNetworkErrorPass(error);
}

/** By SQLSTATE (doc: "PostgreSQL Error Codes"). */
function mayServerErrorPass({ sqlState }: ServerError): boolean {
  // Connection exceptions, resources that are used up (slots and senders too), operator intervention.
  if (/^(08|53|57P)/.test(sqlState)) return !LASTING_STATES.has(sqlState);
  return PASSING_STATES.has(sqlState);
}

const LASTING_STATES: ReadonlySet<string> = new Set([
  '57P04', // database_dropped
  '53100', // disk_full: decoding writes large transactions to the server's disk, and would fill it anew
]);

const PASSING_STATES: ReadonlySet<string> = new Set([
  '55006', // object_in_use: the slot is active for another process
  '55P03', // lock_not_available
  '25P03', // idle_in_transaction_session_timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
]);

const PASSING_REFUSALS: ReadonlySet<string> = new Set(['too-few-slots', 'too-few-senders']);

/** A person has to do something; everything else that keeps us from a server may go by itself. */
const LASTING_CODES: ReadonlySet<string> = new Set([
  'aborted',
  'password-missing',
  'tls-refused',
  'tls-no-root-certificate',
  'tls-file',
  'tls-key',
  'tls-direct-refused',
  'channel-binding',
  'require-auth',
  'auth-method',
  'not-postgres',
]);

/** Node's errors of sockets and name servers pass; those of certificates do not. */
function mayNetworkErrorPass(error: unknown): boolean {
  if (error instanceof AggregateError && !('code' in error)) {
    return error.errors.some(mayNetworkErrorPass);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return PASSING_NETWORK_CODES.has(code);
}

const PASSING_NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'EADDRNOTAVAIL',
  'ENOENT', // the directory of a Unix socket, while the server restarts
  'ENOTFOUND', // a laptop that just woke up has no name server yet
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ERR_STREAM_DESTROYED',
]);
