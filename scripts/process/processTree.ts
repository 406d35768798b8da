import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** True while a process has this id (zombies count, and processes of other users). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** One process as /proc tells (Linux); undefined when it is gone, a zombie, or there is no /proc. */
export function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything, brackets too: what follows the last one is safe.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(parent), command };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

/** The processes that run now, as /proc tells (Linux); without zombies. */
export function listProcesses(): readonly ProcessInfo[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => readProcess(Number(name)))
    .filter(found => found !== undefined);
}

/** All processes below `root`, at any depth; `root` itself is not among them. */
export function descendants(root: number): readonly ProcessInfo[] {
  const all = listProcesses();
  const found: ProcessInfo[] = [];
  const parents = new Set([root]);
  for (let grew = true; grew;) {
    grew = false;
    for (const process_ of all) {
      if (!parents.has(process_.pid) && parents.has(process_.parent)) {
        parents.add(process_.pid);
        found.push(process_);
        grew = true;
      }
    }
  }
  return found;
}
