import { INVALID_LSN } from '../base/lsn';
import type { FailureContext } from '../postgres/explainFailure';
import { ownName } from '../postgres/ownName';
import { anyServer, formatServers } from '../postgres/serverList';
import { WriteGate } from '../postgres/writeGate';
import type { FrameSink } from '../shared/frameSink';
import type { SessionSnapshot, StopReason } from '../shared/session';
import { STOP_ENDS } from '../shared/session';
import { Backoff } from './backoff';
import { afterAbort, bounded } from './bounded';
import { CrashLoop } from './crashLoop';
import { crashLoopEnd, explainError, failedEnd } from './endReasons';
import { planStream } from './planStream';
import { sentence } from './sentence';
import type { SessionHooks, SessionRequest, StreamEnd } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import { SessionStatus } from './sessionStatus';
import { streamEndOf } from './sinkEnd';
import { runSqlPeek } from './sqlPeek';
import { StreamConnection } from './streamConnection';
import { StreamMarks } from './streamMarks';
import { StreamObserver } from './streamObserver';
import type { StreamLoss } from './streamPlaces';
import { StreamPlaces } from './streamPlaces';
import type { StreamPlan } from './streamPlan';
import { TypeReader } from './typeReader';

/** What is consumed must be on the disk before the last confirmation, even if that takes a while. */
const FLUSH_MS = 10_000;
const CLOSE_MS = 2_000;
/** A stream that ran for so long has no trouble any more. */
const CALM_MS = 10_000;
/** How often a wait is told anew. */
const TELL_MS = 1_000;

const CHECK_PLACE = 'Check that the folder exists and that you may write there.';

/**
 * One look at a server: connects, finds out what is possible, makes a temporary slot of its own, moves
 * frames to a sink, comes back when it is cut off, and leaves nothing behind however it ends.
 */
export class StreamSession {
  /** The last snapshot; never rejects. Nothing of ours is left on the server then, as far as we can tell. */
  readonly ended: Promise<SessionSnapshot>;
  readonly #request: SessionRequest;
  readonly #hooks: SessionHooks;
  readonly #status: SessionStatus;
  readonly #gate: WriteGate;
  readonly #name: string;
  /** Ends the stream; its reason is a {@link SessionEnded}. */
  readonly #abort = new AbortController();
  /** Somebody asked for the end and waits for it. */
  readonly #asked = new AbortController();
  #plan: StreamPlan | undefined;
  #sink: FrameSink | undefined;
  #connection: StreamConnection | undefined;
  #observer: StreamObserver | undefined;
  /** Positions of the server that the user noted. */
  readonly marks = new StreamMarks(() =>
    this.#status.snapshot.phase === 'streaming' ? this.#connection?.marked : undefined,
  );
  readonly #backoff = new Backoff();
  readonly #crashes = new CrashLoop();
  /** Ends the wait before the next attempt to come back; undefined while there is none. */
  #wake: (() => void) | undefined;
  /** What the sink could not write, also after the stream had ended. */
  #sinkFailure: StreamEnd | undefined;

  constructor(request: SessionRequest, hooks: SessionHooks) {
    this.#request = request;
    this.#hooks = hooks;
    this.#gate = new WriteGate(request.profile);
    const { target } = request;
    this.#name = ownName(request.kind, target.user);
    const initial: SessionSnapshot = {
      kind: request.kind,
      phase: 'connecting',
      message: `Connecting to ${formatServers(target)}.`,
      slot: '',
      confirming: false,
      retainedBytes: null,
      retainedBudget: request.retainedBudget,
      costBytes: null,
      lagMs: null,
      receivedLsn: '',
      continueAfter:
        request.kind === 'peek' && request.method === 'copy' ? (request.startAfter ?? '') : '',
      notes: [],
    };
    this.#status = new SessionStatus(initial, snapshot => {
      hooks.onSnapshot(snapshot);
    });
    this.ended = this.#run();
  }

  get #failureContext(): FailureContext {
    const target = this.#plan?.target ?? this.#request.target;
    return 'slot' in this.#request ? { target, slot: this.#request.slot } : { target };
  }

  /** Whether a whole transaction has come. */
  get progressed(): boolean {
    return (this.#observer?.lastCommitEnd ?? INVALID_LSN) !== INVALID_LSN;
  }

  get snapshot(): SessionSnapshot {
    return this.#status.snapshot;
  }

  /** Tries at once to come back, where the session waits before it does. */
  reconnectNow(): void {
    this.#wake?.();
  }

  /** Ends the session; resolves when nothing of ours is left. */
  async stop(reason: StopReason): Promise<void> {
    this.#finish({ reason, ...STOP_ENDS[reason] });
    this.#asked.abort();
    await this.ended;
  }

  async #run(): Promise<SessionSnapshot> {
    let end: StreamEnd;
    try {
      end = await this.#look();
    } catch (error) {
      end = explainError(error, this.#failureContext);
    }
    this.#status.enter('ending', end.message);
    await this.#close(end);
    // What was on its way when the stream ended may have met a full disk since.
    if (end.failure === undefined) end = this.#sinkFailure ?? end;
    // What was still on its way has been given up.
    if (end.reason === 'complete' && this.#asked.signal.aborted) {
      end = { reason: 'stopped', message: 'Stopped' };
    }
    const { failure } = end;
    this.#hooks.log('debug', `ended: ${end.reason}: ${end.message}`);
    if (failure !== undefined && failure.detail !== '') this.#hooks.log('warn', failure.detail);
    this.#status.enter('ended', end.message, {
      endReason: end.reason,
      retainedBytes: null,
      ...(failure === undefined ? {} : { failure }),
    });
    return this.#status.snapshot;
  }

  async #look(): Promise<StreamEnd> {
    const { signal } = this.#abort;
    const plan = await planStream(this.#request, {
      gate: this.#gate,
      status: this.#status,
      signal,
      name: this.#name,
    });
    this.#plan = plan;
    signal.throwIfAborted();
    const sink = await this.#openSink(plan);
    this.#sink = sink;
    this.#readTypes(plan, sink);
    signal.throwIfAborted();
    if (this.#request.kind === 'peek' && this.#request.method === 'sql') {
      return runSqlPeek(plan, { sink, status: this.#status, signal });
    }
    return this.#follow(plan, sink);
  }

  async #openSink(plan: StreamPlan): Promise<FrameSink> {
    try {
      return await this.#hooks.openSink(plan.facts);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'output';
      const action =
        error instanceof Error && 'action' in error ? String(error.action) : CHECK_PLACE;
      throw SessionEnded.failed({ code, message, action, detail: message });
    }
  }

  async #follow(plan: StreamPlan, sink: FrameSink): Promise<StreamEnd> {
    const observer = new StreamObserver(plan.facts.source.plugin);
    this.#observer = observer;
    if (plan.untilLsn !== undefined) observer.until = plan.untilLsn;
    const places = new StreamPlaces(sink, observer, this.#status);
    let connection = this.#newConnection(plan, { sink, observer, name: this.#name });
    await connection.open(ready => places.first(plan, ready));
    for (;;) {
      const openedAt = Date.now();
      const { lastCommitEnd } = observer;
      this.#status.enter('streaming', streamingMessage(plan), {
        slot: plan.slot,
        confirming: connection.confirming,
      });
      const end = await connection.ended;
      if (!this.#comesBack(end)) return end;
      if (this.#crashes.note(end, observer.lastCommitEnd)) return crashLoopEnd(plan.target);
      // A large transaction that breaks off in its middle each time is no progress.
      const progress = observer.lastCommitEnd !== lastCommitEnd;
      if (progress || Date.now() - openedAt > CALM_MS) this.#backoff.reset();
      ({ plan, connection } = await this.#comeBack(end, connection, places, { sink, observer }));
    }
  }

  /** The sink asks the server of this plan for types from now on. */
  #readTypes(plan: StreamPlan, sink: FrameSink): void {
    sink.useTypes?.(new TypeReader(plan, this.#name, this.#status, this.#abort.signal));
  }

  #newConnection(
    plan: StreamPlan,
    parts: { readonly sink: FrameSink; readonly observer: StreamObserver; readonly name: string },
  ): StreamConnection {
    this.#plan = plan;
    const connection = new StreamConnection({
      ...parts,
      plan,
      request: this.#request,
      status: this.#status,
      gate: this.#gate,
      log: (level, message) => {
        this.#hooks.log(level, message);
      },
      failureContext: this.#failureContext,
      signal: this.#abort.signal,
    });
    this.#connection = connection;
    return connection;
  }

  /** Whether a stream that ended so is taken up again. A peek shows what is pending now, or is begun again. */
  #comesBack(end: StreamEnd): boolean {
    const { kind, reconnect } = this.#request;
    if (end.passing !== true || this.#abort.signal.aborted) return false;
    // What crashed the server once would crash it again.
    if (this.#plan?.inMemory === 'forced') return false;
    return kind !== 'peek' && reconnect !== false;
  }

  /** Takes a stream up again that was cut, however long it takes; throws what ends the session for good. */
  async #comeBack(
    end: StreamEnd,
    cut: StreamConnection,
    places: StreamPlaces,
    parts: { readonly sink: FrameSink; readonly observer: StreamObserver },
  ): Promise<{ readonly plan: StreamPlan; readonly connection: StreamConnection }> {
    const { signal } = this.#abort;
    const loss: StreamLoss = {
      reason: end.message.replace(/\.$/, ''),
      at: cut.silentSince ?? Date.now(),
    };
    let trouble = end;
    this.#hooks.log('warn', detailOf(end));
    parts.sink.onEnd(ended => {
      this.#finish(streamEndOf(ended));
    });
    await cut.drop();
    for (;;) {
      await this.#pause(trouble);
      const attempt = `attempt ${String(this.#backoff.attempt)}`;
      this.#status.enter(
        'reconnecting',
        `${sentence(trouble.message)} Trying again now (${attempt})`,
      );
      let connection: StreamConnection | undefined;
      try {
        const name = ownName(this.#request.kind, this.#request.target.user);
        // Any server of the list: another one may have taken over.
        const request = { ...this.#request, target: anyServer(this.#request.target) };
        const plan = await planStream(request, {
          gate: this.#gate,
          status: this.#status,
          signal,
          name,
        });
        connection = this.#newConnection(plan, { ...parts, name });
        // It may be another server, and the one before is gone.
        this.#readTypes(plan, parts.sink);
        await connection.open(ready => places.next(plan, ready, loss));
        return { plan, connection };
      } catch (error) {
        await connection?.drop();
        signal.throwIfAborted();
        trouble = slotGone(explainError(error, this.#failureContext), this.#request);
        if (trouble.passing !== true) throw new SessionEnded(trouble);
        this.#hooks.log('debug', `${attempt}: ${detailOf(trouble)}`);
      }
    }
  }

  /** Waits before the next attempt, and says for how long; {@link reconnectNow} ends the wait. */
  async #pause(trouble: StreamEnd): Promise<void> {
    const { signal } = this.#abort;
    const until = Date.now() + this.#backoff.next();
    const attempt = `attempt ${String(this.#backoff.attempt)}`;
    const more = { retainedBytes: null, lagMs: null };
    for (let left = until - Date.now(); left > 0; left = until - Date.now()) {
      const seconds = Math.max(1, Math.round(left / 1000));
      const message = `${sentence(trouble.message)} Trying again in ${String(seconds)} s (${attempt})`;
      this.#status.enter('reconnecting', message, more);
      if (await this.#sleep(Math.min(left, TELL_MS))) break;
    }
    signal.throwIfAborted();
  }

  /** Resolves after this time, with true when somebody does not want to wait. */
  #sleep(ms: number): Promise<boolean> {
    const { signal } = this.#abort;
    return new Promise(resolve => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve(true);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve(false);
      }, ms);
      this.#wake = wake;
      if (signal.aborted) wake();
      else signal.addEventListener('abort', wake, { once: true });
    });
  }

  #finish(end: StreamEnd): void {
    this.#abort.abort(new SessionEnded(end));
  }

  /** Each step is bounded; what cannot be said goodbye to is cut. */
  async #close(end: StreamEnd): Promise<void> {
    const connection = this.#connection;
    connection?.silence();
    if (this.#plan?.confirm === 'stored' && end.reason !== 'server-shutdown') {
      await bounded(this.#sink?.flush(), FLUSH_MS);
    }
    await connection?.close(end);
    await this.#closeSink(end);
  }

  /**
   * Decoded events may still be on their way, for long where much was assembled or nobody reads. Who
   * asks for the end, now or meanwhile, does not wait for that.
   */
  async #closeSink(end: StreamEnd): Promise<void> {
    const sink = this.#sink;
    if (sink === undefined) return;
    sink.onEnd(end => {
      if (end.kind !== 'enough') this.#sinkFailure = streamEndOf(end);
    });
    const { signal } = this.#asked;
    const giveUp = (): void => {
      if (this.#plan?.confirm !== 'stored') sink.stop();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    const released = this.#hooks.releaseSink?.(sink, end) ?? sink.close();
    const closed = released.catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      const message = `The output could not be closed: ${detail}`;
      const failure = { code: 'write-failed', message, action: '', detail };
      this.#sinkFailure ??= streamEndOf({ kind: 'failed', failure });
    });
    await Promise.race([closed, afterAbort(signal, CLOSE_MS)]);
    signal.removeEventListener('abort', giveUp);
  }
}

/** A slot that was there when the stream began: that it is missing now is another sentence. */
function slotGone(end: StreamEnd, request: SessionRequest): StreamEnd {
  if (end.failure?.code !== 'slot-missing' || request.kind !== 'consume') return end;
  const message = `The slot ${JSON.stringify(request.slot)} was dropped, or this server never had it`;
  return failedEnd('slot-lost', 'slot-dropped', message, 'Its consumer needs a new slot.');
}

/** An end for the log: what a person reads, and what the server said. */
function detailOf({ message, failure }: StreamEnd): string {
  const detail = failure?.detail ?? '';
  return detail === '' ? message : `${sentence(message)} ${detail}`;
}

function streamingMessage(plan: StreamPlan): string {
  const { source } = plan.facts;
  const what = source.publications.length > 0 ? source.publications.join(', ') : source.title;
  switch (source.kind) {
    case 'peek':
      return `Looking at ${source.slot}`;
    case 'consume':
      return `Consuming ${source.slot}`;
    default:
      return `Following ${what}`;
  }
}
