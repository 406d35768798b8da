import { formatLsn } from '../base/lsn';
import { unixMsOfPgTime } from '../base/time';
import { formatPlural } from '../base/quantity';
import type { ReplicationStream, StreamEnd as TransportEnd } from '../postgres/replicationStream';
import type { StreamHandlers } from '../postgres/replicationStream';
import type { FrameSink } from '../shared/frameSink';
import type { PeekBudget } from '../shared/session';
import { reachedLimit } from './peekBudget';
import type { StreamEnd } from './sessionRequest';
import type { SessionStatus } from './sessionStatus';
import { streamEndOf } from './sinkEnd';
import type { StreamObserver } from './streamObserver';

const TICK_MS = 100;
/** The lag of a commit says nothing of the present after so long. */
const LAG_MS = 10_000;

export interface FollowOptions {
  readonly sink: FrameSink;
  readonly observer: StreamObserver;
  readonly status: SessionStatus;
  readonly budget?: PeekBudget;
  /** Changes within the budget that were shown before and come again. */
  readonly repeatedChanges: number;
  readonly idleSeconds?: number;
  /** Whether the time from commit to receipt means anything: not where old changes are read. */
  readonly showLag: boolean;
  /** What to say when everything wanted has come. */
  readonly completeMessage: string;
  /** Says in words how the server or the network ended the stream. */
  readonly explainEnd: (end: TransportEnd) => Promise<StreamEnd>;
}

/**
 * Moves frames from a stream to a sink until something ends it. The stream still stands then: who made
 * it closes it.
 */
export class StreamFollower {
  /** What ended it; never rejects. */
  readonly ended: Promise<StreamEnd>;
  readonly #options: FollowOptions;
  readonly #resolve: (end: StreamEnd) => void;
  #stream: ReplicationStream | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #over = false;
  #startedAt = 0;
  #changes = 0;
  #changeAt = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
    const { promise, resolve } = withResolvers<StreamEnd>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  /** Given to the stream before it starts: frames may come with the server's first answer. */
  get handlers(): Pick<StreamHandlers, 'onFrame' | 'onAside' | 'onEnd'> {
    return {
      onFrame: frame => {
        if (!this.#over) this.#receive(frame);
      },
      // Also what is said at the end of the stream: the sink is closed later.
      onAside: frame => this.#options.sink.appendAside?.(frame),
      onEnd: end => {
        void this.#options.explainEnd(end).then(explained => {
          this.finish(explained);
        });
      },
    };
  }

  /** The stream runs. */
  follow(stream: ReplicationStream): void {
    const { sink } = this.#options;
    this.#stream = stream;
    this.#startedAt = this.#changeAt = performance.now();
    sink.onDrain(() => {
      if (!this.#over) stream.resume();
    });
    sink.onEnd(end => {
      this.finish(streamEndOf(end));
    });
    if (this.#over) return;
    if (sink.full) stream.pause();
    this.#ticker = setInterval(() => {
      this.#tick();
    }, TICK_MS);
  }

  /** Ends it from outside. The first reason counts. */
  finish(end: StreamEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#ticker);
    this.#showProgress();
    this.#resolve(end);
  }

  #receive(frame: Uint8Array): void {
    const { sink, observer, budget, completeMessage } = this.#options;
    if (observer.observe(frame)) {
      sink.append(frame);
      if (sink.full) this.#stream?.pause();
      const limit = budget === undefined ? undefined : reachedLimit(budget, observer);
      if (limit !== undefined) this.#limit(limit);
    }
    if (observer.untilReached) this.finish({ reason: 'complete', message: completeMessage });
  }

  #tick(): void {
    const { observer, budget, idleSeconds } = this.#options;
    const now = performance.now();
    this.#showProgress();
    if (budget !== undefined && now - this.#startedAt >= budget.seconds * 1000) {
      this.#limit(`${String(budget.seconds)} seconds`);
    }
    if (observer.changes !== this.#changes) {
      this.#changes = observer.changes;
      this.#changeAt = now;
    } else if (idleSeconds !== undefined && now - this.#changeAt >= idleSeconds * 1000) {
      const message = `No change came for ${String(idleSeconds)} seconds`;
      this.finish({ reason: 'complete', message });
    }
  }

  #limit(what: string): void {
    const { observer, repeatedChanges } = this.#options;
    const again =
      repeatedChanges === 0 ? '' : ` (${formatPlural(repeatedChanges, 'change')} shown again)`;
    const inside =
      observer.lastCommitEnd === 0n
        ? ', before a transaction was complete: Continue begins it again and goes twice as far'
        : '';
    this.finish({ reason: 'limit', message: `Stopped at the limit of ${what}${again}${inside}` });
  }

  #showProgress(): void {
    const { observer, status, showLag } = this.#options;
    const { snapshot } = status;
    const { received, lastCommitEnd } = observer;
    const receivedLsn = received === 0n ? '' : formatLsn(received);
    const continueAfter = lastCommitEnd === 0n ? snapshot.continueAfter : formatLsn(lastCommitEnd);
    const skewMs = this.#stream?.skewMs;
    const lagMs = showLag ? this.#lag(skewMs ?? 0) : null;
    const same =
      snapshot.receivedLsn === receivedLsn &&
      snapshot.lagMs === lagMs &&
      snapshot.skewMs === skewMs &&
      snapshot.continueAfter === continueAfter;
    if (same) return;
    status.update({
      receivedLsn,
      lagMs,
      continueAfter,
      ...(skewMs === undefined ? {} : { skewMs }),
    });
  }

  /** From commit to receipt, both by the server's clock; an old figure would be taken for the present. */
  #lag(skewMs: number): number | null {
    const { commitSeenAt, lastCommitTime } = this.#options.observer;
    if (lastCommitTime === undefined || Date.now() - commitSeenAt > LAG_MS) return null;
    return Math.max(0, Math.round(commitSeenAt + skewMs - unixMsOfPgTime(lastCommitTime)));
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>(take => {
    resolve = take;
  });
  return { promise, resolve };
}
