import type { Socket } from 'node:net';

/** The largest read of a socket in Node; a full one means that more bytes are waiting. */
const FULL_READ = 64 * 1024;
/** Bytes within a window from which on bytes count as plenty. */
const PLENTY_BYTES = 16 * 1024;
const WINDOW_MS = 16;
const PAUSE_MS = 1;

/**
 * Decides when the socket is read. A walsender sends each message with a system call of its own, and
 * a reader that wakes up for each one slows it down to half; a pause of a millisecond after a read
 * lets messages gather. That pays only while bytes are plenty: on a quiet stream there is no pause,
 * and none after a full read, when the kernel has more anyway.
 *
 * The same switch serves the user of the stream, who may hold it when there is no room for more.
 */
export class ReadPacer {
  readonly #socket: Socket;
  #held = false;
  #timer: NodeJS.Timeout | undefined;
  #windowStart = 0;
  #windowBytes = 0;
  #plenty = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Tells of a read of `bytes` bytes, at `now` in milliseconds of a steady clock. */
  noteRead(bytes: number, now: number): void {
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#plenty = this.#windowBytes >= PLENTY_BYTES && now - this.#windowStart < 2 * WINDOW_MS;
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
    const plenty = this.#plenty || this.#windowBytes >= PLENTY_BYTES;
    if (!plenty || bytes >= FULL_READ || this.#held || this.#timer !== undefined) return;
    this.#socket.pause();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#held) this.#socket.resume();
    }, PAUSE_MS);
  }

  /** No reads until {@link release}. */
  hold(): void {
    this.#held = true;
    this.#socket.pause();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.#timer === undefined) this.#socket.resume();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
