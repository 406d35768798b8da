import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_ROOT } from '../projectRoot';
import { isAlive } from './processTree';

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/**
 * Runs `work` while no other process of this project does the same: a directory is the lock (mkdir
 * is atomic everywhere); one whose owner is dead is taken over.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = path.join(PROJECT_ROOT, '.cache', `${name}.lock`);
  const owner = path.join(lock, 'pid');
  await mkdir(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const pid = Number(await readFile(owner, 'utf8').catch(() => '0'));
    if (pid > 0 && !isAlive(pid)) await rm(lock, { recursive: true, force: true });
    else await sleep(300);
  }
  try {
    await writeFile(owner, String(process.pid));
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}
