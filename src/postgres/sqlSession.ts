import type { Disposable } from '../base/disposable';
import { toDisposable } from '../base/disposable';
import type { ConnectionTarget } from '../shared/connection';
import { sendCancelRequest } from './cancelRequest';
import { abortedError } from './connectAttempt';
import { openClient, type OpenedClient } from './openClient';
import { toServerError, type PgResult } from './pgClient';
import { quoteLiteral } from './quote';
import { ConnectionError, isLastWord, ServerError, type SessionEnd } from './serverError';
import { SshError } from './ssh/sshError';
import { clientEncodingToSet, sqlSessionSettings, versionNumber } from './sessionSettings';

/** A row by column name; every value is Postgres's text form, or null for SQL NULL. */
export type SqlRow = Readonly<Record<string, string | null>>;

/** What a session of either kind is opened with. */
export interface SessionOptions {
  readonly applicationName: string;
  readonly signal?: AbortSignal | undefined;
}

export interface SqlSessionOptions extends SessionOptions {
  /** Longest time of one statement in milliseconds; 0 for no limit. Default 30 s. */
  readonly statementTimeoutMs?: number;
}

const STATEMENT_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** Longest wait for an answer to what is asked before there is a stream, in milliseconds. */
const ANSWER_TIMEOUT_MS = 15_000;
/** How often the server looks whether we are still there while a statement of ours runs. */
const CONNECTION_CHECK_MS = 1_000;

/** Opens a plain SQL session with our settings pinned. Rejects with ServerError or ConnectionError. */
export async function openSqlSession(
  target: ConnectionTarget,
  options: SqlSessionOptions,
): Promise<SqlSession> {
  const opened = await openClient(target, {
    ...options,
    replication: false,
    settings: sqlSessionSettings(options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS),
  });
  return prepared(new SqlSession(opened), options.signal);
}

/** The session when it is ready for use; one that cannot be made ready is closed. */
export async function prepared<S extends SqlSession>(
  session: S,
  signal: AbortSignal | undefined,
): Promise<S> {
  try {
    await session.answersInTime(() => session.prepare(), signal);
  } catch (error) {
    session.destroy();
    throw error;
  }
  return session;
}

/**
 * One connection of ours and its life. Base of the replication session too, whose walsender takes
 * only the simple query protocol and therefore no parameters.
 */
export class SqlSession {
  readonly #opened: OpenedClient;
  readonly #endListeners = new Set<(end: SessionEnd) => void>();
  readonly #noticeListeners = new Set<(notice: ServerError) => void>();
  #lastError: ServerError | undefined;
  #end: SessionEnd | undefined;
  #sshSaid: string | undefined;
  #closing = false;
  /** Resolves when the statement that runs now is over. */
  #running: Promise<void> | undefined;

  constructor(opened: OpenedClient) {
    this.#opened = opened;
    const { client } = opened;
    client.connection.on('errorMessage', (message: unknown) => {
      this.noteError(toServerError(message));
    });
    // The server goes on after an error, so that one will not be the reason of our end.
    client.connection.on('readyForQuery', () => {
      this.noteError(undefined);
    });
    client.on('notice', (message: unknown) => {
      const notice = toServerError(message);
      if (notice !== undefined) this.noteNotice(notice);
    });
    client.on('error', (error: unknown) => {
      // What ssh wrote before it ended; all else that a socket says is no more than that it is gone.
      if (error instanceof SshError) this.#sshSaid = error.message;
    });
    client.on('end', () => {
      this.noteEnd();
    });
  }

  /** The server that was reached, out of those that could be: the target for sessions beside this one. */
  get target(): ConnectionTarget {
    return this.#opened.target;
  }

  /** Process id of the server process that serves this session. */
  get backendPid(): number {
    return this.#opened.client.processID;
  }

  /** As `server_version_num`, such as 180004. */
  get serverVersionNum(): number {
    return versionNumber(this.parameter('server_version'));
  }

  get majorVersion(): number {
    return Math.floor(this.serverVersionNum / 10_000);
  }

  /** True when the connection is encrypted. */
  get encrypted(): boolean {
    return this.#opened.tls !== false;
  }

  /** How the session ended; undefined while it lives. */
  get ended(): SessionEnd | undefined {
    return this.#end;
  }

  /** A value that the server reports by itself, such as `server_version` or `server_encoding`. */
  parameter(name: string): string | undefined {
    return this.#opened.parameters.get(name);
  }

  /** Runs one statement; parameters are text. Rejects with ServerError or ConnectionError. */
  async query(sql: string, values: readonly (string | null)[] = []): Promise<readonly SqlRow[]> {
    // One at a time: `pg` warns on standard error where it has to queue them itself.
    while (this.#running !== undefined) await this.#running;
    if (this.#end !== undefined) throw this.#lostError();
    const asked = this.#opened.client.query({
      text: sql,
      ...(values.length > 0 ? { values } : {}),
      rowMode: 'array',
    });
    const over = (): void => {
      this.#running = undefined;
    };
    this.#running = asked.then(over, over);
    let result: PgResult | readonly PgResult[];
    try {
      result = await asked;
    } catch (error) {
      const server = toServerError(error);
      if (server !== undefined) throw server;
      throw this.#lostError(error);
    }
    const last = isSeveral(result) ? result.at(-1) : result;
    if (last === undefined) return [];
    const names = last.fields.map(field => field.name);
    // fromEntries defines own properties, so that a column named __proto__ is a column.
    return last.rows.map(row =>
      Object.fromEntries(names.map((name, column) => [name, row[column] ?? null])),
    );
  }

  /**
   * Has the server end what runs for us when we are gone without a word, within about a second; by itself
   * it notices only when it sends. Resolves to false where its system cannot do it, and nothing is lost.
   */
  async watchForOurDeath(): Promise<boolean> {
    try {
      await this.query(`SET client_connection_check_interval = ${String(CONNECTION_CHECK_MS)}`);
      return true;
    } catch (error) {
      if (error instanceof ServerError) return false;
      throw error;
    }
  }

  /** Asks the server to give up the statement that runs now, through a connection of its own. */
  async cancel(): Promise<void> {
    if (this.#end !== undefined) return;
    const { client, tls } = this.#opened;
    await sendCancelRequest(this.target, tls, client.processID, client.secretKey);
  }

  /** Called once when the session is over, at once when it is over already. */
  onEnd(listener: (end: SessionEnd) => void): Disposable {
    if (this.#end !== undefined) {
      listener(this.#end);
      return toDisposable(() => undefined);
    }
    this.#endListeners.add(listener);
    return toDisposable(() => this.#endListeners.delete(listener));
  }

  /** Notices and warnings of the server. */
  onNotice(listener: (notice: ServerError) => void): Disposable {
    this.#noticeListeners.add(listener);
    return toDisposable(() => this.#noticeListeners.delete(listener));
  }

  /** Says goodbye and closes; after a second without an answer the socket is destroyed. Never rejects. */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#closing = true;
    const timer = setTimeout(() => {
      this.destroy();
    }, CLOSE_TIMEOUT_MS);
    try {
      await this.#opened.client.end();
    } catch {
      this.destroy();
    } finally {
      clearTimeout(timer);
      this.noteEnd();
    }
  }

  /** Closes the socket without a word; the server notices at its next read or write. */
  destroy(): void {
    this.#closing = true;
    this.#opened.client.connection.stream.destroy();
    this.noteEnd();
  }

  /** The server does not answer any more: gives the connection up, as if the network had. */
  dropForSilence(): void {
    if (this.#end !== undefined) return;
    this.#opened.client.connection.stream.destroy();
    this.noteEnd();
  }

  /**
   * Waits for what was asked of the server, but neither for ever where the network takes everything and gives
   * nothing, nor when the signal is aborted: the connection is given up then, and so is the question.
   */
  async answersInTime<T>(
    ask: () => Promise<T>,
    signal: AbortSignal | undefined,
    ms = ANSWER_TIMEOUT_MS,
  ): Promise<T> {
    const isAborted = (): boolean => signal?.aborted === true;
    if (isAborted()) throw abortedError();
    const silence = { noticed: false };
    const timer = setTimeout(() => {
      silence.noticed = true;
      this.dropForSilence();
    }, ms);
    const abort = (): void => {
      this.destroy();
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await ask();
    } catch (error) {
      if (isAborted()) throw abortedError();
      if (!silence.noticed) throw error;
      throw new ConnectionError('timeout', `no answer within ${String(ms / 1000)} s`);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Sets what cannot be in the startup packet. */
  async prepare(): Promise<void> {
    const statements: string[] = [];
    const encoding = clientEncodingToSet(this.#opened.parameters);
    if (encoding !== undefined) statements.push(`SET client_encoding = ${quoteLiteral(encoding)}`);
    // A role may limit transactions from 17 on; a decoding session would run into it.
    if (this.serverVersionNum >= 170_000) statements.push('SET transaction_timeout = 0');
    if (statements.length > 0) await this.query(statements.join('; '));
  }

  protected get opened(): OpenedClient {
    return this.#opened;
  }

  protected get closing(): boolean {
    return this.#closing;
  }

  protected noteError(error: ServerError | undefined): void {
    this.#lastError = error;
  }

  protected noteNotice(notice: ServerError): void {
    // At an immediate shutdown or a crash the server warns, and is gone.
    if (isLastWord(notice)) this.noteError(notice);
    for (const listener of [...this.#noticeListeners]) listener(notice);
  }

  protected noteEnd(): void {
    if (this.#end !== undefined) return;
    const error = this.#closing ? undefined : this.#lastError;
    this.#end = {
      closedByUs: this.#closing,
      ...(error === undefined ? {} : { error }),
      message: this.#closing ? 'closed' : (error?.message ?? this.#lostMessage),
    };
    for (const listener of [...this.#endListeners]) listener(this.#end);
    this.#endListeners.clear();
  }

  get #lostMessage(): string {
    const lost = 'the connection was lost';
    return this.#sshSaid === undefined ? lost : `${lost}; ssh: ${this.#sshSaid}`;
  }

  #lostError(cause?: unknown): Error {
    if (this.#lastError !== undefined && !this.#closing) return this.#lastError;
    return new ConnectionError('closed', this.#end?.message ?? 'the connection was lost', {
      cause,
    });
  }
}

function isSeveral(result: PgResult | readonly PgResult[]): result is readonly PgResult[] {
  return Array.isArray(result);
}
