import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Sees to it that nothing stays behind when this process goes, however it goes: a small watcher, in
 * a session of its own, holds one end of a pipe. When the pipe closes, which even kill -9 of this
 * process does, it ends the servers and removes the folders that it was told of. No signal handler
 * of ours is needed for that, and none can be missed.
 */
export class Leftovers {
  #watcher: ChildProcess | undefined;

  /** From now on `folder` is removed at the end; a server that runs in it is ended before. */
  add(folder: string): void {
    this.#tell('add', folder);
  }

  /** The caller has removed the folder. */
  forget(folder: string): void {
    this.#tell('forget', folder);
  }

  #tell(what: 'add' | 'forget', folder: string): void {
    if (this.#watcher === undefined) {
      this.#watcher = spawn(process.execPath, ['-e', WATCHER], {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
        env: {},
      });
      this.#watcher.unref();
      // The watcher's pipe is a socket, and would keep our event loop alive.
      (this.#watcher.stdin as Socket | null)?.unref();
    }
    this.#watcher.stdin?.write(`${JSON.stringify({ what, folder })}\n`);
  }
}

/** Runs in the watcher: plain Node, without anything of this project. */
const WATCHER = `
const fs = require('node:fs');
const path = require('node:path');
const folders = new Set();
let text = '';
process.stdin.on('data', chunk => {
  text += chunk;
  const lines = text.split('\\n');
  text = lines.pop();
  for (const line of lines) {
    const { what, folder } = JSON.parse(line);
    if (what === 'add') folders.add(folder);
    else folders.delete(folder);
  }
});
process.stdin.on('end', () => {
  for (const folder of folders) {
    try {
      const file = path.join(folder, 'data', 'postmaster.pid');
      const pid = Number(fs.readFileSync(file, 'utf8').split('\\n')[0]);
      if (pid > 1) process.kill(pid, 'SIGQUIT');
    } catch {}
  }
  let rounds = 0;
  const timer = setInterval(() => {
    for (const folder of folders) {
      try {
        if (rounds < 40 && fs.existsSync(path.join(folder, 'data', 'postmaster.pid'))) continue;
        fs.rmSync(folder, { recursive: true, force: true });
        folders.delete(folder);
      } catch {}
    }
    if (folders.size === 0 || ++rounds > 60) { clearInterval(timer); process.exit(); }
  }, 50);
});
`;
