import { formatLsn, INVALID_LSN, lsnDistance, parseLsn, type Lsn } from '../base/lsn';
import { formatBytes } from '../base/quantity';
import { gapFrame, seamFrame } from '../capture/frame';
import { quoteLiteral } from '../postgres/quote';
import type { SystemIdentity } from '../postgres/replicationSession';
import type { FrameSink } from '../shared/frameSink';
import { compareServers, serverBehind } from './serverHistory';
import { SessionEnded } from './sessionRequest';
import type { SessionStatus } from './sessionStatus';
import type { ReadyStream } from './streamConnection';
import type { StreamObserver } from './streamObserver';
import type { StreamPlan } from './streamPlan';

/** A cut: why, and when by this machine's clock in milliseconds. */
export interface StreamLoss {
  readonly reason: string;
  readonly at: number;
}

const MOVED_ON = 'The slot has moved on without us';

/**
 * Decides where each stream of a session begins, and tells the sink what lies between it and the one
 * before: a seam, where nothing is missing, or a gap.
 *
 * A slot that stays is read on from the end of the last complete transaction, exactly: the server sends
 * what commits at or after that position (SnapBuildXactNeedsSkip, src/backend/replication/logical/snapbuild.c).
 * A temporary slot is gone with its connection: what commits before the next one begins is in the gap.
 */
export class StreamPlaces {
  readonly #sink: FrameSink;
  readonly #observer: StreamObserver;
  readonly #status: SessionStatus;
  #identity: SystemIdentity | undefined;
  /** Where the last temporary slot, or the slot that stays, began: what commits before it is none of ours. */
  #begin: Lsn = INVALID_LSN;
  /** What had come when the last seam was written. */
  #bytesAtSeam = -1;

  constructor(sink: FrameSink, observer: StreamObserver, status: SessionStatus) {
    this.#sink = sink;
    this.#observer = observer;
    this.#status = status;
  }

  /** Where the first stream begins; 0/0 is where the slot stands. */
  async first(plan: StreamPlan, ready: ReadyStream): Promise<Lsn> {
    this.#identity = ready.identity;
    const { begin } = ready;
    if (begin !== undefined) {
      this.#begin = begin;
      this.#tellMissed(plan, begin);
      return plan.startLsn;
    }
    const confirmed = await confirmedBy(plan, ready);
    this.#begin = confirmed;
    const after = this.#sink.resumeAfter;
    if (after === undefined) return plan.startLsn;
    if (confirmed > after) this.#gap({ from: after, to: confirmed, reason: MOVED_ON });
    return after;
  }

  /** Where the stream after a cut begins. Throws {@link SessionEnded} where none can follow. */
  async next(plan: StreamPlan, ready: ReadyStream, loss: StreamLoss): Promise<Lsn> {
    const { begin } = ready;
    const start =
      begin === undefined
        ? await this.#nextOfSlot(plan, ready, loss)
        : await this.#nextOfTail(begin, ready, loss);
    this.#identity = ready.identity;
    return start;
  }

  async #nextOfTail(begin: Lsn, ready: ReadyStream, loss: StreamLoss): Promise<Lsn> {
    const received = highest(this.#observer.received, this.#begin);
    const { lostAfter } = await this.#compare(ready, received);
    const from = lostAfter ?? received;
    if (lostAfter !== undefined) {
      this.#status.note(
        `The server is behind what was received: what came after ${formatLsn(lostAfter)}, up to ${formatLsn(received)}, does not exist on it any more`,
      );
    }
    this.#begin = begin;
    const seconds = secondsSince(loss);
    this.#gap({ from, to: begin, reason: loss.reason, seconds });
    this.#observer.skip(begin);
    const went = `The stream went on at ${formatLsn(begin)} after ${seconds.toFixed(1)} s`;
    this.#status.note(
      begin < from
        ? `${went}: the server had come as far as ${formatLsn(from)} before, so some of it comes a second time`
        : `${went}: ${formatBytes(Number(lsnDistance(from, begin)))} of WAL since ${formatLsn(from)} was not seen`,
    );
    return INVALID_LSN;
  }

  async #nextOfSlot(plan: StreamPlan, ready: ReadyStream, loss: StreamLoss): Promise<Lsn> {
    const complete = highest(this.#observer.lastCommitEnd, this.#sink.resumeAfter ?? INVALID_LSN);
    const { lostAfter } = await this.#compare(ready, complete);
    if (lostAfter !== undefined) throw serverBehind(ready.replication.target, complete, lostAfter);
    const confirmed = await confirmedBy(plan, ready);
    const seen = highest(highest(complete, this.#observer.received), this.#begin);
    const seconds = secondsSince(loss);
    if (confirmed > seen) {
      const reason = `${loss.reason}. ${MOVED_ON}`;
      this.#gap({ from: seen, to: confirmed, reason, seconds });
      this.#observer.skip(confirmed);
      this.#status.note(
        `${MOVED_ON}: it stands at ${formatLsn(confirmed)}, and ${formatLsn(seen)} was received`,
      );
      return complete;
    }
    const after = complete === INVALID_LSN ? confirmed : complete;
    if (this.#bytesAtSeam !== this.#observer.bytes) {
      this.#bytesAtSeam = this.#observer.bytes;
      this.#sink.append(seamFrame({ after }));
    }
    this.#observer.restart();
    this.#status.note(
      `The stream went on after ${formatLsn(after)}, ${seconds.toFixed(1)} s later: nothing is missing`,
    );
    return complete;
  }

  async #compare(ready: ReadyStream, received: Lsn): ReturnType<typeof compareServers> {
    const { replication, identity } = ready;
    if (this.#identity === undefined) return {};
    return compareServers(this.#identity, replication, identity, received);
  }

  /** A slot never goes back: what its consumer has confirmed meanwhile is not sent (LogicalConfirmReceivedLocation, src/backend/replication/logical/logical.c). */
  #tellMissed({ startLsn }: StreamPlan, begin: Lsn): void {
    if (startLsn === INVALID_LSN || begin <= startLsn) return;
    const reason = 'The consumer of the slot has moved on';
    this.#status.note(`${reason}, from ${formatLsn(startLsn)} to ${formatLsn(begin)}`);
    this.#gap({ from: startLsn, to: begin, reason });
  }

  #gap(gap: Parameters<typeof gapFrame>[0]): void {
    this.#sink.append(gapFrame(gap));
  }
}

/** What the slot's reader, we or another one, has confirmed. */
async function confirmedBy({ slot }: StreamPlan, { replication }: ReadyStream): Promise<Lsn> {
  const [row] = await replication.query(
    `SELECT confirmed_flush_lsn FROM pg_catalog.pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)}`,
  );
  const confirmed = parseLsn(row?.confirmed_flush_lsn ?? '');
  if (confirmed !== undefined) return confirmed;
  throw SessionEnded.failed({
    code: 'slot-dropped',
    message: `The slot ${JSON.stringify(slot)} was dropped at this moment`,
    action: 'Its consumer needs a new slot.',
    detail: '',
  });
}

function highest(a: Lsn, b: Lsn): Lsn {
  return a > b ? a : b;
}

function secondsSince({ at }: StreamLoss): number {
  return Math.max(0, (Date.now() - at) / 1000);
}
