import type { Lsn } from '../base/lsn';
import { formatLsn, INVALID_LSN } from '../base/lsn';
import { lsnOf } from '../postgres/catalog/rowValues';
import type { SqlSession } from '../postgres/sqlSession';
import type { CaptureNote } from '../shared/captureNote';
import type { Mark, MarkPlace, StoppedMark } from '../shared/marks';
import { MARK_NAME_LIMIT } from '../shared/marks';
import { SessionEnded } from './sessionRequest';

/** Longest wait for the stream to come to the end of a mark. */
const ARRIVE_MS = 10_000;
const LOOK_MS = 100;
/** What is not flushed by then was not committed, or by somebody who did not wait for it. */
const UNFLUSHED_MS = 1_000;
const PAGE = 8192n;
/** Sizes of the header of a WAL page, and of the first page of a segment (src/include/access/xlog_internal.h). */
const PAGE_HEADERS: readonly bigint[] = [24n, 40n];

/** What marks need of a stream that runs. */
export interface MarkedStream {
  /** The session beside the stream; undefined while it is restored. */
  readonly session: SqlSession | undefined;
  /** Everything that was committed before this position has come. */
  readonly decoded: () => Lsn;
  /** Has the server tell how far it is. */
  readonly ask: () => void;
  readonly take: (notes: readonly CaptureNote[]) => void;
  /** Something of the user's is about to be written. */
  readonly setEager: (eager: boolean) => void;
}

/**
 * The marks of one capture: the server's position at a moment, and at another. A mark asks the server where it
 * is, on the session beside the stream, and writes nothing there.
 */
export class StreamMarks {
  readonly #stream: () => MarkedStream | undefined;
  readonly #marks = new Map<number, Mark>();
  #open: Mark | undefined;
  /** One after the other: a second Stop does not find the mark of the first one open. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `stream` gives the one that runs, or undefined while none does. */
  constructor(stream: () => MarkedStream | undefined) {
    this.#stream = stream;
  }

  /** Rejects with a {@link SessionEnded} where there is no stream, or a mark is open already. */
  start(name: string): Promise<Mark> {
    return this.#inTurn(async () => {
      if (this.#open !== undefined) {
        throw refused('mark-open', `${this.#open.name} is not stopped yet`, 'Stop it first.');
      }
      const stream = this.#running();
      stream.setEager(true);
      const { place } = await readPlace(stream);
      const id = this.#marks.size + 1;
      const mark: Mark = { id, name: nameOf(name, id), from: place };
      this.#open = mark;
      this.#put(stream, mark);
      return mark;
    });
  }

  /** Ends the open mark when the stream has come to where the server is now, or after some seconds. */
  stop(): Promise<StoppedMark> {
    return this.#inTurn(async () => {
      const open = this.#open;
      if (open === undefined) throw refused('no-mark', 'There is no mark to stop', 'Start one.');
      const stream = this.#running();
      const { place, insert, flushed } = await readPlace(stream);
      const complete = await this.#arrives(insert, flushed);
      if (this.#open?.id !== open.id) {
        throw refused('no-mark', 'The mark was removed while it was stopped', 'Start another.');
      }
      // It may have another name by now.
      const mark: Mark = { ...(this.#marks.get(open.id) ?? open), to: place };
      this.#open = undefined;
      this.#stream()?.setEager(false);
      this.#put(this.#stream() ?? stream, mark);
      return { mark, complete };
    });
  }

  rename(id: number, name: string): void {
    const mark = this.#marks.get(id);
    if (mark === undefined) throw refused('no-mark', 'There is no such mark', 'Choose another.');
    const renamed = { ...mark, name: nameOf(name, id) };
    if (this.#open?.id === id) this.#open = renamed;
    this.#put(this.#running(), renamed);
  }

  remove(id: number): void {
    const mark = this.#marks.get(id);
    if (mark === undefined) throw refused('no-mark', 'There is no such mark', 'Choose another.');
    const stream = this.#running();
    if (this.#open?.id === id) {
      this.#open = undefined;
      stream.setEager(false);
    }
    stream.take([{ kind: 'mark', ...mark, removed: true }]);
  }

  #put(stream: MarkedStream, mark: Mark): void {
    this.#marks.set(mark.id, mark);
    stream.take([{ kind: 'mark', ...mark }]);
  }

  #running(): MarkedStream {
    const stream = this.#stream();
    if (stream === undefined) {
      const message = 'A mark needs a stream that runs';
      throw refused('no-stream', message, 'Tail a publication or a database first.');
    }
    return stream;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const mine = (async () => {
      await before.catch(() => undefined);
      return work();
    })();
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /**
   * False where the stream does not come there in time. The end of what is written may stand behind the
   * end of what is flushed, and the server sends no more than that: a commit that somebody waited for is
   * flushed.
   */
  async #arrives(insert: Lsn, flushed: Lsn): Promise<boolean> {
    const begun = Date.now();
    for (;;) {
      const stream = this.#stream();
      if (stream !== undefined) {
        const decoded = stream.decoded();
        const waited = Date.now() - begun;
        if (hasCome(decoded, insert)) return true;
        if (waited >= UNFLUSHED_MS && hasCome(decoded, flushed)) return true;
        stream.ask();
      }
      if (Date.now() - begun >= ARRIVE_MS) return false;
      await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    }
  }
}

/** Where the next record goes is behind the header of a page that begins there; where the last one ends is before it. */
function hasCome(decoded: Lsn, to: Lsn): boolean {
  return decoded >= to || (decoded % PAGE === 0n && PAGE_HEADERS.includes(to - decoded));
}

interface ServerPlace {
  readonly place: MarkPlace;
  readonly insert: Lsn;
  readonly flushed: Lsn;
}

async function readPlace({ session }: MarkedStream): Promise<ServerPlace> {
  const [row] = (await session?.query(PLACE_QUERY)) ?? [];
  const insert = row === undefined ? undefined : lsnOf(row, 'insert');
  if (row === undefined || insert === undefined) {
    throw refused('no-stream', 'The server cannot be asked where it is', 'Try again in a moment.');
  }
  const flushed = lsnOf(row, 'flushed') ?? INVALID_LSN;
  return { place: { lsn: formatLsn(insert), time: row['at'] ?? '' }, insert, flushed };
}

/** On a standby what was replayed is all that can be decoded. */
const PLACE_QUERY = `
  SELECT pg_catalog.to_char(pg_catalog.clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
      ELSE pg_catalog.pg_current_wal_insert_lsn() END AS insert,
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
      ELSE pg_catalog.pg_current_wal_flush_lsn() END AS flushed`;

function nameOf(name: string, id: number): string {
  const trimmed = name.trim().slice(0, MARK_NAME_LIMIT);
  return trimmed === '' ? `Mark ${String(id)}` : trimmed;
}

function refused(code: string, message: string, action: string): SessionEnded {
  return SessionEnded.failed({ code, message, action, detail: '' });
}
