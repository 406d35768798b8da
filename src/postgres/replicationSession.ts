import { INVALID_LSN, parseLsn, type Lsn } from '../base/lsn';
import type { ConnectionTarget } from '../shared/connection';
import { openClient } from './openClient';
import type { PhysicalStart } from './physicalStart';
import { ReplicationStream, type StreamHandlers, type StreamOptions } from './replicationStream';
import { ConnectionError } from './serverError';
import { replicationSettings } from './sessionSettings';
import { prepared, SqlSession, type SessionOptions, type SqlRow } from './sqlSession';

export interface ReplicationSessionOptions extends SessionOptions {
  /** Milliseconds of our silence after which the server ends the stream. Default 10 s. */
  readonly walSenderTimeoutMs?: number;
}

export interface SystemIdentity {
  readonly systemId: string;
  readonly timeline: number;
  /** Where the server's WAL ends now (flushed; replayed on a standby). */
  readonly walPosition: Lsn;
  readonly database: string;
}

const WAL_SENDER_TIMEOUT_MS = 10_000;

/** Opens a logical replication connection in `target.database`. Rejects with ServerError or ConnectionError. */
export async function openReplicationSession(
  target: ConnectionTarget,
  options: ReplicationSessionOptions,
): Promise<ReplicationSession> {
  const opened = await openClient(target, {
    ...options,
    replication: true,
    settings: replicationSettings(options.walSenderTimeoutMs ?? WAL_SENDER_TIMEOUT_MS),
  });
  return prepared(new ReplicationSession(opened), options.signal);
}

/**
 * A connection to a walsender that is bound to a database: takes replication commands and, through
 * the simple query protocol, SQL. Statements that change the server go through the write gate.
 */
export class ReplicationSession extends SqlSession {
  #stream: ReplicationStream | undefined;

  /** Values are written into the text by the caller: a walsender has no parameters. */
  override async query(sql: string): Promise<readonly SqlRow[]> {
    if (this.#stream?.isOpen === true) {
      throw new ConnectionError('closed', 'the connection is streaming and takes no commands');
    }
    return super.query(sql);
  }

  async identifySystem(): Promise<SystemIdentity> {
    const [row] = await super.query('IDENTIFY_SYSTEM');
    return {
      systemId: row?.systemid ?? '',
      timeline: Number(row?.timeline ?? 0),
      walPosition: parseLsn(row?.xlogpos ?? '') ?? INVALID_LSN,
      database: row?.dbname ?? '',
    };
  }

  /**
   * Where the history of this server left that of an older timeline: what was written there after this
   * position is not part of this server (TIMELINE_HISTORY). Undefined where it never was on that timeline.
   */
  async switchPoint(timeline: number, olderTimeline: number): Promise<Lsn | undefined> {
    const [row] = await super.query(`TIMELINE_HISTORY ${String(timeline)}`);
    // Lines of "timeline, tab, position, tab, reason"; bytea comes as hexadecimal, or as it is.
    const content = row?.content ?? '';
    const text = content.startsWith('\\x')
      ? Buffer.from(content.slice(2), 'hex').toString('latin1')
      : content;
    for (const line of text.split('\n')) {
      const [id, position] = line.trim().split(/\s+/);
      if (Number(id) === olderTimeline) return parseLsn(position ?? '');
    }
    return undefined;
  }

  /**
   * Also while the server waits for old transactions to create a slot. The timer is armed by an SQL
   * statement and goes on through the command that follows it (src/backend/tcop/postgres.c:
   * start_xact_command, ProcessInterrupts), so this comes right before that command.
   */
  override async watchForOurDeath(): Promise<boolean> {
    if (!(await super.watchForOurDeath())) return false;
    await super.query('SELECT 1');
    return true;
  }

  /**
   * Starts streaming from a slot; resolves when the server has answered with CopyBothResponse. Once a
   * connection: after a stream it takes commands, but the walsender would end a second one at once
   * (StartLogicalReplication in src/backend/replication/walsender.c does not reset its "done" flags).
   */
  startLogical(
    options: Omit<StreamOptions, 'physical'> & { readonly slot: string },
    handlers: StreamHandlers,
  ): Promise<ReplicationStream> {
    return this.#start(options, handlers);
  }

  /** Starts streaming WAL itself, once a connection, with a physical slot or with none. */
  startPhysical(
    options: Omit<StreamOptions, 'options'> & { readonly physical: PhysicalStart },
    handlers: StreamHandlers,
  ): Promise<ReplicationStream> {
    return this.#start({ ...options, options: [] }, handlers);
  }

  async #start(options: StreamOptions, handlers: StreamHandlers): Promise<ReplicationStream> {
    if (this.ended !== undefined || this.#stream?.wasStarted === true) {
      throw new ConnectionError('closed', 'a stream needs a new connection');
    }
    const stream = new ReplicationStream(this.opened.client.connection.stream, options, {
      ...handlers,
      onNotice: notice => {
        this.noteNotice(notice);
        handlers.onNotice?.(notice);
      },
      onServerError: error => {
        this.noteError(error);
      },
    });
    this.#stream = stream;
    const ended = this.onEnd(end => {
      stream.connectionLost(end);
    });
    try {
      await stream.start();
    } finally {
      if (!stream.isOpen) ended.dispose();
    }
    return stream;
  }
}
