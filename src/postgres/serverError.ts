import type { ServerAddress } from '../shared/connection';

/**
 * An ErrorResponse of the server, or a NoticeResponse, with the fields that people need
 * (doc: "Error and Notice Message Fields"). The SQLSTATE never depends on the server's language.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    message: string,
    /** Five characters, such as `57P01`; empty when the server sent none. */
    readonly sqlState: string,
    /** `ERROR`, `FATAL`, `WARNING`, ... in the server's language. */
    readonly severity = '',
    readonly detail = '',
    readonly hint = '',
  ) {
    super(message);
  }
}

/**
 * Whether the server takes its leave with it, be it an error or, at an immediate shutdown and after the
 * crash of another process, a warning (src/backend/tcop/postgres.c: quickdie).
 */
export function isLastWord(error: ServerError): boolean {
  return error.sqlState === '57P01' || error.sqlState === '57P02';
}

/** Why there is no connection, or none any more, when the server itself has not said it. */
export type ConnectionErrorCode =
  | 'timeout'
  | 'aborted'
  | 'closed'
  | 'password-missing'
  | 'tls-refused'
  | 'tls-no-root-certificate'
  | 'tls-file'
  | 'tls-key'
  | 'tls-direct-refused'
  | 'channel-binding'
  | 'require-auth'
  | 'auth-method'
  | 'wrong-server'
  | 'no-server'
  | 'not-postgres'
  | 'ssh'
  | 'network';

/** How far an attempt to connect had come: `reaching` ends with a TCP or Unix connection. */
export type ConnectionStage = 'reaching' | 'handshake' | 'talking';

export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError';

  constructor(
    readonly code: ConnectionErrorCode,
    message: string,
    options?: ErrorOptions,
    /** When it happened; `handshake` is while TLS was being agreed on. */
    readonly stage: ConnectionStage = 'talking',
  ) {
    super(message, options);
  }

  at(stage: ConnectionStage): ConnectionError {
    return new ConnectionError(this.code, this.message, { cause: this.cause }, stage);
  }

  /** Whether the other side just went away. */
  isSilentEnd(): boolean {
    const cause = this.cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    return this.code === 'closed' || code === 'ECONNRESET' || code === 'EPIPE';
  }
}

/** What became of one server of a list. */
export interface ServerAttempt {
  readonly server: ServerAddress;
  readonly error: Error;
}

/** No server of a list took the connection. */
export class NoServerError extends ConnectionError {
  override readonly name = 'NoServerError';

  constructor(
    /** In the order in which they were tried; at least one. */
    readonly attempts: readonly ServerAttempt[],
    /** The last one answered in a way that the others would too, such as by refusing the password. */
    readonly final: boolean,
  ) {
    super('no-server', 'no server of the list took the connection', {
      cause: attempts.at(-1)?.error,
    });
  }
}

/** How a session ended: by us (`closed`), or otherwise with what the server said last, if anything. */
export interface SessionEnd {
  readonly closedByUs: boolean;
  /** The server's last word, such as 57P01 at a shutdown; absent when the connection was just gone. */
  readonly error?: ServerError;
  readonly message: string;
}
