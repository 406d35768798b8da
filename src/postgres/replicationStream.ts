import type { Socket } from 'node:net';
import { ByteReader } from '../base/byteReader';
import { formatLsn, INVALID_LSN, type Lsn } from '../base/lsn';
import { unixMsOfPgTime } from '../base/time';
import { CopyFramer } from './copyFramer';
import type { WritePermit } from './changes/writePermit';
import { WriteRefused } from './changes/writeRefused';
import { isOwnName } from './ownName';
import { readNextTimeline, type NextTimeline, type PhysicalStart } from './physicalStart';
import { quoteIdentifier, quoteReplicationLiteral } from './quote';
import { ReadPacer } from './readPacer';
import { ServerClock } from './serverClock';
import { SilenceWatch } from './silenceWatch';
import { ConnectionError, isLastWord, ServerError, type SessionEnd } from './serverError';
import type { Keepalive } from '../base/replicationFrame';
import { KEEPALIVE, readKeepalive, statusUpdateMessage } from './statusUpdate';

export interface StreamOptions {
  /** Absent only in a physical stream: the server may then recycle WAL before it has sent it. */
  readonly slot?: string;
  /** WAL itself instead of what an output plugin makes of it; {@link options} are none then. */
  readonly physical?: PhysicalStart;
  /** Where to start; 0/0 means the slot's own position, and so does anything before it (server rule). */
  readonly startLsn: Lsn;
  /** Options of the output plugin, names and values raw. */
  readonly options: readonly (readonly [name: string, value: string])[];
  readonly positions: PositionPolicy;
  /**
   * Of the write gate: needed to confirm anything on a slot that is not one of ours. Without it the
   * server is told no flushed position, whatever {@link positions} says.
   */
  readonly permit?: WritePermit;
  /** Milliseconds between status updates; default 1 s. */
  readonly feedbackIntervalMs?: number;
  /** Milliseconds of silence after which the server is asked for an answer; default 5 s. */
  readonly silenceMs?: number;
}

/**
 * What the status updates tell the server. Read for each update, so that the receiver only has to
 * keep its positions current. A flushed position of 0 confirms nothing: the slot stays where it is,
 * and we can never be taken for a synchronous standby.
 */
export interface PositionPolicy {
  received(): Lsn;
  flushed(): Lsn;
}

/** How a stream ended. */
export type StreamEnd =
  /** We asked for it and the server agreed; the connection takes commands again. */
  | { readonly kind: 'stopped' }
  /** We asked for it and the server did not answer in time; the connection is destroyed. */
  | { readonly kind: 'abandoned' }
  /**
   * The server ended it by itself: at a shutdown after everything was sent or, in a physical stream, where
   * the timeline ends.
   */
  | { readonly kind: 'completed'; readonly nextTimeline?: NextTimeline }
  /** The server reported an error; the SQLSTATE says which, 57P01 to 57P03 are a shutdown. */
  | { readonly kind: 'error'; readonly error: ServerError }
  | { readonly kind: 'lost'; readonly message: string };

export interface StreamHandlers {
  /**
   * Each CopyData payload, an XLogData (`w`) or keepalive (`k`) as it was received: a view that is
   * good only during the call. Must not throw; a throw ends the stream as `lost`.
   */
  readonly onFrame: (payload: Uint8Array) => void;
  /**
   * What else is said on the connection: the content of each CopyData that we have sent, and a single
   * byte, {@link OUR_COPY_DONE} or {@link SERVER_COPY_DONE}, where a side says that it is done. A view as above.
   */
  readonly onAside?: (frame: Uint8Array) => void;
  /** Called once. */
  readonly onEnd: (end: StreamEnd) => void;
  readonly onNotice?: (notice: ServerError) => void;
  readonly onKeepalive?: (keepalive: Keepalive) => void;
  /**
   * The server was asked for an answer and gave none in time. Resolves with whether its process is there
   * all the same, busy with decoding; otherwise, and without this, the connection is lost.
   */
  readonly isServing?: () => Promise<boolean>;
}

export interface SessionHooks {
  readonly onServerError: (error: ServerError) => void;
}

const FEEDBACK_INTERVAL_MS = 1_000;
const STOP_TIMEOUT_MS = 1_000;
/** Half of the time after which the server ends a silent client of ours. */
const SILENCE_MS = 5_000;

type Phase = 'starting' | 'streaming' | 'stopping' | 'ended';

type DataListener = (chunk: Uint8Array) => void;

/**
 * The CopyBoth part of a replication connection. While it lasts, the socket's bytes come here and
 * not to `pg`, whose parser would make an object and an event of each message; a message costs one
 * call here. After a clean end the socket is given back and the connection takes commands again.
 */
export class ReplicationStream {
  readonly #socket: Socket;
  readonly #options: StreamOptions;
  readonly #handlers: StreamHandlers & SessionHooks;
  readonly #mayConfirm: boolean;
  readonly #pacer: ReadPacer;
  readonly #framer: CopyFramer;
  readonly #clock = new ServerClock();
  #silence: SilenceWatch | undefined;
  #driverListeners: readonly DataListener[] = [];
  #phase: Phase = 'starting';
  #wasStarted = false;
  #started: { resolve(): void; reject(error: Error): void } | undefined;
  #feedback: NodeJS.Timeout | undefined;
  #stopTimer: NodeJS.Timeout | undefined;
  #serverDone = false;
  #nextTimeline: NextTimeline | undefined;
  #error: ServerError | undefined;
  readonly #endWaiters: ((end: StreamEnd) => void)[] = [];
  #end: StreamEnd | undefined;

  /** Throws WriteRefused where the options would change a slot of somebody's. */
  constructor(socket: Socket, options: StreamOptions, handlers: StreamHandlers & SessionHooks) {
    assertKeepsSlot(options);
    this.#socket = socket;
    this.#options = options;
    this.#mayConfirm = mayChangeSlot(options);
    this.#handlers = handlers;
    this.#pacer = new ReadPacer(socket);
    this.#framer = new CopyFramer((type, body) => {
      this.#receive(type, body);
    });
  }

  /** Whether the server has taken the start command. */
  get wasStarted(): boolean {
    return this.#wasStarted;
  }

  get isOpen(): boolean {
    return this.#phase !== 'ended';
  }

  /** Milliseconds that the server's clock is ahead of ours, negative where it is behind; undefined while not known. */
  get skewMs(): number | undefined {
    return this.#clock.skewMs;
  }

  /** Since when the server was silent, by `Date.now()`, where that is longer than it is by itself. */
  get silentSince(): number | undefined {
    return this.#silence?.silentSince(Date.now());
  }

  /** Sends START_REPLICATION and waits for the answer. */
  start(): Promise<void> {
    this.#driverListeners = this.#socket.listeners('data') as DataListener[];
    for (const listener of this.#driverListeners) this.#socket.off('data', listener);
    this.#socket.on('data', this.#onData);
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
      this.#socket.write(queryMessage(startCommand(this.#options)));
    });
  }

  /** Stops reading, for as long as there is no room for more; status updates go on. */
  pause(): void {
    this.#pacer.hold();
    this.#silence?.hold();
  }

  resume(): void {
    this.#pacer.release();
    this.#silence?.release(Date.now());
  }

  /**
   * Tells the server our positions now, as when something was just made durable; `ask` has it answer with
   * a keepalive.
   */
  sendFeedback(ask = false): void {
    if (this.#phase !== 'streaming' || !this.#socket.writable) return;
    const flushed = this.#mayConfirm ? this.#options.positions.flushed() : INVALID_LSN;
    const received = this.#options.positions.received();
    const now = Date.now();
    if (ask) this.#clock.asked(now);
    const message = statusUpdateMessage({ written: received, flushed, applied: flushed }, now, ask);
    this.#socket.write(message);
    this.#handlers.onAside?.(message.subarray(COPY_DATA_HEADER));
  }

  /**
   * Ends the stream: last status update, CopyDone, then a bounded wait for the server to agree. In
   * the middle of a big transaction the server first sends all of it; then, and when it is silent,
   * the socket is destroyed. Frames that arrive meanwhile are dropped. Never rejects.
   */
  stop(timeoutMs = STOP_TIMEOUT_MS): Promise<StreamEnd> {
    if (this.#end !== undefined) return Promise.resolve(this.#end);
    const ended = new Promise<StreamEnd>(resolve => this.#endWaiters.push(resolve));
    if (this.#phase === 'streaming' || this.#phase === 'starting') {
      this.sendFeedback();
      this.#phase = 'stopping';
      clearInterval(this.#feedback);
      this.#pacer.release();
      if (!this.#serverDone) this.#sendCopyDone();
      this.#stopTimer = setTimeout(() => {
        this.#socket.destroy();
        this.#finish({ kind: 'abandoned' });
      }, timeoutMs);
    }
    return ended;
  }

  /** Closes the socket at once, without a word: the server must not wait for us any longer. */
  abandon(): void {
    if (this.#phase === 'ended') return;
    this.#socket.destroy();
    this.#finish({ kind: 'abandoned' });
  }

  /** The session tells that its connection is gone. */
  connectionLost(end: SessionEnd): void {
    if (this.#phase === 'ended') return;
    if (this.#error !== undefined) this.#finish({ kind: 'error', error: this.#error });
    else if (this.#phase === 'stopping' || end.closedByUs) this.#finish({ kind: 'abandoned' });
    else if (this.#serverDone) this.#finish({ kind: 'completed' });
    else this.#finish({ kind: 'lost', message: end.message });
  }

  readonly #onData: DataListener = chunk => {
    try {
      this.#framer.push(chunk);
    } catch (error) {
      this.#socket.destroy();
      const message = error instanceof Error ? error.message : String(error);
      this.#finish({ kind: 'lost', message });
      return;
    }
    this.#silence?.heard(Date.now());
    if (this.#phase === 'streaming') this.#pacer.noteRead(chunk.length, performance.now());
  };

  #receive(type: number, body: Uint8Array): void {
    switch (type) {
      case COPY_DATA:
        if (this.#phase === 'streaming') this.#receiveFrame(body);
        return;
      case COPY_BOTH_RESPONSE:
        this.#begin();
        return;
      case COPY_DONE_TYPE:
        this.#receiveCopyDone();
        return;
      case ERROR_RESPONSE:
        this.#error = readFields(body);
        this.#handlers.onServerError(this.#error);
        return;
      case NOTICE_RESPONSE: {
        const notice = readFields(body);
        if (isLastWord(notice)) this.#error = notice;
        this.#handlers.onNotice?.(notice);
        return;
      }
      case READY_FOR_QUERY:
        this.#receiveReady();
        return;
      case DATA_ROW:
        if (this.#options.physical !== undefined) this.#nextTimeline = readNextTimeline(body);
        return;
      default:
        // CommandComplete, ParameterStatus and whatever a later version sends between: no concern.
        return;
    }
  }

  #begin(): void {
    if (this.#phase !== 'starting') return;
    this.#phase = 'streaming';
    this.#wasStarted = true;
    const { feedbackIntervalMs = FEEDBACK_INTERVAL_MS, silenceMs = SILENCE_MS } = this.#options;
    const silence = new SilenceWatch({ askMs: silenceMs, answerMs: silenceMs }, Date.now());
    this.#silence = silence;
    this.#feedback = setInterval(() => {
      const now = Date.now();
      const state = silence.look(now, feedbackIntervalMs);
      this.sendFeedback(state !== 'fine' || this.#clock.wants(now));
      if (state === 'silent') void this.#askWhetherServed();
    }, feedbackIntervalMs);
    this.#started?.resolve();
    this.#started = undefined;
  }

  async #askWhetherServed(): Promise<void> {
    let isServed = false;
    try {
      isServed = (await this.#handlers.isServing?.()) ?? false;
    } catch {
      // Nobody could say that it is.
    }
    if (isServed || this.#phase !== 'streaming') return;
    this.#socket.destroy();
    this.#finish({ kind: 'lost', message: 'the server does not answer any more' });
  }

  #receiveFrame(payload: Uint8Array): void {
    this.#handlers.onFrame(payload);
    if (payload[0] !== KEEPALIVE) return;
    const keepalive = readKeepalive(payload);
    this.#clock.heard(Date.now(), unixMsOfPgTime(keepalive.sendTime));
    this.#handlers.onKeepalive?.(keepalive);
    if (keepalive.replyRequested) this.sendFeedback();
  }

  /** The server has nothing more to send; the answer to ours, or its own wish at a shutdown. */
  #receiveCopyDone(): void {
    this.#serverDone = true;
    this.#handlers.onAside?.(Uint8Array.of(SERVER_COPY_DONE));
    if (this.#phase === 'streaming') this.#sendCopyDone();
  }

  #sendCopyDone(): void {
    this.#socket.write(COPY_DONE);
    this.#handlers.onAside?.(Uint8Array.of(OUR_COPY_DONE));
  }

  /** The command is over: after CopyDone on both sides, or after an error. */
  #receiveReady(): void {
    const wasStopping = this.#phase === 'stopping';
    const next = this.#nextTimeline;
    // A stream from the very end of a timeline has no bytes: the server says at once what comes next.
    if (next !== undefined && this.#phase === 'starting') this.#begin();
    this.#giveSocketBack();
    if (this.#error !== undefined) this.#finish({ kind: 'error', error: this.#error });
    else if (wasStopping) this.#finish({ kind: 'stopped' });
    else this.#finish({ kind: 'completed', ...(next === undefined ? {} : { nextTimeline: next }) });
  }

  #giveSocketBack(): void {
    this.#socket.off('data', this.#onData);
    for (const listener of this.#driverListeners) this.#socket.on('data', listener);
    this.#pacer.release();
    this.#pacer.dispose();
    this.#socket.resume();
  }

  #finish(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    const started = this.#started;
    this.#end = end;
    this.#phase = 'ended';
    clearInterval(this.#feedback);
    clearTimeout(this.#stopTimer);
    this.#pacer.dispose();
    if (started !== undefined) {
      started.reject(
        end.kind === 'error'
          ? end.error
          : new ConnectionError('closed', 'the connection ended before the stream began'),
      );
    } else {
      this.#handlers.onEnd(end);
    }
    for (const waiter of this.#endWaiters) waiter(end);
  }
}

const COPY_DATA = 0x64; // 'd'
const COPY_DONE_TYPE = 0x63; // 'c'
const COPY_BOTH_RESPONSE = 0x57; // 'W'
const ERROR_RESPONSE = 0x45; // 'E'
const NOTICE_RESPONSE = 0x4e; // 'N'
const READY_FOR_QUERY = 0x5a; // 'Z'
const DATA_ROW = 0x44; // 'D'
const COPY_DONE = Uint8Array.of(COPY_DONE_TYPE, 0, 0, 0, 4);
/** Bytes of a CopyData message before its content: type and length. */
const COPY_DATA_HEADER = 5;

/** As `c` and `C` in a capture (docs/capture-format.md): the message itself has no content. */
export const OUR_COPY_DONE = 0x63;
export const SERVER_COPY_DONE = 0x43;

/** A slot of ours ends with us; what is done to another one needs the gate's permission. */
function mayChangeSlot({ slot, permit }: StreamOptions): boolean {
  if (slot === undefined) return false;
  return isOwnName(slot) || permit?.covers('consume-slot', slot) === true;
}

/** Asked for at the start, `two_phase` stays on for good (`CreateDecodingContext`, src/backend/replication/logical/logical.c). */
function assertKeepsSlot(options: StreamOptions): void {
  if (mayChangeSlot(options) || !options.options.some(([name]) => name === 'two_phase')) return;
  throw new WriteRefused(
    'no-permission',
    `Streaming the slot ${JSON.stringify(options.slot)} with two_phase would change it for good.`,
  );
}

/** `START_REPLICATION SLOT s LOGICAL X/X (name 'value', ...)`, or `[SLOT s] PHYSICAL X/X [TIMELINE t]`. */
export function startCommand(options: StreamOptions): string {
  const lsn = formatLsn(options.startLsn);
  const slot = options.slot === undefined ? '' : `SLOT ${quoteIdentifier(options.slot)} `;
  if (options.physical !== undefined) {
    const { timeline } = options.physical;
    const on = timeline === undefined ? '' : ` TIMELINE ${String(timeline)}`;
    return `START_REPLICATION ${slot}PHYSICAL ${lsn}${on}`;
  }
  const list = options.options
    .map(([name, value]) => `${quoteIdentifier(name)} ${quoteReplicationLiteral(value)}`)
    .join(', ');
  const start = `START_REPLICATION ${slot}LOGICAL ${lsn}`;
  return list === '' ? start : `${start} (${list})`;
}

/** The simple query message `Q`. */
function queryMessage(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const message = new Uint8Array(1 + 4 + body.length + 1);
  message[0] = 0x51;
  new DataView(message.buffer).setUint32(1, 4 + body.length + 1);
  message.set(body, 5);
  return message;
}

/** The fields of an ErrorResponse or NoticeResponse. */
function readFields(body: Uint8Array): ServerError {
  const reader = new ByteReader(body);
  const fields = new Map<string, string>();
  while (reader.remaining > 1) {
    const code = String.fromCharCode(reader.u8('field'));
    fields.set(code, reader.cstring('value'));
  }
  const text = (code: string): string => fields.get(code) ?? '';
  return new ServerError(text('M'), text('C'), text('V') || text('S'), text('D'), text('H'));
}
