import { Client, Connection, type ClientConfig } from 'pg';
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { ServerError } from './serverError';

/**
 * The one place that knows what `pg` has inside and @types/pg does not say. The names are those of
 * pg/lib/client.js and pg/lib/connection.js of the version pinned in package.json.
 */
export interface PgConnection extends EventEmitter {
  /** The TCP or Unix socket, or the TLS socket once encryption is agreed on. */
  stream: Socket;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

export interface PgResult {
  readonly fields: readonly { readonly name: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface PgClient extends EventEmitter {
  readonly connection: PgConnection;
  readonly processID: number;
  readonly secretKey: number;
  connect(): Promise<unknown>;
  query(config: {
    readonly text: string;
    readonly values?: readonly (string | null)[];
    readonly rowMode: 'array';
  }): Promise<PgResult | readonly PgResult[]>;
  end(): Promise<void>;
}

/** TLS as `pg` takes it: off, or options for `tls.connect`. */
export type PgTls = false | TlsOptions;

export interface PgClientConfig {
  /** Makes the socket, which knows where to go. */
  readonly socket: () => Socket;
  /** The server's name for TLS. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: () => string;
  readonly tls: PgTls;
  /** TLS begins at once, without the question whether there is any. */
  readonly directTls: boolean;
  /** Takes SCRAM-SHA-256-PLUS where it is offered; of use only with TLS. */
  readonly channelBinding: boolean;
  /** Seconds, or none; see ConnectionTarget. */
  readonly keepalivesIdle: number | 'off' | undefined;
  readonly applicationName: string;
  readonly replication: boolean;
  /** The startup packet's `options`. */
  readonly options: string;
}

/** Seconds of silence after which the operating system probes whether the server is there. */
const KEEPALIVES_IDLE = 10;
/** What systems take by themselves (RFC 1122), in seconds; the runtime cannot leave it to them. */
const SYSTEM_KEEPALIVES_IDLE = 7_200;

/**
 * Every parameter is given, so that `pg` looks up nothing in the environment by itself: it would
 * otherwise read PGOPTIONS, PGAPPNAME, PGSSLMODE and the password file by rules of its own.
 */
export function newPgClient(config: PgClientConfig): PgClient {
  const idle = config.keepalivesIdle ?? KEEPALIVES_IDLE;
  const full = {
    stream: config.socket,
    host: config.host,
    port: config.port,
    user: config.user,
    database: config.database,
    password: config.password,
    ssl: config.tls,
    sslnegotiation: config.directTls ? 'direct' : 'postgres',
    enableChannelBinding: config.channelBinding,
    application_name: config.applicationName,
    // Not even `false` for plain sessions: a pooler may refuse the parameter itself.
    ...(config.replication ? { replication: 'database' } : {}),
    options: config.options,
    keepAlive: idle !== 'off',
    ...(idle === 'off'
      ? {}
      : { keepAliveInitialDelayMillis: (idle === 0 ? SYSTEM_KEEPALIVES_IDLE : idle) * 1000 }),
    // Values stay Postgres's text; the global registry of pg-types is never asked.
    types: { getTypeParser: () => (value: string) => value },
  };
  return new Client(full as unknown as ClientConfig) as unknown as PgClient;
}

/** A bare connection, for the cancel request, which is a connection of its own. */
export function newPgConnection(
  socket: () => Socket,
  tls: PgTls,
  directTls: boolean,
): PgConnection {
  const config = { stream: socket, ssl: tls, sslNegotiation: directTls ? 'direct' : 'postgres' };
  return new Connection(config) as unknown as PgConnection;
}

/** The error or notice object of pg-protocol as ours; undefined when it is something else. */
export function toServerError(value: unknown): ServerError | undefined {
  if (typeof value !== 'object' || value === null || !('severity' in value)) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const field = fields[name];
    return typeof field === 'string' ? field : '';
  };
  return new ServerError(
    text('message'),
    text('code'),
    text('severity'),
    text('detail'),
    text('hint'),
  );
}
