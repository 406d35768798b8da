import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { PROJECT_ROOT } from '../projectRoot';

/**
 * Cleans up after us when we are killed and cannot do it ourselves: a small process in a session of
 * its own that holds the other end of a pipe. See watchdogMain.mjs.
 */
export class Watchdog {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(
      process.execPath,
      [path.join(PROJECT_ROOT, 'scripts/process/watchdogMain.mjs')],
      { detached: true, stdio: ['pipe', 'ignore', 'inherit'] },
    );
    // A watchdog that is gone must not take us with it (EPIPE), nor keep us alive.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.unref();
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** A process, or the group it leads, that must not outlive us; `signal` asks it to end. */
  watch(pid: number, signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#send({ watch: pid, signal });
  }

  /** It ended by itself: its id may be given to somebody else. */
  forget(pid: number): void {
    this.#send({ forget: pid });
  }

  /** A folder to remove after the processes are gone. */
  watchFolder(folder: string): void {
    this.#send({ folder });
  }

  /** All is cleaned up: the watchdog leaves without doing anything. */
  async dismiss(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise(resolve => this.#child.once('exit', resolve));
    this.#child.ref();
    this.#child.stdin?.end(`${JSON.stringify({ farewell: true })}\n`);
    await gone;
  }
}
