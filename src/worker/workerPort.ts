import type { MessagePort, Worker } from 'node:worker_threads';
import type { Port } from '../shared/rpc';

/** The end of a worker or of its parent, as the transport of an `RpcPeer`. */
export function workerPort(end: MessagePort | Worker): Port {
  return {
    post: message => {
      end.postMessage(message);
    },
    listen: listener => {
      end.on('message', listener);
    },
  };
}
