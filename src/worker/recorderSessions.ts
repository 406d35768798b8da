import { parseLsn } from '../base/lsn';
import { CaptureSink } from '../export/captureSink';
import { continuedBudget } from '../session/peekBudget';
import type { SessionHooks, SessionRequest, StreamEnd } from '../session/sessionRequest';
import { SessionEnded } from '../session/sessionRequest';
import type { StreamMarks } from '../session/streamMarks';
import { StreamSession } from '../session/streamSession';
import type { FrameSink, StreamFacts } from '../shared/frameSink';
import { RpcFailure } from '../shared/rpc';
import type {
  PeekBudget,
  PeekSpec,
  RecorderEvents,
  SessionSnapshot,
  SessionSpec,
  StopReason,
} from '../shared/session';

type Emit = <K extends keyof RecorderEvents>(event: K, data: RecorderEvents[K]) => void;

/**
 * The sessions that write one capture: the first one, and each that continues a peek after its limit. The
 * file stays open while a peek rests at its limit, complete at that moment, and is closed at any other end.
 */
export class RecorderSessions {
  readonly #emit: Emit;
  #session: StreamSession | undefined;
  #sink: CaptureSink | undefined;
  /** What the last peek was allowed. */
  #budget: PeekBudget | undefined;
  #resting = false;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Resolves when the capture file exists; a session that ends before it fails with its reason. */
  async start(spec: SessionSpec): Promise<{ readonly header: SharedArrayBuffer }> {
    if (this.#session !== undefined)
      throw new RpcFailure('started', 'this recorder has its session');
    if (spec.kind === 'peek') this.#budget = spec.budget;
    const sink = await this.#run(spec, async facts => {
      // What is confirmed to a slot that stays must be on the disk.
      const durable = spec.kind === 'consume';
      const made = await CaptureSink.create({ path: spec.capturePath, facts, durable });
      this.#sink = made;
      return made;
    });
    return { header: sink.header };
  }

  /** Resolves when the server has answered; a session that ends before it fails with its reason. */
  async continue(spec: PeekSpec): Promise<void> {
    const sink = this.#sink;
    const before = this.#session;
    const after = parseLsn(spec.startAfter ?? '');
    if (!this.#resting || sink === undefined || before === undefined || after === undefined) {
      throw new RpcFailure('not-resting', 'there is no peek that ended at its limit');
    }
    this.#resting = false;
    const cut = sink.unfinished;
    const budget = continuedBudget(spec.budget, {
      budget: this.#budget ?? spec.budget,
      progressed: before.progressed,
      cut,
    });
    this.#budget = budget;
    await this.#run({ ...spec, budget, repeatedChanges: cut.changes }, () => {
      sink.continueAfter(after);
      return Promise.resolve(sink);
    });
  }

  /** Does something to the marks of the session that runs, or ran last. */
  async mark<T>(work: (marks: StreamMarks) => T | Promise<T>): Promise<T> {
    if (this.#session === undefined) throw new RpcFailure('no-stream', 'There is no stream yet.');
    try {
      return await work(this.#session.marks);
    } catch (error) {
      if (!(error instanceof SessionEnded)) throw error;
      const { message, failure } = error.end;
      throw new RpcFailure(failure?.code ?? 'mark', `${message} ${failure?.action ?? ''}`.trim());
    }
  }

  reconnect(): Promise<void> {
    this.#session?.reconnectNow();
    return Promise.resolve();
  }

  async stop(reason: StopReason): Promise<void> {
    await this.#session?.stop(reason);
    await this.#sink?.close();
  }

  /** Resolves with the sink when the session has opened it. */
  #run(
    request: SessionRequest,
    openSink: (facts: StreamFacts) => Promise<CaptureSink>,
  ): Promise<CaptureSink> {
    return new Promise((resolve, reject) => {
      const hooks: SessionHooks = {
        openSink: async facts => {
          const sink = await openSink(facts);
          resolve(sink);
          return sink;
        },
        releaseSink: (sink, end) => this.#release(request, sink, end),
        onSnapshot: snapshot => {
          this.#emit('session', snapshot);
        },
        log: (level, message) => {
          this.#emit('log', { level, message });
        },
      };
      const session = new StreamSession(request, hooks);
      this.#session = session;
      void session.ended.then(last => {
        reject(new RpcFailure(failureCode(last), last.message));
      });
    });
  }

  async #release(request: SessionRequest, sink: FrameSink, end: StreamEnd): Promise<void> {
    if (end.reason !== 'limit' || request.kind !== 'peek' || request.method !== 'copy') {
      await sink.close();
      return;
    }
    this.#resting = true;
    await this.#sink?.rest();
  }
}

function failureCode(last: SessionSnapshot): string {
  return last.failure?.code ?? last.endReason ?? 'ended';
}
