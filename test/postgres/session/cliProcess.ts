import { build } from 'esbuild';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as it ships, bundled into a temporary folder of its own. */
export class BuiltCli {
  private constructor(
    readonly folder: string,
    readonly script: string,
  ) {}

  static async build(): Promise<BuiltCli> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-cli-'));
    const script = path.join(folder, 'cli.js');
    await build({
      entryPoints: [path.join(PROJECT_ROOT, 'src/cli/main.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      keepNames: true,
      external: ['pg-native', 'pg-cloudflare'],
      logLevel: 'error',
    });
    await symlink(path.join(PROJECT_ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    return new BuiltCli(folder, script);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
    return new RunningCli(
      spawn(process.execPath, [this.script, ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
        // No PG* variable of the machine may change what a test does.
        env: { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...env },
      }),
    );
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    return this.start(args, env).ended;
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class RunningCli {
  stdout = '';
  stderr = '';
  /** Milliseconds from the start to the first output; undefined before. */
  firstOutputMs: number | undefined;
  readonly ended: Promise<CliResult>;

  constructor(readonly child: ChildProcess) {
    const startedAt = performance.now();
    // A character may come in two pieces.
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (data: string) => {
      this.firstOutputMs ??= performance.now() - startedAt;
      this.stdout += data;
    });
    child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.ended = new Promise(resolve => {
      child.on('close', status => {
        resolve({ status, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The events so far: complete lines only. */
  events(): CliEvent[] {
    const lines = this.stdout.split('\n').slice(0, -1);
    return lines.map(line => JSON.parse(line) as CliEvent);
  }
}

/** What tests read of an event. */
export interface CliEvent {
  readonly kind: string;
  readonly lsn: string;
  readonly xid?: number;
  readonly schema?: string;
  readonly table?: string;
  readonly new?: Readonly<Record<string, string | null>>;
  readonly old?: Readonly<Record<string, string | null>>;
  readonly key?: Readonly<Record<string, string | null>>;
  readonly unchanged?: readonly string[];
  readonly relations?: readonly { readonly schema: string; readonly table: string }[];
  readonly endLsn?: string;
  /** Hexadecimal, of a message that is not decoded. */
  readonly data?: string;
  readonly prefix?: string;
  readonly content?: string;
}

export function parseEvents(stdout: string): CliEvent[] {
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as CliEvent);
}

/** Polls until `probe` gives something that is not undefined or false. */
export async function eventually<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() - startedAt > timeoutMs) throw new Error(`timeout: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}
