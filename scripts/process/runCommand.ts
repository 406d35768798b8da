import { spawn, type SpawnOptions } from 'node:child_process';
import process from 'node:process';

/** How a command ended. `output` is what it wrote to stdout and stderr, in order of arrival. */
export interface CommandResult {
  readonly status: number;
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whom it runs as, where that is somebody else; only root may say so. */
  readonly uid?: number;
  readonly gid?: number;
  /** Passes output on to our own while it comes; it is captured as well. */
  readonly echo?: boolean;
  /** Milliseconds after which the command is killed; it then counts as failed. */
  readonly timeout?: number;
}

/** Most characters of output that are kept: the end of it, where the reason stands. */
const OUTPUT_LIMIT = 4 * 1024 * 1024;

/** Runs a program (no shell) to its end; a status other than 0 is a result, not an error. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const settings: SpawnOptions = {
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm is a .cmd file on Windows, which only its shell can start.
    shell: process.platform === 'win32' && command === 'npm',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout, killSignal: 'SIGKILL' }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, settings);
    let output = '';
    const take = (to: NodeJS.WriteStream) => (chunk: Buffer) => {
      if (options.echo === true) to.write(chunk);
      output += chunk.toString('utf8');
      if (output.length > OUTPUT_LIMIT) output = output.slice(-OUTPUT_LIMIT / 2);
    };
    child.stdout?.on('data', take(process.stdout));
    child.stderr?.on('data', take(process.stderr));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal !== null) output += `\nended by ${signal}`;
      resolve({ status: code ?? 1, output });
    });
  });
}

/** As {@link runCommand}, but a status other than 0 throws with the end of what was written. */
export async function runChecked(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { status, output } = await runCommand(command, args, options);
  if (status !== 0) {
    const tail = output.trim().split('\n').slice(-30).join('\n');
    throw new Error(`${[command, ...args].join(' ')} ended with status ${status}:\n${tail}`);
  }
  return output;
}

/** Runs npm: the one that started us where there is one, so that it fits this Node. */
export async function runNpm(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const npm = process.env['npm_execpath'];
  return npm?.endsWith('.js') === true
    ? runCommand(process.execPath, [npm, ...args], options)
    : runCommand('npm', args, options);
}
