import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ConnectionTarget } from '../shared/connection';
import { watchChannelBinding } from './channelBinding';
import { FirstAnswer } from './firstAnswer';
import { newPgClient, toServerError, type PgClient, type PgTls } from './pgClient';
import { ConnectionError, ServerError } from './serverError';
import { tlsAttempts } from './tlsOptions';

export interface OpenOptions {
  readonly applicationName: string;
  readonly replication: boolean;
  /** Settings of the startup packet; they win over those of the role and the database. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenedClient {
  readonly client: PgClient;
  /** How this connection is encrypted, for a cancel request that goes the same way. */
  readonly tls: PgTls;
  /** What the server reported of itself (ParameterStatus), kept current. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Connects as `target` says, with libpq's meaning of sslmode. Rejects with ServerError or ConnectionError. */
export async function openClient(
  target: ConnectionTarget,
  options: OpenOptions,
): Promise<OpenedClient> {
  const attempts = tlsAttempts(target);
  for (const [index, way] of attempts.entries()) {
    try {
      return await attempt(target, way.options(), options);
    } catch (error) {
      if (index === attempts.length - 1 || !otherWayMayHelp(error, way.encrypted)) throw error;
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
  return error.handshake || error.code === 'tls-file' || error.code === 'tls-key';
}

function attempt(
  target: ConnectionTarget,
  tls: PgTls,
  options: OpenOptions,
): Promise<OpenedClient> {
  if (options.signal?.aborted === true) return Promise.reject(abortedError());
  const client = clientFor(target, tls, options);
  const parameters = new Map<string, string>();
  client.connection.on(
    'parameterStatus',
    (message: { readonly parameterName: string; readonly parameterValue: string }) => {
      parameters.set(message.parameterName, message.parameterValue);
    },
  );
  return new Promise((resolve, reject) => {
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      finish();
    };
    const fail = (error: Error): void => {
      settle(() => {
        client.connection.stream.destroy();
        reject(error);
      });
    };
    const abort = (): void => {
      fail(abortedError());
    };
    if (target.connectTimeout > 0) {
      timer = setTimeout(() => {
        fail(new ConnectionError('timeout', `no answer within ${String(target.connectTimeout)} s`));
      }, target.connectTimeout * 1000);
    }
    options.signal?.addEventListener('abort', abort, { once: true });
    // TLS is being agreed on between these two.
    let handshake = false;
    client.connection.once('connect', () => {
      if (tls === false) guardParser(client.connection.stream);
      else handshake = true;
    });
    client.connection.once('sslconnect', () => {
      const { stream } = client.connection;
      guardParser(stream);
      stream.once('secureConnect', () => {
        handshake = false;
        if (isDirect(target) && !agreedOnPostgres(stream)) {
          fail(directRefused());
        }
      });
    });
    watchChannelBinding(client.connection, target, tls, fail);
    const failed = (error: unknown): void => {
      const known = toConnectError(error);
      if (!handshake || !(known instanceof ConnectionError)) fail(known);
      else
        fail(isDirect(target) && known.isSilentEnd() ? directRefused(error) : known.inHandshake());
    };
    // Errors after the connection stands are heard by the session that owns the client.
    client.on('error', failed);
    client.connect().then(() => {
      settle(() => {
        resolve({ client, tls, parameters });
      });
    }, failed);
  });
}

function clientFor(target: ConnectionTarget, tls: PgTls, options: OpenOptions): PgClient {
  return newPgClient({
    host: target.host,
    port: target.port,
    user: target.user,
    database: target.database,
    password: () => {
      // An empty one is none, as for libpq: no server accepts it.
      if (target.password !== undefined && target.password !== '') return target.password;
      throw new ConnectionError('password-missing', `user ${target.user} needs a password`);
    },
    tls,
    directTls: tls !== false && isDirect(target),
    channelBinding: tls !== false && target.channelBinding !== 'disable',
    applicationName: options.applicationName,
    replication: options.replication,
    options: startupOptions(target.options, options.settings),
  });
}

/**
 * `pg` parses in the socket's listener, where nobody would catch what that throws: at a value of more than
 * 512 MB, and at bytes that are no messages of Postgres. It ends the connection instead, and with it the
 * statement that asked.
 */
function guardParser(socket: Socket): void {
  const first = new FirstAnswer();
  for (const listener of socket.listeners('data') as ((chunk: Buffer) => void)[]) {
    socket.off('data', listener);
    socket.on('data', (chunk: Buffer) => {
      try {
        first.take(chunk);
        listener(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}

function isDirect(target: ConnectionTarget): boolean {
  return target.sslNegotiation === 'direct';
}

/** The server took the name of our protocol (ALPN), so that TLS ends at Postgres and nowhere else. */
function agreedOnPostgres(stream: Socket): boolean {
  return stream instanceof TLSSocket && stream.alpnProtocol === 'postgresql';
}

function directRefused(cause?: unknown): ConnectionError {
  return new ConnectionError('tls-direct-refused', 'the server does not begin with TLS', { cause });
}

function abortedError(): ConnectionError {
  return new ConnectionError('aborted', 'cancelled');
}

function toConnectError(error: unknown): Error {
  if (error instanceof ConnectionError) return error;
  const server = toServerError(error);
  if (server !== undefined) return server;
  const message = error instanceof Error ? error.message : String(error);
  // These texts are pg's own, in pg/lib/connection.js and pg/lib/client.js.
  if (message.startsWith('The server does not support SSL')) {
    return new ConnectionError('tls-refused', 'the server does not offer TLS', { cause: error });
  }
  if (message.startsWith('There was an error establishing an SSL connection')) {
    return new ConnectionError('not-postgres', 'the answer to the request for TLS is none', {
      cause: error,
    });
  }
  if (message.startsWith('SASL channel binding')) {
    return new ConnectionError(
      'channel-binding',
      'the certificate of the server cannot be bound to',
    );
  }
  if (message.startsWith('Connection terminated')) {
    return new ConnectionError('closed', 'the server closed the connection', { cause: error });
  }
  return new ConnectionError('network', message, { cause: error });
}

/** `-c name=value` for each setting, with the escapes of `pg_split_opts` (src/backend/utils/init/postinit.c). */
function startupOptions(
  own: string | undefined,
  settings: Readonly<Record<string, string>>,
): string {
  const pinned = Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, character => `\\${character}`)}`,
  );
  return [...(own === undefined ? [] : [own]), ...pinned].join(' ');
}
