import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ServerAddress } from '../shared/connection';
import { ConnectionError } from './serverError';
import { isSocketDirectory } from './tlsOptions';

/**
 * The addresses that a server is reached at, to be tried in turn: those that its name has, in the order that
 * the system gives them; the folder of its socket; or the one address that is given. Gives up after
 * `timeoutMs`. Rejects with ConnectionError.
 */
export async function serverAddresses(
  { host, hostAddress }: ServerAddress,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (hostAddress !== undefined) return [hostAddress];
  if (isSocketDirectory(host) || isIP(host) !== 0) return [host];
  const found = await unlessLate(lookup(host, { all: true }), timeoutMs, signal);
  return found.map(each => each.address);
}

/** A question to a name server cannot be taken back; its answer is then left alone. */
function unlessLate<T>(question: Promise<T>, timeoutMs: number, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: ConnectionError): void => {
      reject(error);
    };
    const late = (): void => {
      fail(new ConnectionError('timeout', 'the name was not found in time', {}, 'reaching'));
    };
    const abort = (): void => {
      fail(new ConnectionError('aborted', 'cancelled'));
    };
    const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined;
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    question
      .then(resolve, (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        fail(new ConnectionError('network', message, { cause: error }, 'reaching'));
      })
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      });
  });
}
