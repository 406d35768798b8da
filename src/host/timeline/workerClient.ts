import { Worker } from 'node:worker_threads';
import type { Disposable } from '../../base/disposable';
import type { Port } from '../../shared/rpc';
import { RpcPeer } from '../../shared/rpc';
import { WORKER_LIMITS } from './workerLimits';

/**
 * The host's end of a worker thread that speaks a contract. A thread that fails takes nothing with
 * it but itself: its open calls fail, and `onGone` is told why, once.
 */
export class WorkerClient<Api extends object, Events extends object> implements Disposable {
  readonly peer: RpcPeer<Api, Events>;
  readonly #worker: Worker;
  #over = false;

  /** `file` is the absolute path of the bundle; `onGone` hears about an end that nobody asked for. */
  constructor(file: string, name: string, onGone: (reason: string) => void) {
    this.#worker = new Worker(file, {
      name,
      execArgv: [],
      stdin: false,
      resourceLimits: WORKER_LIMITS,
    });
    this.peer = new RpcPeer<Api, Events>(portOf(this.#worker));
    const gone = (reason: string): void => {
      if (this.#over) return;
      this.#over = true;
      this.peer.close('worker-gone', reason);
      onGone(reason);
    };
    this.#worker.on('error', error => {
      gone(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    this.#worker.on('exit', code => {
      gone(`the thread ended with code ${code}`);
    });
  }

  /** Ends the thread now; open calls fail. */
  async terminate(): Promise<void> {
    this.#over = true;
    this.peer.close('closed', 'the thread was closed');
    await this.#worker.terminate();
  }

  dispose(): void {
    void this.terminate();
  }
}

function portOf(worker: Worker): Port {
  return {
    post(message) {
      worker.postMessage(message);
    },
    listen(listener) {
      worker.on('message', listener);
    },
  };
}
