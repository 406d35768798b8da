import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../../scripts/process/processTree';

/** A parent that starts a child, tells its watchdog of it and of a folder, and waits to be killed. */
const PARENT = `
import { spawn } from 'node:child_process';
import { Watchdog } from './scripts/process/watchdog';
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
const watchdog = new Watchdog();
watchdog.watch(child.pid);
watchdog.watchFolder(process.argv[2]);
process.on('message', () => void watchdog.dismiss().then(() => { child.unref(); process.exit(); }));
process.send(child.pid);
`;

// Process groups are a matter of POSIX systems, and so is what starts a watchdog: npm start.
describe.runIf(process.platform !== 'win32')('Watchdog', () => {
  let folder: string;
  let script: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'walexplorer-watchdog-'));
    script = path.join(process.cwd(), 'node_modules/.cache', `watchdog-${process.pid}.cjs`);
    await build({
      stdin: { contents: PARENT, resolveDir: process.cwd(), loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: script,
      logLevel: 'error',
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(script, { force: true });
  });

  async function startParent(): Promise<{
    parent: ReturnType<typeof spawn>;
    child: number;
    watched: string;
  }> {
    const watched = mkdtempSync(path.join(folder, 'watched-'));
    const parent = spawn(process.execPath, [script, watched], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [child] = (await once(parent, 'message')) as [number];
    return { parent, child, watched };
  }

  it('ends the processes and removes the folders of a parent that was killed', async () => {
    const { parent, child, watched } = await startParent();
    parent.kill('SIGKILL');
    await expect.poll(() => existsSync(watched), { timeout: 8000 }).toBe(false);
    expect(isAlive(child)).toBe(false);
  }, 15_000);

  it('does nothing when it is dismissed', async () => {
    const { parent, child, watched } = await startParent();
    const gone = once(parent, 'exit');
    parent.send('dismiss');
    await gone;
    expect(existsSync(watched)).toBe(true);
    expect(isAlive(child)).toBe(true);
    process.kill(child, 'SIGKILL');
  }, 15_000);
});
