import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDefined } from '../../src/base/assert';
import { freePort } from '../postgres/freePort';
import { isAlive } from '../process/processTree';
import { Watchdog } from '../process/watchdog';
import { runServerCommand, type VscodeHost } from './host';
import { installExtensions } from './installedExtensions';
import { QUIET_SETTINGS } from './settings';

export interface ServerOptions {
  readonly host: VscodeHost;
  /** Extensions to install, .vsix files. */
  readonly vsix?: readonly string[];
  /** User settings besides the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment that the extension host shall see. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Opens the workspace as one that nobody has trusted yet; by default every one is trusted. */
  readonly untrusted?: boolean;
  /** Files to lay into its home, readable by us alone: name -> content. */
  readonly homeFiles?: Readonly<Record<string, string>>;
  /** Port to listen on; a free one by default. Only 127.0.0.1 is listened on. */
  readonly port?: number;
}

/** A running VS Code server. Everything it writes lies in one temporary folder. */
export interface VscodeServer {
  readonly port: number;
  readonly pid: number;
  /** HOME, user data, extensions and temporary files of this server; also room for a browser's. */
  readonly home: string;
  readonly workspace: string;
  readonly logFile: string;
  /** The page with its access token: who has it, has a shell. */
  pageUrl(query?: Readonly<Record<string, string>>): string;
  /** Ends the server and everything it started, bounded, and removes its folder. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 4000;

/** Says so when somebody listens on the port already: it would answer in our server's place. */
function demandFreePort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', () => {
      reject(new Error(`Port ${port} is taken: choose another one with --port.`));
    });
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve();
      });
    });
  });
}

async function waitUntilUp(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const until = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`VS Code ended with status ${child.exitCode} at its start:\n${output()}`);
    }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await response.arrayBuffer();
      if (response.status < 500) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > until) throw new Error(`VS Code did not answer at its port:\n${output()}`);
    await sleep(100);
  }
}

/** Ends a process group: politely, then not. It was started as the leader of its own. */
async function endGroup(child: ChildProcess, pid: number): Promise<void> {
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // Nobody is left in it.
    }
  };
  signal('SIGTERM');
  const until = Date.now() + STOP_LIMIT_MS;
  while (child.exitCode === null && child.signalCode === null && Date.now() < until)
    await sleep(30);
  // The extension host notices the end of its parent only after a while; we do not wait for that.
  signal('SIGKILL');
  for (let tries = 0; tries < 50 && isAlive(-pid); tries += 1) await sleep(20);
}

/** Trust is left to the page, which shows what it shows then without a question at its start. */
const TRUST_SETTINGS = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
};

async function writeSettings(
  userData: string,
  { untrusted = false, settings }: ServerOptions,
): Promise<void> {
  const trust = untrusted ? TRUST_SETTINGS : {};
  const text = JSON.stringify({ ...QUIET_SETTINGS, ...trust, ...settings }, undefined, 2);
  for (const level of ['User', 'Machine']) {
    await mkdir(path.join(userData, level), { recursive: true });
    await writeFile(path.join(userData, level, 'settings.json'), text);
  }
}

/** Starts a server that ends, and whose folder goes, also when this process is killed. */
export async function startVscodeServer(options: ServerOptions): Promise<VscodeServer> {
  const { host } = options;
  const watchdog = new Watchdog();
  const home = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-vscode-'));
  watchdog.watchFolder(home);
  const userData = path.join(home, 'user-data');
  const extensions = path.join(home, 'extensions');
  const workspace = path.join(home, 'workspace');
  let child: ChildProcess | undefined;
  const cleanUp = async (): Promise<void> => {
    if (child?.pid !== undefined) await endGroup(child, child.pid);
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    await watchdog.dismiss();
  };
  try {
    for (const dir of [workspace, path.join(home, 'tmp')]) await mkdir(dir);
    await writeSettings(userData, options);
    for (const [name, text] of Object.entries(options.homeFiles ?? {})) {
      await writeFile(path.join(home, name), text, { mode: 0o600 });
    }
    // Nothing of the caller's environment but PATH: no PG* variables, no proxies, no home.
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      LANG: 'C.UTF-8',
      TMPDIR: path.join(home, 'tmp'),
      XDG_RUNTIME_DIR: path.join(home, 'tmp'),
      EXTENSIONS_GALLERY: '{}',
      ...options.env,
    };
    const folders = [
      ...['--user-data-dir', userData, '--extensions-dir', extensions],
      ...['--builtin-extensions-dir', host.builtinExtensions],
    ];
    const vsix = options.vsix ?? [];
    await installExtensions(host, vsix, extensions, async () => {
      for (const file of vsix) {
        await runServerCommand(host, ['--install-extension', file, ...folders], env);
      }
    });
    const port = options.port ?? (await freePort());
    await demandFreePort(port);
    const token = randomBytes(24).toString('hex');
    // In a file, since arguments are readable by every user of the machine.
    const tokenFile = path.join(home, 'token');
    await writeFile(tokenFile, token, { mode: 0o600 });
    const args = [
      ...['--host', '127.0.0.1', '--port', String(port), '--connection-token-file', tokenFile],
      ...['--accept-server-license-terms', '--telemetry-level', 'off'],
      ...(options.untrusted === true ? [] : ['--disable-workspace-trust']),
      ...[...(options.args ?? []), ...folders],
    ];
    const spawned = spawn(host.node, [host.serverMain, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    child = spawned;
    const pid = ensureDefined(spawned.pid, 'the process id of the VS Code server');
    watchdog.watch(pid);
    const logFile = path.join(home, 'server.log');
    const log = createWriteStream(logFile);
    let recent = '';
    const take = (chunk: Buffer): void => {
      log.write(chunk);
      recent = (recent + chunk.toString('utf8')).slice(-4000);
    };
    spawned.stdout.on('data', take);
    spawned.stderr.on('data', take);
    await waitUntilUp(`http://127.0.0.1:${port}/version`, spawned, () => recent);
    return {
      port,
      pid,
      home,
      workspace,
      logFile,
      pageUrl: (query = {}) => {
        const parameters = new URLSearchParams({ tkn: token, folder: workspace, ...query });
        return `http://127.0.0.1:${port}/?${parameters.toString()}`;
      },
      stop: async () => {
        log.end();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
