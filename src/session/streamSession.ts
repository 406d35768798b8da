import { ensureDefined } from '../base/assert';
import type { Lsn } from '../base/lsn';
import { formatLsn, INVALID_LSN } from '../base/lsn';
import { gapFrame } from '../capture/frame';
import type { FailureContext } from '../postgres/explainFailure';
import { ownName } from '../postgres/ownName';
import type { ReplicationSession } from '../postgres/replicationSession';
import { openReplicationSession } from '../postgres/replicationSession';
import type { ReplicationStream } from '../postgres/replicationStream';
import { WriteGate } from '../postgres/writeGate';
import type { FrameSink } from '../shared/frameSink';
import type { SessionSnapshot, StopReason } from '../shared/session';
import { STOP_ENDS } from '../shared/session';
import { afterAbort, bounded } from './bounded';
import { explainError } from './endReasons';
import { explainStreamEnd } from './explainStreamEnd';
import { waitUntilSlotGone } from './ownSlotEnd';
import { planStream } from './planStream';
import type { SessionHooks, SessionRequest, StreamEnd } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import { SessionStatus } from './sessionStatus';
import { streamEndOf } from './sinkEnd';
import { runSqlPeek } from './sqlPeek';
import { StreamFollower } from './streamFollower';
import { StreamObserver } from './streamObserver';
import { StreamNotices } from './streamNotices';
import type { StreamPlan } from './streamPlan';
import type { StreamWatch } from './streamWatch';
import { watchStream } from './streamWatch';

/** Bounds of the steps of an end, in milliseconds; all together they stay under three seconds. */
const STOP_MS = 300;
const GONE_MS = 1_500;
/** What is consumed must be on the disk before the last confirmation, even if that takes a while. */
const FLUSH_MS = 10_000;
const CLOSE_MS = 2_000;

const CHECK_PLACE = 'Check that the folder exists and that you may write there.';

/**
 * One look at a server: connects, finds out what is possible, makes a temporary slot of its own, moves
 * frames to a sink, and leaves nothing behind however it ends.
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
  #replication: ReplicationSession | undefined;
  #stream: ReplicationStream | undefined;
  #watch: StreamWatch | undefined;
  #observer: StreamObserver | undefined;
  #madeSlot = false;
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
      message: `Connecting to ${target.host}:${String(target.port)}.`,
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
    const { signal } = this.#abort;
    const { kind } = this.#request;
    const watch = await watchStream(plan, {
      applicationName: this.#name,
      status: this.#status,
      signal,
      finish: end => {
        this.#finish(end);
      },
    });
    this.#watch = watch;
    const replication = await openReplicationSession(plan.target, {
      applicationName: this.#name,
      signal,
    });
    this.#replication = replication;
    const notices = new StreamNotices(kind, plan, this.#status, end => {
      this.#finish(end);
    });
    replication.onNotice(notice => {
      notices.take(notice);
      this.#hooks.log('warn', notice.message);
    });
    let begin: Lsn | undefined;
    if (plan.makeSlot !== undefined) {
      this.#madeSlot = true;
      const side = ensureDefined(watch.session, 'the session beside');
      begin = await plan.makeSlot(replication, side);
      this.#tellMissed(plan, sink, begin);
    }
    signal.throwIfAborted();
    const observer = new StreamObserver(plan.facts.source.plugin);
    this.#observer = observer;
    if (plan.untilLsn !== undefined) observer.until = plan.untilLsn;
    const follower = new StreamFollower({
      sink,
      observer,
      status: this.#status,
      showLag: this.#request.kind !== 'peek',
      completeMessage: plan.completeMessage,
      explainEnd: end => {
        // From here on the stream's own end says more than a look at its slot.
        watch.silence();
        const { session: side, sample } = watch;
        return explainStreamEnd(end, { kind, plan, context: this.#failureContext, side, sample });
      },
      ...(plan.budget === undefined ? {} : { budget: plan.budget }),
      repeatedChanges: plan.repeatedChanges ?? 0,
      ...(plan.idleSeconds === undefined ? {} : { idleSeconds: plan.idleSeconds }),
    });
    const aborted = (): void => {
      follower.finish((signal.reason as SessionEnded).end);
    };
    signal.addEventListener('abort', aborted, { once: true });
    const stream = await replication.startLogical(
      {
        slot: plan.slot,
        startLsn: plan.startLsn,
        options: Object.entries(plan.facts.pluginOptions),
        positions: {
          received: () => observer.received,
          flushed: () => {
            if (plan.confirm === 'never' || !watch.mayConfirm) return INVALID_LSN;
            return plan.confirm === 'stored' ? sink.storedLsn : sink.writtenLsn;
          },
        },
        ...(plan.permit === undefined ? {} : { permit: plan.permit }),
      },
      follower.handlers,
    );
    this.#stream = stream;
    this.#hooks.log('info', startLine(plan, begin));
    this.#status.enter('streaming', streamingMessage(plan), {
      slot: plan.slot,
      confirming: plan.confirm !== 'never' && watch.mayConfirm,
    });
    follower.follow(stream);
    if (signal.aborted) aborted();
    return follower.ended;
  }

  /** A slot never goes back: what its consumer has confirmed meanwhile is not sent (LogicalConfirmReceivedLocation, src/backend/replication/logical/logical.c). */
  #tellMissed(plan: StreamPlan, sink: FrameSink, begin: Lsn | undefined): void {
    const { startLsn } = plan;
    if (startLsn === INVALID_LSN || begin === undefined || begin <= startLsn) return;
    const reason = 'The consumer of the slot has moved on';
    this.#status.note(`${reason}, from ${formatLsn(startLsn)} to ${formatLsn(begin)}`);
    sink.append(gapFrame({ from: startLsn, to: begin, reason }));
  }

  #finish(end: StreamEnd): void {
    this.#abort.abort(new SessionEnded(end));
    if (end.reason !== 'server-shutdown') return;
    // A server that shuts down waits for us until everything is sent.
    this.#stream?.abandon();
    this.#replication?.destroy();
  }

  /** Each step is bounded; what cannot be said goodbye to is cut. */
  async #close(end: StreamEnd): Promise<void> {
    const gone = end.reason === 'server-shutdown';
    this.#watch?.silence();
    if (this.#plan?.confirm === 'stored' && !gone) {
      await bounded(this.#sink?.flush(), FLUSH_MS);
    }
    if (gone) {
      this.#stream?.abandon();
      this.#replication?.destroy();
    } else {
      await this.#endReplication();
    }
    await this.#closeSink(end);
    await bounded(this.#watch?.close(), STOP_MS);
  }

  async #endReplication(): Promise<void> {
    const replication = this.#replication;
    if (replication === undefined) return;
    const plan = this.#plan;
    const ended = await this.#stream?.stop(STOP_MS);
    if (this.#madeSlot && plan !== undefined && replication.ended === undefined) {
      const clean = ended === undefined || ended.kind === 'stopped' || ended.kind === 'completed';
      // The slot ends with the connection; dropping it first means that it is gone when we say so.
      if (clean) {
        await bounded(this.#gate.dropTemporarySlot(replication, plan.slot), STOP_MS);
      }
    }
    await bounded(replication.close(), STOP_MS);
    replication.destroy();
    const side = this.#watch?.session;
    if (!this.#madeSlot || plan === undefined || side === undefined) return;
    const isGone = await bounded(
      waitUntilSlotGone(side, this.#gate, plan.slot, GONE_MS),
      GONE_MS + STOP_MS,
    );
    if (isGone === true) this.#hooks.log('info', `our slot ${plan.slot} is gone`);
    // A server that cannot be asked any more has ended together with its temporary slots.
    if (isGone !== true && side.ended === undefined) {
      this.#status.note(
        `The server still holds our slot ${plan.slot}; it goes when its process notices that we are gone`,
      );
    }
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

function startLine(plan: StreamPlan, begin: Lsn | undefined): string {
  const { publications } = plan.facts.source;
  const of = publications.length === 0 ? '' : `, publications ${publications.join(', ')}`;
  const from = plan.startLsn === INVALID_LSN ? begin : plan.startLsn;
  // A slot that was just made begins where the server is.
  const where = from === undefined ? 'now on' : formatLsn(from);
  return `streaming from slot ${plan.slot}${of}, from ${where}`;
}

function streamingMessage(plan: StreamPlan): string {
  const { source } = plan.facts;
  const what = source.publications.length > 0 ? source.publications.join(', ') : source.slot;
  switch (source.kind) {
    case 'peek':
      return `Looking at ${source.slot}`;
    case 'consume':
      return `Consuming ${source.slot}`;
    default:
      return `Following ${what}`;
  }
}
