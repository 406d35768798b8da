import { parentPort } from 'node:worker_threads';
import { ensureDefined } from '../base/assert';
import { CaptureSink } from '../export/captureSink';
import type { SessionHooks } from '../session/sessionRequest';
import { StreamSession } from '../session/streamSession';
import { RpcFailure, RpcPeer } from '../shared/rpc';
import type { RecorderApi, RecorderEvents, SessionSnapshot, SessionSpec } from '../shared/session';
import { workerPort } from './workerPort';

/**
 * Thread entry: runs one session and writes its capture. It owns the socket to the server and the
 * capture's write side; when its parent is gone, so are both, and with them our slot.
 */
const parent = ensureDefined(parentPort ?? undefined, 'the parent of this worker');
const peer = new RpcPeer<object, object>(workerPort(parent));
const emit = peer.emitter<RecorderEvents>();
let session: StreamSession | undefined;

peer.serve<RecorderApi>({ start, stop });

parent.on('close', () => {
  // Nobody is left to tell: the socket goes with the thread.
  process.exit(0);
});

/** Resolves when the capture file exists; a session that ends before it fails with its reason. */
function start(spec: SessionSpec): Promise<{ readonly header: SharedArrayBuffer }> {
  if (session !== undefined) throw new RpcFailure('started', 'this recorder has its session');
  return new Promise((resolve, reject) => {
    const hooks: SessionHooks = {
      openSink: async facts => {
        const sink = await CaptureSink.create({ path: spec.capturePath, facts, durable: false });
        resolve({ header: sink.header });
        return sink;
      },
      onSnapshot: snapshot => {
        emit('session', snapshot);
      },
      log: (level, message) => {
        emit('log', { level, message });
      },
    };
    session = new StreamSession(spec, hooks);
    void session.ended.then(last => {
      reject(new RpcFailure(failureCode(last), last.message));
    });
  });
}

async function stop({ reason }: { readonly reason: 'stopped' | 'unwatched' }): Promise<void> {
  await session?.stop(reason);
}

function failureCode(last: SessionSnapshot): string {
  return last.failure?.code ?? last.endReason ?? 'ended';
}
