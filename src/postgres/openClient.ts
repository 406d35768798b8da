import type { ConnectionTarget, ServerAddress } from '../shared/connection';
import { attemptConnection, type AttemptedClient, type OpenOptions } from './connectAttempt';
import type { PgTls } from './pgClient';
import { serverAddresses } from './serverAddresses';
import { ConnectionError, NoServerError, ServerError, type ServerAttempt } from './serverError';
import { reachedAt, serversOf, shuffled } from './serverList';
import { roundsOf, type ServerKind } from './sessionAttrs';
import { SshError } from './ssh/sshError';
import { tlsAttempts } from './tlsOptions';

export type { OpenOptions } from './connectAttempt';

export interface OpenedClient extends AttemptedClient {
  /** How this connection is encrypted, for a cancel request that goes the same way. */
  readonly tls: PgTls;
  /** The server that was reached: whoever connects with it lands on the same one. */
  readonly target: ConnectionTarget;
}

const CANNOT_CONNECT_NOW = '57P03';

/**
 * Connects as `target` says and as libpq does (fe-connect.c: PQconnectPoll): to the first server of its list
 * that can be reached and is of the kind that is asked for. What a server that was reached refuses, be it a
 * password or TLS, ends the search. Rejects with ServerError or ConnectionError; where there is a list, with
 * NoServerError.
 */
export async function openClient(
  target: ConnectionTarget,
  options: OpenOptions,
): Promise<OpenedClient> {
  const servers = serversOf(target);
  const inTurn = target.loadBalanceHosts === 'random' ? shuffled(servers) : servers;
  let attempts: ServerAttempt[] = [];
  // One that was reached was of the right kind then.
  for (const kind of roundsOf(target.reached === undefined ? target.targetSessionAttrs : 'any')) {
    attempts = [];
    for (const server of inTurn) {
      try {
        return await openServer(target, server, kind, options);
      } catch (error) {
        if (!(error instanceof Error) || isAborted(error)) throw error;
        attempts.push({ server, error });
        if (isPassing(error)) continue;
        throw servers.length === 1 ? error : new NoServerError(attempts, true);
      }
    }
  }
  const [only] = attempts;
  throw servers.length === 1 && only !== undefined
    ? only.error
    : new NoServerError(attempts, false);
}

/** Tries each address of one server in turn. */
async function openServer(
  target: ConnectionTarget,
  server: ServerAddress,
  kind: ServerKind,
  options: OpenOptions,
): Promise<OpenedClient> {
  const timeoutMs = target.connectTimeout > 0 ? target.connectTimeout * 1000 : Infinity;
  const { signal } = options;
  const found =
    target.reached === undefined
      ? await addressesOf(target, server, timeoutMs, signal)
      : [target.reached];
  const addresses = target.loadBalanceHosts === 'random' ? shuffled(found) : found;
  const errors: ConnectionError[] = [];
  for (const address of addresses) {
    const reached = reachedAt(target, server, address);
    const deadline = performance.now() + timeoutMs;
    try {
      return { ...(await openAddress(reached, address, kind, deadline, options)), target: reached };
    } catch (error) {
      if (!(error instanceof ConnectionError) || !isUnreached(error)) throw error;
      errors.push(error);
    }
  }
  throw severalAddresses(errors);
}

/** The SSH server looks names up by itself: here they may stand for something else, or for nothing. */
async function addressesOf(
  target: ConnectionTarget,
  server: ServerAddress,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  if (target.ssh !== undefined) return [server.hostAddress ?? server.host];
  return serverAddresses(server, timeoutMs, signal);
}

/** With libpq's meaning of sslmode. */
async function openAddress(
  target: ConnectionTarget,
  address: string,
  kind: ServerKind,
  deadline: number,
  options: OpenOptions,
): Promise<AttemptedClient & { readonly tls: PgTls }> {
  const ways = tlsAttempts(target);
  for (const [index, way] of ways.entries()) {
    try {
      const tls = way.options();
      const attempt = { target, address, tls, kind, deadline };
      return { ...(await attemptConnection(attempt, options)), tls };
    } catch (error) {
      if (index === ways.length - 1 || !otherWayMayHelp(error, way.encrypted)) throw error;
    }
  }
  throw new ConnectionError('network', 'there is no way to connect');
}

/**
 * After an attempt with TLS, another without it helps when the server has no TLS or admits the user
 * only without; and the other way round. A wrong password stays wrong, so it is not sent twice.
 * `pg_hba.conf rejects connection` and `no pg_hba.conf entry` are both 28000.
 */
function otherWayMayHelp(error: unknown, encrypted: boolean): boolean {
  if (error instanceof ServerError) return error.sqlState === '28000';
  if (!encrypted || !(error instanceof ConnectionError)) return false;
  return error.stage === 'handshake' || error.code === 'tls-file' || error.code === 'tls-key';
}

/** Whether another server of the list may do: this one is away, not ready yet, or of another kind. */
function isPassing(error: Error): boolean {
  if (error instanceof ServerError) return error.sqlState === CANNOT_CONNECT_NOW;
  if (!(error instanceof ConnectionError)) return false;
  // All servers of a list are reached through the same SSH server.
  if (error instanceof SshError) return error.isAboutServer;
  return error.code === 'wrong-server' || isUnreached(error);
}

/** Whether another address of the same server may do. */
function isUnreached(error: ConnectionError): boolean {
  return error.code === 'timeout' || (error.code === 'network' && error.stage === 'reaching');
}

function isAborted(error: Error): boolean {
  return error instanceof ConnectionError && error.code === 'aborted';
}

/** The system names the best address first, so its error says the most. */
function severalAddresses(errors: readonly ConnectionError[]): ConnectionError {
  const [first, second] = errors;
  if (first === undefined) {
    return new ConnectionError('network', 'the name has no address', {}, 'reaching');
  }
  if (second === undefined || first.code !== 'network') return first;
  const causes = errors.map(error => error.cause ?? error);
  const cause = new AggregateError(causes, errors.map(error => error.message).join('; '));
  return new ConnectionError('network', first.message, { cause }, 'reaching');
}
