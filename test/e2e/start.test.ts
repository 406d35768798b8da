import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDefined } from '../../src/base/assert';
import { startCluster } from '../../scripts/postgres/cluster';
import { PROJECT_ROOT } from '../../scripts/projectRoot';
import { listProcesses } from '../../scripts/process/processTree';
import { launchBrowser } from '../../scripts/vscode/browser';
import { median } from './median';
import { openPage, RESULTS } from './scene';
import { TimelineFrame } from './timelineFrame';

interface DemoOptions {
  /** Through npm, as a person starts it, and not its script alone. */
  readonly npm?: boolean;
  readonly args?: readonly string[];
}

/** `npm start` with a temporary folder of its own, so that what it leaves can be seen. */
class Demo {
  readonly temp = mkdtempSync(path.join(os.tmpdir(), 'wx-'));
  readonly child: ChildProcess;
  readonly ready: Promise<string>;
  #output = '';

  constructor({ npm = false, args = [] }: DemoOptions) {
    // Postgres runs as another user when we are root, and must reach its folder.
    chmodSync(this.temp, 0o755);
    const [program, ...before] = npm
      ? (['npm', 'start', '--', '--no-open'] as const)
      : ([process.execPath, 'scripts/run.mjs', 'start', '--no-open'] as const);
    this.child = spawn(program, [...before, ...args], {
      cwd: PROJECT_ROOT,
      env: { ...process.env, TMPDIR: this.temp },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ready = new Promise((resolve, reject) => {
      this.child.once('exit', code => {
        reject(new Error(`npm start ended with ${String(code)}:\n${this.#output}`));
      });
      this.child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
      createInterface({ input: ensureDefined(this.child.stdout ?? undefined, 'stdout') }).on(
        'line',
        line => {
          this.#output += `${line}\n`;
          const url = /^Ready: (http\S+)$/.exec(line)?.[1];
          if (url !== undefined) resolve(url);
        },
      );
    });
    // Whoever ends it before it is ready does not wait for this.
    this.ready.catch(() => undefined);
  }

  /** Processes that work in our folder: by their arguments or by their environment. */
  processes(): readonly string[] {
    return listProcesses()
      .filter(({ pid, command }) => command.includes(this.temp) || this.#isInherited(pid))
      .map(({ pid, command }) => `${pid} ${command}`);
  }

  #isInherited(pid: number): boolean {
    if (pid === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.temp);
    } catch {
      // It ended while we looked, or is somebody else's.
      return false;
    }
  }

  files(): readonly string[] {
    return readdirSync(this.temp);
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill(name);
    await gone;
  }

  async dispose(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.signal('SIGINT');
    rmSync(this.temp, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

describe('npm start', () => {
  let browser: Browser;
  let browserHome: string;
  const demos: Demo[] = [];
  const start = (options: DemoOptions = {}): Demo => {
    const demo = new Demo(options);
    demos.push(demo);
    return demo;
  };

  beforeEach(async () => {
    browserHome = mkdtempSync(path.join(os.tmpdir(), 'walexplorer-browser-'));
    browser = await launchBrowser(browserHome);
  });
  afterEach(async () => {
    await browser.close();
    for (const demo of demos.splice(0)) await demo.dispose();
    rmSync(browserHome, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  it('shows a timeline that fills by itself, and Ctrl-C leaves nothing behind', async () => {
    const demo = start();
    const url = await demo.ready;
    expect((await fetch(new URL('/', url))).status).toBe(403);

    const page = await openPage(browser, url);
    const timeline = new TimelineFrame(page);
    await timeline.waitUntilLive();
    await expect.poll(() => timeline.rowCount(), { timeout: 40_000 }).toBeGreaterThan(10);
    const before = await timeline.rowCount();
    await expect.poll(() => timeline.rowCount(), { timeout: 10_000 }).toBeGreaterThan(before);
    await timeline.rows('20,000 changes').first().waitFor({ timeout: 60_000 });
    await page.screenshot({ path: path.join(RESULTS, 'e2e-start.png') });

    await demo.signal('SIGINT');
    expect(demo.child.exitCode).toBe(0);
    await expect.poll(() => demo.processes(), { timeout: 3000 }).toEqual([]);
    expect(demo.files()).toEqual([]);
  });

  it('is cleaned up after when it is killed', async () => {
    const demo = start();
    await demo.ready;
    expect(demo.processes().length).toBeGreaterThan(3);
    await demo.signal('SIGKILL');
    await expect.poll(() => demo.processes(), { timeout: 15_000 }).toEqual([]);
    await expect.poll(() => demo.files(), { timeout: 5000 }).toEqual([]);
  });

  it('ends when the npm that started it is killed', async () => {
    const demo = start({ npm: true });
    await demo.ready;
    await demo.signal('SIGKILL');
    await expect.poll(() => demo.processes(), { timeout: 15_000 }).toEqual([]);
    expect(demo.files()).toEqual([]);
  });

  it('ends cleanly while it is still starting', async () => {
    const demo = start();
    await expect.poll(() => demo.files().length, { timeout: 30_000 }).toBeGreaterThan(1);
    await demo.signal('SIGTERM');
    await expect.poll(() => demo.processes(), { timeout: 15_000 }).toEqual([]);
    await expect.poll(() => demo.files(), { timeout: 5000 }).toEqual([]);
  });

  it('--postgres shows the first publication of that server, a row within a second', async () => {
    const cluster = await startCluster({ major: 17, name: 'given' });
    try {
      await cluster.adminQuery(`CREATE TABLE notes (id int PRIMARY KEY, text text);
        CREATE PUBLICATION all_notes FOR TABLE notes`);
      const page = await openPage(
        browser,
        await start({ args: ['--postgres', cluster.url()] }).ready,
      );
      const timeline = new TimelineFrame(page);
      await timeline.waitUntilLive();
      const times: number[] = [];
      for (const id of [1, 2, 3]) {
        await cluster.adminQuery(`INSERT INTO notes VALUES (${id}, 'seen at once ${id}.')`);
        times.push(await timeline.timeToRow(`seen at once ${id}.`));
      }
      expect(median(times)).toBeLessThan(1000);
    } finally {
      await cluster.dispose();
    }
  });
});
