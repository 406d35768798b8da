import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ConnectionTarget } from '../shared/connection';
import { watchChannelBinding } from './channelBinding';
import { FirstAnswer } from './firstAnswer';
import { newPgClient, toServerError, type PgClient, type PgTls } from './pgClient';
import { watchRequiredAuth } from './requireAuth';
import { ConnectionError, type ConnectionStage } from './serverError';
import { newServerSocket } from './serverSocket';
import { requireServerKind, type ServerKind } from './sessionAttrs';

export interface OpenOptions {
  readonly applicationName: string;
  readonly replication: boolean;
  /** Settings of the startup packet; they win over those of the role and the database. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** One way to one address of one server. */
export interface Attempt {
  /** With this server alone. */
  readonly target: ConnectionTarget;
  readonly address: string;
  readonly tls: PgTls;
  readonly kind: ServerKind;
  /** When it is given up, by `performance.now()`. */
  readonly deadline: number;
}

export interface AttemptedClient {
  readonly client: PgClient;
  /** What the server reported of itself (ParameterStatus), kept current. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Connects, authenticates and looks whether the server is of the kind that is asked for. Rejects with
 * ServerError or ConnectionError; nothing is left open then.
 */
export function attemptConnection(
  attempt: Attempt,
  options: OpenOptions,
): Promise<AttemptedClient> {
  const { target, tls, kind, deadline } = attempt;
  if (options.signal?.aborted === true) return Promise.reject(abortedError());
  const client = clientFor(attempt, options);
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
    if (Number.isFinite(deadline)) {
      timer = setTimeout(
        () => {
          fail(new ConnectionError('timeout', `no answer within ${target.connectTimeout} s`));
        },
        Math.max(0, deadline - performance.now()),
      );
    }
    options.signal?.addEventListener('abort', abort, { once: true });
    let stage: ConnectionStage = 'reaching';
    client.connection.once('connect', () => {
      stage = tls === false ? 'talking' : 'handshake';
      if (tls === false) guardParser(client.connection.stream);
    });
    client.connection.once('sslconnect', () => {
      const { stream } = client.connection;
      guardParser(stream);
      stream.once('secureConnect', () => {
        stage = 'talking';
        if (isDirect(target) && !agreedOnPostgres(stream)) {
          fail(directRefused());
        }
      });
    });
    watchChannelBinding(client.connection, target, tls, fail);
    watchRequiredAuth(client.connection, target.requireAuth, fail);
    const failed = (error: unknown): void => {
      const known = toConnectError(error);
      if (!(known instanceof ConnectionError)) fail(known);
      else if (stage === 'handshake' && isDirect(target) && known.isSilentEnd()) {
        fail(directRefused(error));
      } else fail(known.at(stage));
    };
    // Errors after the connection stands are heard by the session that owns the client.
    client.on('error', failed);
    client
      .connect()
      .then(() => requireServerKind(kind, client, parameters))
      .then(() => {
        settle(() => {
          resolve({ client, parameters });
        });
      }, failed);
  });
}

function clientFor({ target, address, tls }: Attempt, options: OpenOptions): PgClient {
  return newPgClient({
    socket: () => newServerSocket(target, address),
    host: tlsHost(target, address),
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
    keepalivesIdle: target.keepalivesIdle,
    applicationName: options.applicationName,
    replication: options.replication,
    options: startupOptions(target.options, options.settings),
  });
}

/** What `pg` tells the server before encryption (SNI): the name, which it leaves out where it has an address. */
export function tlsHost(target: ConnectionTarget, address: string): string {
  if (target.sslSni !== false) return target.host;
  return isIP(address) === 0 ? '0.0.0.0' : address;
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

export function abortedError(): ConnectionError {
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
  const method = /^Unknown authenticationOk message type (\d+)/.exec(message)?.[1];
  if (method !== undefined || message.startsWith('SASL: Only mechanism')) {
    return new ConnectionError('auth-method', UNKNOWN_METHODS[method ?? ''] ?? 'another way');
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

/** By the number of the server's request (src/include/libpq/protocol.h). */
const UNKNOWN_METHODS: Readonly<Record<string, string>> = {
  '2': 'Kerberos',
  '7': 'GSSAPI',
  '9': 'SSPI',
};
