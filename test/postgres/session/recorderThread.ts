import { build } from 'esbuild';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { RpcPeer } from '../../../src/shared/rpc';
import type { RecorderApi, RecorderEvents, SessionSnapshot } from '../../../src/shared/session';
import { workerPort } from '../../../src/worker/workerPort';

/** The recorder's thread as it ships, bundled into a folder; resolves with its file. */
export async function buildRecorder(folder: string): Promise<string> {
  const outfile = path.join(folder, 'recorder.js');
  await build({
    entryPoints: [path.join(PROJECT_ROOT, 'src/worker/recorder.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['pg-native', 'pg-cloudflare'],
    logLevel: 'error',
  });
  return outfile;
}

/** A recorder thread with what it told. */
export class Recorder {
  readonly snapshots: SessionSnapshot[] = [];
  readonly times: number[] = [];
  readonly log: string[] = [];
  readonly worker: Worker;
  readonly peer: RpcPeer<RecorderApi, RecorderEvents>;

  constructor(file: string) {
    this.worker = new Worker(file, { execArgv: [] });
    this.peer = new RpcPeer<RecorderApi, RecorderEvents>(workerPort(this.worker));
    this.peer.on('session', snapshot => {
      this.snapshots.push(snapshot);
      this.times.push(performance.now());
    });
    this.peer.on('log', ({ message }) => this.log.push(message));
  }

  get last(): SessionSnapshot | undefined {
    return this.snapshots.at(-1);
  }
}
