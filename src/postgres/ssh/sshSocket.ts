import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import process from 'node:process';
import { Duplex } from 'node:stream';
import { findProgram } from './findProgram';
import { sshArguments, type SshWay } from './sshArguments';
import { sshDestinationProblem } from './sshDestination';
import { SshError, type SshTrouble } from './sshError';
import { sshErrorOf } from './sshRules';

/** Most bytes kept of what `ssh` writes about itself; the end of it says why it ended. */
const SAID_BYTES = 8 * 1024;
/** As much as a TCP socket of Node reads at once. */
const READ_BYTES = 64 * 1024;
/** Longest wait between the end of the stream and that of `ssh`, which says why; in milliseconds. */
const REASON_MS = 1_000;

/**
 * A connection to a host and port as an SSH server sees them: the stdio of an `ssh -W` of its own. It does
 * what the driver, TLS and our streams ask of a TCP socket. There is no local port that others could use,
 * and `ssh` ends by itself when we are gone, however we went, because its pipes close then.
 *
 * Reading stops where it stops here: `ssh` waits for room in its pipe, and the server for room in the SSH
 * channel, which is bounded (2 MiB).
 */
export class SshSocket extends Duplex {
  readonly #way: SshWay;
  readonly #host: string;
  readonly #port: number;
  #child: ChildProcessWithoutNullStreams | undefined;
  #said = '';
  /** Bytes of the other side have come, so the connection stood. */
  #isOpen = false;
  #reasonTimer: NodeJS.Timeout | undefined;

  /** Where to go is fixed here; what {@link connect} is told is for TLS. */
  constructor(way: SshWay, host: string, port: number) {
    super({ allowHalfOpen: false, readableHighWaterMark: READ_BYTES });
    this.#way = way;
    this.#host = host;
    this.#port = port;
  }

  connect(): this {
    const { env, platform } = process;
    const problem = sshDestinationProblem(this.#way.destination);
    if (problem !== undefined) return this.#refuse('destination', problem);
    if (/[/@[\]\s\p{Cc}]/u.test(this.#host)) return this.#refuse('unix-socket', this.#host);
    const program = findProgram('ssh', env, platform);
    if (program === undefined) return this.#refuse('missing', 'no ssh on PATH');
    const child = spawn(program, sshArguments(this.#way, this.#host, this.#port, env), {
      // Not in our process group: Ctrl-C in a terminal is for us, who then end the stream in good order.
      detached: platform !== 'win32',
      windowsHide: true,
      // A master that it may start for a jump outlives us.
      env: { ...env, PGPASSWORD: undefined },
    });
    this.#child = child;
    // The pipes keep our process alive while they are open, as a TCP socket does.
    child.unref();
    this.#listen(child);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  /** `ssh` asks its server by itself whether it is there (ServerAliveInterval). */
  setKeepAlive(): this {
    return this;
  }

  override _read(): void {
    this.#child?.stdout.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    // Where ssh is gone, its end says why; not that its pipe is.
    if (this.#child?.stdin.writable !== true) done();
    else
      this.#child.stdin.write(chunk, () => {
        done();
      });
  }

  override _final(done: () => void): void {
    if (this.#child?.stdin.writable !== true) done();
    else
      this.#child.stdin.end(() => {
        done();
      });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#reasonTimer);
    const child = this.#child;
    if (child !== undefined) {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      // While it connects it does not look at its pipes.
      if (!this.#isOpen) child.kill();
    }
    if (error !== null) {
      done(error);
      return;
    }
    // TLS on top of us closes us first and then, a turn of the event loop later, tells why: a certificate
    // that is not right would else be just a connection that ended.
    setImmediate(() => {
      setImmediate(() => {
        done(null);
      });
    });
  }

  #listen(child: ChildProcessWithoutNullStreams): void {
    child.once('spawn', () => {
      if (!this.destroyed) this.emit('connect');
    });
    child.on('error', error => {
      this.destroy(new SshError('other', error.message));
    });
    for (const pipe of [child.stdin, child.stdout, child.stderr]) {
      pipe.on('error', () => {
        // As with what cannot be written: the end of ssh says why.
      });
    }
    child.stdout.on('data', (chunk: Buffer) => {
      this.#isOpen = true;
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.once('end', () => {
      this.#reasonTimer = setTimeout(() => {
        this.#over(child.exitCode ?? (this.#isOpen ? 0 : null));
      }, REASON_MS);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-SAID_BYTES);
    });
    child.once('close', code => {
      this.#over(code);
    });
  }

  /** A server that closes a connection which stood ends it as it would without SSH; all else is SSH's. */
  #over(code: number | null): void {
    clearTimeout(this.#reasonTimer);
    if (this.destroyed) return;
    if (code === 0) this.push(null);
    else this.destroy(sshErrorOf(this.#said, this.#isOpen));
  }

  #refuse(trouble: SshTrouble, said: string): this {
    process.nextTick(() => {
      this.destroy(new SshError(trouble, said));
    });
    return this;
  }
}
