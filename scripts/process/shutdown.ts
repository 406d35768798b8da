import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcess } from './processTree';

interface Step {
  readonly name: string;
  readonly limitMs: number;
  run(): Promise<void> | void;
}

/**
 * What has to be undone at the end, in reverse order, each step bounded and independent of the
 * others' failures. Runs once, however many signals ask for it.
 */
export class Shutdown {
  readonly #steps: Step[] = [];
  #running: Promise<readonly Error[]> | undefined;

  get started(): boolean {
    return this.#running !== undefined;
  }

  add(name: string, run: () => Promise<void> | void, limitMs = 10_000): void {
    this.#steps.push({ name, run, limitMs });
  }

  /** Undoes everything; resolves with what went wrong on the way. */
  run(): Promise<readonly Error[]> {
    this.#running ??= this.#runSteps();
    return this.#running;
  }

  async #runSteps(): Promise<readonly Error[]> {
    const errors: Error[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const { name, limitMs } = step;
      const timer = new AbortController();
      try {
        await Promise.race([
          Promise.resolve(step.run()),
          sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
            throw new Error(`took longer than ${limitMs} ms`);
          }),
        ]);
      } catch (error) {
        errors.push(new Error(`${name}: ${String(error)}`, { cause: error }));
      } finally {
        timer.abort();
      }
    }
    return errors;
  }

  /**
   * Resolves with the name of the first reason to stop: a signal, or the end of the npm that started
   * us (an npm that is killed cannot pass it on).
   */
  static requested(): Promise<string> {
    return new Promise(resolve => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(name, () => {
          resolve(name);
        });
      }
      if (process.env['npm_lifecycle_event'] === undefined) return;
      const started = npmChain();
      setInterval(() => {
        if (npmChain() !== started) resolve('the end of npm');
      }, 500).unref();
    });
  }
}

/** Who our parents are up to npm, which runs a script through a shell that may outlive it. */
function npmChain(): string {
  const parent = process.ppid;
  const shell = readProcess(parent);
  const isShell = shell !== undefined && /^(\/bin\/)?sh -c /.test(shell.command);
  return isShell ? `${parent} ${shell.parent}` : String(parent);
}
