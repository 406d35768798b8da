import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type Cluster } from '../postgres/cluster';
import { largeNumbers, startLargeCluster } from '../postgres/largeCluster';
import { PROJECT_ROOT } from '../projectRoot';
import { stageExtension } from '../build/stageExtension';
import type { TierResult } from '../test/tier';
import { launchBrowser } from './browser';
import { ensureHost, hostVersion, type HostName } from './host';
import { startVscodeServer, type VscodeServer } from './server';

/** The whole run: VS Code's start, the suite, and its end. */
const RUN_LIMIT_MS = 240_000;

/** What the suite (test/vscode/index.ts) writes to the file named by WALEXPLORER_TEST_RESULTS. */
interface SuiteResults {
  readonly node: string;
  readonly results: readonly {
    readonly title: string;
    readonly ok: boolean;
    readonly ms: number;
    readonly error?: string;
  }[];
}

/** Bundles the suite into `dir`, beside the staged extension; mocha stays a package. */
export async function stageSuite(dir: string): Promise<string> {
  const outfile = path.join(dir, 'test/index.js');
  await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: ['test/vscode/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha', 'pg-native', 'pg-cloudflare'],
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
  });
  await symlink(path.join(PROJECT_ROOT, 'node_modules'), path.join(dir, 'node_modules'), 'dir');
  return outfile;
}

/** Opens the page that makes the workbench run the suite; resolves with its exit code. */
async function runWorkbench(
  server: VscodeServer,
  extension: string,
  suite: string,
): Promise<number> {
  const remote = (file: string): string => `vscode-remote://127.0.0.1:${server.port}${file}`;
  const payload = JSON.stringify([
    ['extensionDevelopmentPath', remote(extension)],
    ['extensionTestsPath', remote(suite)],
  ]);
  const browser = await launchBrowser(path.join(server.home, 'tmp'));
  const page = await (await browser.newContext()).newPage();
  const limit = new AbortController();
  try {
    const exited = new Promise<number>(resolve => {
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    await page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) => {
      if (process.env['VERBOSE'] !== undefined) console.log(`  ${type}: ${args.join(' ')}`);
    });
    await page.goto(server.pageUrl({ payload }), { waitUntil: 'domcontentloaded' });
    return await Promise.race([
      exited,
      sleep(RUN_LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
        throw new Error(`the suite did not end within ${RUN_LIMIT_MS / 1000} s`);
      }),
    ]);
  } catch (error) {
    const picture = path.join(PROJECT_ROOT, 'test/results/failed-in-host.png');
    await page.screenshot({ path: picture });
    throw error;
  } finally {
    limit.abort();
    await browser.close();
  }
}

function report(results: SuiteResults): void {
  for (const { title, ok, ms, error } of results.results) {
    console.log(ok ? `  ok   ${title} (${ms} ms)` : `  FAIL ${title}`);
    if (error !== undefined) console.log(error.replace(/^/gm, '       '));
  }
}

/** Makes the large server and writes its facts to `file`, whole or not at all. */
async function makeLarge(file: string): Promise<Cluster | undefined> {
  const numbers = largeNumbers();
  try {
    const cluster = await startLargeCluster(numbers);
    const { databases, slots } = numbers;
    const facts = { url: cluster.url('db_01'), databases, slots };
    await writeFile(`${file}.part`, JSON.stringify(facts));
    await rename(`${file}.part`, file);
    return cluster;
  } catch (error) {
    // The suite that waits for it fails, and says for what.
    console.log(`the large server could not be made: ${String(error)}`);
    return undefined;
  }
}

/**
 * Runs test/vscode inside the extension host of a real VS Code, with a Postgres 18 beside it whose
 * URL the suite finds in WALEXPLORER_TEST_POSTGRES. The workbench's own exit code is not enough: it
 * says 0 when the extension host died. So the results file is demanded too.
 */
export async function runInHost(name: HostName): Promise<TierResult> {
  const host = await ensureHost(name);
  const version = await hostVersion(host);
  const staged = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-inhost-'));
  let server: VscodeServer | undefined;
  const cluster = await startCluster({ major: 18, name: 'inhost' });
  // Made while VS Code starts and the first suites run; the suite that needs it waits for the file.
  const largeFile = path.join(staged, 'large.json');
  const large = makeLarge(largeFile);
  try {
    const extension = path.join(staged, 'extension');
    await stageExtension(extension);
    const suite = await stageSuite(extension);
    const resultsFile = path.join(staged, 'results.json');
    await mkdir(path.join(staged, 'work'));
    server = await startVscodeServer({
      host,
      args: ['--enable-smoke-test-driver'],
      env: {
        WALEXPLORER_TEST_RESULTS: resultsFile,
        WALEXPLORER_TEST_POSTGRES: cluster.url(),
        WALEXPLORER_TEST_LARGE: largeFile,
        WALEXPLORER_TEST_FOLDER: path.join(staged, 'work'),
      },
    });
    const code = await runWorkbench(server, extension, suite);
    if (!existsSync(resultsFile)) {
      const note = `the extension host ended without results (exit code ${code})`;
      return { passed: 0, failed: 1, note };
    }
    const results = JSON.parse(await readFile(resultsFile, 'utf8')) as SuiteResults;
    report(results);
    const passed = results.results.filter(test => test.ok).length;
    const failed = results.results.length - passed;
    console.log(`VS Code ${version} on Node ${results.node}: ${passed} passed, ${failed} failed`);
    const failures = results.results
      .filter(test => !test.ok)
      .map(({ title, error = '' }) => `VS Code ${version} > ${title}\n${error}`);
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, note: '', failures };
  } finally {
    await server?.stop();
    await cluster.dispose();
    await (await large)?.dispose();
    await rm(staged, { recursive: true, force: true });
  }
}
