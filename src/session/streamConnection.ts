import { ensureDefined } from '../base/assert';
import type { Lsn } from '../base/lsn';
import { formatLsn, INVALID_LSN } from '../base/lsn';
import type { FailureContext } from '../postgres/explainFailure';
import type { ReplicationSession, SystemIdentity } from '../postgres/replicationSession';
import { openReplicationSession } from '../postgres/replicationSession';
import { ConnectionError } from '../postgres/serverError';
import type { ReplicationStream } from '../postgres/replicationStream';
import type { WriteGate } from '../postgres/writeGate';
import type { FrameSink } from '../shared/frameSink';
import { bounded } from './bounded';
import { keepInMemory } from './decodingCrash';
import { explainStreamEnd } from './explainStreamEnd';
import { LagNotes } from './lagNotes';
import { waitUntilSlotGone } from './ownSlotEnd';
import type { SessionHooks, SessionRequest, StreamEnd } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import type { SessionStatus } from './sessionStatus';
import { StreamFollower } from './streamFollower';
import type { MarkedStream } from './streamMarks';
import { StreamNotices } from './streamNotices';
import type { StreamObserver } from './streamObserver';
import type { StreamPlan } from './streamPlan';
import type { StreamWatch } from './streamWatch';
import { watchStream } from './streamWatch';
import { sampleWho } from './whoQuery';
import { WhoSampler } from './whoSampler';

/** Bounds of the steps of an end, in milliseconds. */
const STOP_MS = 300;
const GONE_MS = 1_500;
/** Longest wait for the start of a stream: a server may look for long where a slot begins. */
const START_MS = 60_000;

export interface ConnectionOptions {
  readonly request: SessionRequest;
  readonly plan: StreamPlan;
  readonly sink: FrameSink;
  readonly observer: StreamObserver;
  readonly status: SessionStatus;
  readonly gate: WriteGate;
  readonly log: SessionHooks['log'];
  /** Of our slot and our sessions. */
  readonly name: string;
  readonly failureContext: FailureContext;
  /** Ends it from outside; the reason is a {@link SessionEnded}. */
  readonly signal: AbortSignal;
}

/** What is known when the server is ready to stream, and where that is decided from. */
export interface ReadyStream {
  readonly replication: ReplicationSession;
  readonly identity: SystemIdentity;
  /** Where a temporary slot of ours begins; undefined where there is none. */
  readonly begin: Lsn | undefined;
}

/**
 * One connection of a session that streams: the replication connection, the session beside it that watches,
 * and, where the plan says so, a temporary slot that lives as long as they do.
 */
export class StreamConnection {
  readonly #options: ConnectionOptions;
  /** Ends this connection; its reason is a {@link SessionEnded}. */
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  #watch: StreamWatch | undefined;
  #replication: ReplicationSession | undefined;
  #stream: ReplicationStream | undefined;
  #follower: StreamFollower | undefined;
  #madeSlot = false;
  #who: WhoSampler | undefined;
  #lag: LagNotes | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#abort.signal]);
  }

  /**
   * Connects, makes the slot, and starts the stream where `place` says, which may refuse. Resolves when the
   * server has answered: {@link ended} tells the rest. Throws the reason where it never will.
   */
  async open(place: (ready: ReadyStream) => Promise<Lsn>): Promise<void> {
    try {
      await this.#open(place);
    } catch (error) {
      // What ended the attempt says more than how its steps were given up.
      this.#signal.throwIfAborted();
      throw error;
    }
  }

  async #open(place: (ready: ReadyStream) => Promise<Lsn>): Promise<void> {
    const { plan, observer, name, status, log } = this.#options;
    const signal = this.#signal;
    const watch = await watchStream(plan, {
      applicationName: name,
      status,
      signal,
      finish: end => {
        this.finish(end);
      },
      sampled: sample => this.#lag?.sample(sample, observer.received),
    });
    this.#watch = watch;
    const target = watch.session?.target ?? plan.target;
    const replication = await openReplicationSession(target, { applicationName: name, signal });
    this.#replication = replication;
    this.#tellNotices(replication);
    const identity = await replication.answersInTime(() => replication.identifySystem(), signal);
    if (plan.inMemory !== undefined) {
      await replication.answersInTime(() => keepInMemory(replication), signal);
    }
    let begin: Lsn | undefined;
    if (plan.makeSlot !== undefined) {
      const side = watch.session;
      // Lost since it was opened: a network that comes and goes. It is being restored, or the end is near.
      if (side === undefined) throw new ConnectionError('closed', 'the session beside was lost');
      this.#madeSlot = true;
      begin = await plan.makeSlot(replication, side);
    }
    signal.throwIfAborted();
    const ready = { replication, identity, begin };
    const startLsn = await replication.answersInTime(() => place(ready), signal);
    signal.throwIfAborted();
    const follower = this.#newFollower(watch);
    this.#follower = follower;
    const aborted = (): void => {
      follower.finish((signal.reason as SessionEnded).end);
    };
    signal.addEventListener('abort', aborted, { once: true });
    const options = {
      slot: plan.slot,
      startLsn,
      options: Object.entries(plan.facts.pluginOptions),
      positions: {
        received: () => observer.received,
        flushed: () => this.#flushed(watch),
      },
      ...(plan.permit === undefined ? {} : { permit: plan.permit }),
    };
    const handlers = { ...follower.handlers, isServing: () => isServing(watch, replication) };
    const stream = await replication.answersInTime(
      () => replication.startLogical(options, handlers),
      signal,
      START_MS,
    );
    this.#stream = stream;
    log('info', startLine(plan, startLsn, begin));
    follower.follow(stream);
    this.#startSampling(watch);
    if (signal.aborted) aborted();
  }

  /** What ended the stream, once {@link open} has resolved; never rejects. */
  get ended(): Promise<StreamEnd> {
    return ensureDefined(this.#follower, 'a stream that was opened').ended;
  }

  /** Whether our positions are confirmed to the server. */
  get confirming(): boolean {
    return this.#options.plan.confirm !== 'never' && this.#watch?.mayConfirm === true;
  }

  /** What marks need; undefined where what is read was written long ago, or nothing can be noted. */
  get marked(): MarkedStream | undefined {
    const { observer, request, sink } = this.#options;
    const [stream, watch] = [this.#stream, this.#watch];
    if (request.kind === 'peek' || stream === undefined || watch === undefined) return undefined;
    return {
      session: watch.session,
      decoded: () => observer.decoded,
      ask: () => {
        stream.sendFeedback(true);
      },
      take: notes => sink.appendNotes?.(notes),
      setEager: eager => {
        if (this.#who !== undefined) this.#who.eager = eager;
      },
    };
  }

  /** Since when nothing had come, by `Date.now()`, where it took a while to notice. */
  get silentSince(): number | undefined {
    return this.#stream?.silentSince;
  }

  /** Ends it. A server that shuts down waits for us until everything is sent, so it is left at once. */
  finish(end: StreamEnd): void {
    this.#abort.abort(new SessionEnded(end));
    if (end.reason === 'server-shutdown') this.#abandon();
  }

  /** What the watch sees from now on does not count any more. */
  silence(): void {
    this.#stopSampling();
    this.#watch?.silence();
  }

  /** Says goodbye and leaves nothing on the server; each step is bounded, what takes longer is cut. */
  async close(end: StreamEnd): Promise<void> {
    this.#stopSampling();
    this.#watch?.silence();
    if (end.reason === 'server-shutdown') this.#abandon();
    else await this.#endReplication();
    await bounded(this.#watch?.close(), STOP_MS);
  }

  /** Lets go of a connection that was cut, so that another one can follow. */
  async drop(): Promise<void> {
    const { plan, gate } = this.#options;
    this.#stopSampling();
    this.#watch?.silence();
    const pid = this.#replication?.backendPid;
    this.#abandon();
    const side = this.#watch?.session;
    if (this.#madeSlot && side?.ended === undefined && side !== undefined && pid !== undefined) {
      // The server may not have noticed, and keep the WAL of a slot that nobody reads any more.
      await bounded(gate.endOrphan(side, plan.slot, pid), STOP_MS);
    }
    await bounded(this.#watch?.close(), STOP_MS);
  }

  /** Who reads what was written before has nobody to look at. */
  #startSampling(watch: StreamWatch): void {
    const { request, sink, status } = this.#options;
    if (request.kind === 'peek' || sink.appendNotes === undefined) return;
    this.#lag = new LagNotes(note => sink.appendNotes?.([note]));
    if (request.who === false) return;
    this.#who = new WhoSampler({
      sample: () => (watch.session === undefined ? undefined : sampleWho(watch.session)),
      take: notes => sink.appendNotes?.(notes),
      tell: who => {
        status.update({ who });
      },
    });
    this.#who.start();
  }

  #stopSampling(): void {
    this.#who?.stop();
    this.#lag?.end();
    this.#lag = undefined;
  }

  #abandon(): void {
    this.#stream?.abandon();
    this.#replication?.destroy();
  }

  #flushed(watch: StreamWatch): Lsn {
    const { plan, sink } = this.#options;
    if (plan.confirm === 'never' || !watch.mayConfirm) return INVALID_LSN;
    return plan.confirm === 'stored' ? sink.storedLsn : sink.writtenLsn;
  }

  #tellNotices(replication: ReplicationSession): void {
    const { request, plan, status, log } = this.#options;
    const notices = new StreamNotices(request.kind, plan, status, end => {
      this.finish(end);
    });
    replication.onNotice(notice => {
      notices.take(notice);
      log('warn', notice.message);
    });
  }

  #newFollower(watch: StreamWatch): StreamFollower {
    const { request, plan, sink, observer, status, failureContext } = this.#options;
    return new StreamFollower({
      sink,
      observer,
      status,
      showLag: request.kind !== 'peek',
      completeMessage: plan.completeMessage,
      explainEnd: end => {
        // From here on the stream's own end says more than a look at its slot.
        watch.silence();
        const { session: side, sample } = watch;
        const { kind } = request;
        return explainStreamEnd(end, { kind, plan, context: failureContext, side, sample });
      },
      ...(plan.budget === undefined ? {} : { budget: plan.budget }),
      repeatedChanges: plan.repeatedChanges ?? 0,
      ...(plan.idleSeconds === undefined ? {} : { idleSeconds: plan.idleSeconds }),
    });
  }

  async #endReplication(): Promise<void> {
    const { plan, gate, status, log } = this.#options;
    const replication = this.#replication;
    if (replication === undefined) return;
    const ended = await this.#stream?.stop(STOP_MS);
    if (this.#madeSlot && replication.ended === undefined) {
      const clean = ended === undefined || ended.kind === 'stopped' || ended.kind === 'completed';
      // The slot ends with the connection; dropping it first means that it is gone when we say so.
      if (clean) await bounded(gate.dropTemporarySlot(replication, plan.slot), STOP_MS);
    }
    await bounded(replication.close(), STOP_MS);
    replication.destroy();
    const side = this.#watch?.session;
    if (!this.#madeSlot || side === undefined) return;
    const isGone = await bounded(
      waitUntilSlotGone(side, gate, plan.slot, GONE_MS),
      GONE_MS + STOP_MS,
    );
    if (isGone === true) log('info', `our slot ${plan.slot} is gone`);
    // A server that cannot be asked any more has ended together with its temporary slots.
    if (isGone !== true && side.ended === undefined) {
      status.note(
        `The server still holds our slot ${plan.slot}; it goes when its process notices that we are gone`,
      );
    }
  }
}

/** A process that decodes a huge transaction may not look at its socket for long; it is there all the same. */
async function isServing(watch: StreamWatch, { backendPid }: ReplicationSession): Promise<boolean> {
  const rows = await watch.session?.query(
    'SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1',
    [String(backendPid)],
  );
  return rows !== undefined && rows.length > 0;
}

function startLine(plan: StreamPlan, startLsn: Lsn, begin: Lsn | undefined): string {
  const { publications } = plan.facts.source;
  const of = publications.length === 0 ? '' : `, publications ${publications.join(', ')}`;
  const known = startLsn === INVALID_LSN ? begin : startLsn;
  const where = known === undefined ? 'where it stands' : formatLsn(known);
  // A slot that was just made begins where the server is.
  const from = plan.facts.source.kind === 'tail' ? `now on, ${where}` : where;
  return `streaming from slot ${plan.slot}${of}, from ${from}`;
}
