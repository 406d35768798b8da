import type { ConnectionTarget } from '../shared/connection';
import { tlsHost } from './connectAttempt';
import { newPgConnection, type PgTls } from './pgClient';
import { ConnectionError } from './serverError';
import { newServerSocket } from './serverSocket';

const CANCEL_TIMEOUT_MS = 5_000;

/**
 * Sends a CancelRequest to the very server that the session has reached, on a connection of its own that
 * is encrypted as the session is, because the key in it is a secret. Resolves when the server has closed that
 * connection, which it does when the signal is sent; whether it did any good shows on the session itself.
 */
export function sendCancelRequest(
  target: ConnectionTarget,
  tls: PgTls,
  processId: number,
  secretKey: number,
): Promise<void> {
  const direct = tls !== false && target.sslNegotiation === 'direct';
  const address = target.reached ?? target.hostAddress ?? target.host;
  const connection = newPgConnection(() => newServerSocket(target, address), tls, direct);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      connection.stream.destroy();
      reject(new ConnectionError('timeout', 'the server did not take the cancel request'));
    }, CANCEL_TIMEOUT_MS);
    connection.on('connect', () => {
      if (tls === false) connection.cancel(processId, secretKey);
      else if (!direct) connection.requestSsl();
    });
    connection.on('sslconnect', () => {
      connection.cancel(processId, secretKey);
    });
    connection.on('error', (error: Error) => {
      clearTimeout(timer);
      connection.stream.destroy();
      reject(new ConnectionError('network', error.message, { cause: error }));
    });
    connection.on('end', () => {
      clearTimeout(timer);
      resolve();
    });
    connection.connect(target.port, tlsHost(target, address));
  });
}
