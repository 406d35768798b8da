// The last one to leave. Started by watchdog.ts in a session of its own: it reads from stdin which
// processes and folders belong to its parent, and when the pipe closes without a farewell (the
// parent was killed) it ends and removes them.
import { rmSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 3000;
/** Process id -> the signal that asks it to end. */
const groups = new Map();
const folders = new Set();
let farewell = false;

/** Signals a process group, or the process where it leads none; false when it is gone. */
function signal(pid, name) {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, name);
      return true;
    } catch {
      // Not there: try the next, or it is gone.
    }
  }
  return false;
}

async function clear() {
  for (const [pid, name] of groups) signal(pid, name);
  const until = Date.now() + GRACE_MS;
  while (Date.now() < until && [...groups.keys()].some(pid => signal(pid, 0))) await sleep(50);
  for (const pid of groups.keys()) signal(pid, 'SIGKILL');
  await sleep(100);
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.watch !== undefined) groups.set(message.watch, message.signal);
  if (message.forget !== undefined) groups.delete(message.forget);
  if (message.folder !== undefined) folders.add(message.folder);
  if (message.farewell === true) farewell = true;
}
if (!farewell) await clear();
