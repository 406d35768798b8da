import { parentPort } from 'node:worker_threads';
import { ensureDefined } from '../base/assert';
import { RpcPeer } from '../shared/rpc';
import type { RecorderApi, RecorderEvents } from '../shared/session';
import { RecorderSessions } from './recorderSessions';
import { workerPort } from './workerPort';

/**
 * Thread entry: runs a session, and those that continue it, and writes their capture. It owns the socket
 * to the server and the capture's write side; when its parent is gone, so are both, and with them our slot.
 */
const parent = ensureDefined(parentPort ?? undefined, 'the parent of this worker');
const peer = new RpcPeer<object, object>(workerPort(parent));
const emit = peer.emitter<RecorderEvents>();
const sessions = new RecorderSessions(emit);

peer.serve<RecorderApi>({
  start: spec => sessions.start(spec),
  continue: spec => sessions.continue(spec),
  reconnect: () => sessions.reconnect(),
  stop: ({ reason }) => sessions.stop(reason),
  startMark: ({ name }) => sessions.mark(marks => marks.start(name)),
  stopMark: () => sessions.mark(marks => marks.stop()),
  renameMark: ({ id, name }) =>
    sessions.mark(marks => {
      marks.rename(id, name);
    }),
  removeMark: ({ id }) =>
    sessions.mark(marks => {
      marks.remove(id);
    }),
});

parent.on('close', () => {
  // Nobody is left to tell: the socket goes with the thread.
  process.exit(0);
});
