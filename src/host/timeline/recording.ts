import type { Mark, StoppedMark } from '../../shared/marks';
import type {
  PeekSpec,
  RecorderApi,
  RecorderEvents,
  SessionSnapshot,
  SessionSpec,
  StopReason,
} from '../../shared/session';
import { STOP_ENDS } from '../../shared/session';
import { failedSession } from './sessionSnapshots';
import { WorkerClient } from './workerClient';

/** Milliseconds that the end of a session may take before its thread is ended, socket and all. */
const STOP_LIMIT_MS = 3000;

export interface RecordingOptions {
  readonly workerFile: string;
  readonly spec: SessionSpec;
  /** Where the session stands before its recorder says anything. */
  readonly initial: SessionSnapshot;
  readonly onLog: (entry: RecorderEvents['log']) => void;
  /** The snapshot changed. */
  readonly onChange: () => void;
}

/**
 * One session, with those that continue it, and the thread that runs them. The thread's sockets, and with them our slots, die with
 * it, whatever happens to the host.
 */
export class Recording {
  /** Resolves when the capture file exists, with the recorder's counters; rejects when it never will. */
  readonly started: Promise<{ readonly header: SharedArrayBuffer }>;
  readonly #options: RecordingOptions;
  readonly #client: WorkerClient<RecorderApi, RecorderEvents>;
  #snapshot: SessionSnapshot;
  #stopping: Promise<void> | undefined;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#snapshot = options.initial;
    this.#client = new WorkerClient(options.workerFile, 'walexplorer-recorder', reason => {
      this.#gone(reason);
    });
    this.#client.peer.on('log', options.onLog);
    this.#client.peer.on('session', snapshot => {
      this.#set(snapshot);
      // Over by itself: let the thread close its file, then let go of it. At a limit it may go on.
      if (snapshot.phase === 'ended' && !this.canContinue) void this.stop('stopped');
    });
    this.started = this.#client.peer.call('start', options.spec);
  }

  get snapshot(): SessionSnapshot {
    return this.#snapshot;
  }

  /** Whether a stream may still be open on the server. */
  get isActive(): boolean {
    return this.#snapshot.phase !== 'ended';
  }

  /** The peek ended at its limit, and its thread waits with the capture for a Continue. */
  get canContinue(): boolean {
    const { endReason, continueAfter } = this.#snapshot;
    return this.#stopping === undefined && endReason === 'limit' && continueAfter !== '';
  }

  /**
   * Goes on in the same capture, where {@link canContinue}; resolves when the server has answered. Rejects
   * with the reason of an end before that.
   */
  async continue(spec: PeekSpec): Promise<void> {
    await this.#client.peer.call('continue', spec);
  }

  /** Does not wait for the next attempt to come back after a cut. */
  reconnect(): void {
    this.#client.peer.call('reconnect', undefined).catch((error: unknown) => {
      this.#options.onLog({ level: 'warn', message: `reconnect: ${String(error)}` });
    });
  }

  /** Notes where the server is. */
  startMark(name: string): Promise<Mark> {
    return this.#client.peer.call('startMark', { name });
  }

  stopMark(): Promise<StoppedMark> {
    return this.#client.peer.call('stopMark', undefined);
  }

  renameMark(id: number, name: string): Promise<void> {
    return this.#client.peer.call('renameMark', { id, name });
  }

  removeMark(id: number): Promise<void> {
    return this.#client.peer.call('removeMark', { id });
  }

  /** Ends the session; resolves within seconds, when nothing of it is left. Never rejects. */
  stop(reason: StopReason): Promise<void> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  async #stop(reason: StopReason): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'late'>(resolve => {
      timer = setTimeout(resolve, STOP_LIMIT_MS, 'late');
    });
    try {
      const result = await Promise.race([this.#client.peer.call('stop', { reason }), limit]);
      if (result === 'late') {
        this.#options.onLog({
          level: 'warn',
          message: 'the recorder took too long to end; its thread was closed',
        });
      }
    } catch (error) {
      this.#options.onLog({ level: 'warn', message: `stop: ${String(error)}` });
    } finally {
      clearTimeout(timer);
    }
    await this.#client.terminate();
    if (this.isActive) {
      const { message, failure } = STOP_ENDS[reason];
      this.#set({
        ...this.#snapshot,
        ...(failure === undefined ? {} : { failure }),
        phase: 'ended',
        message: `${message}.`,
        endReason: reason,
        retainedBytes: null,
      });
    }
  }

  #gone(reason: string): void {
    this.#options.onLog({ level: 'error', message: `the recorder is gone: ${reason}` });
    if (!this.isActive) return;
    this.#set(
      failedSession(this.#snapshot, {
        code: 'recorder-gone',
        message: 'The recording thread stopped unexpectedly; what it captured is kept.',
        action: 'Restart the stream; details are in the log.',
        detail: reason,
      }),
    );
  }

  #set(snapshot: SessionSnapshot): void {
    this.#snapshot = snapshot;
    this.#options.onChange();
  }
}
