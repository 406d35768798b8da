import { readdirSync, readFileSync } from 'node:fs';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { eventually } from '../session/cliProcess';

/** kill -9 of the postmaster and of every process it has, as when the machine loses its power. */
export async function powerCut(cluster: Cluster): Promise<void> {
  const postmaster = cluster.pid;
  if (postmaster === undefined) throw new Error('The server does not run.');
  // Stopped, it starts no process between our look and our kill.
  process.kill(postmaster, 'SIGSTOP');
  const children = childrenOf(postmaster);
  for (const pid of children) kill(pid);
  await cluster.kill9();
  await eventually(() => children.every(pid => !isAlive(pid)), 'every process is gone');
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => parentOf(pid) === parent);
}

/** Of a process that is there and is more than an entry in the table. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
