import type { Lsn } from '../base/lsn';
import { INVALID_LSN } from '../base/lsn';
import type { OutputTarget } from './outputTarget';

/** Text is handed over in pieces of at most this many bytes; a longer one goes alone. */
const PIECE = 256 * 1024;
/** Longer texts are encoded on their own. */
const LONG_TEXT = PIECE / 8;
/** At most this long a line waits for company, in milliseconds. */
const LINGER_MS = 5;
/** Above this many bytes waiting, no more should be read from the source. */
const FULL_BYTES = 1024 * 1024;
/** What is written becomes durable after this time or this many bytes, whichever comes first. */
const SYNC_MS = 1000;
const SYNC_BYTES = 16 * 1024 * 1024;

const NOTHING = new Uint8Array();

interface Piece {
  readonly bytes: Uint8Array;
  /** Position that is reached when these bytes are written. */
  readonly lsn: Lsn;
}

/**
 * Writes text in order and knows which position of the stream has been written, and which is
 * durable. Holds little: {@link full} asks the source to stop while the target is slow.
 */
export class TextOutput {
  readonly #target: OutputTarget;
  readonly #durable: boolean;
  readonly #queue: Piece[] = [];
  /** The piece that is being filled. */
  #piece: Buffer | undefined;
  #used = 0;
  #queuedBytes = 0;
  #position: Lsn;
  #written: Lsn;
  #stored: Lsn;
  #writtenBytes = 0;
  #syncedBytes = 0;
  #syncTimer: NodeJS.Timeout | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;
  #pump: Promise<void> | undefined;
  #failed: Error | undefined;
  #onDrain: () => void = () => undefined;
  #onError: (error: Error) => void = () => undefined;

  /**
   * `durable` syncs the target while it is written, so that {@link storedLsn} advances. `after` is what the
   * target holds already, and keeps for good.
   */
  constructor(
    target: OutputTarget,
    { durable, after = INVALID_LSN }: { readonly durable: boolean; readonly after?: Lsn },
  ) {
    this.#target = target;
    this.#durable = durable;
    this.#position = this.#written = this.#stored = after;
  }

  get full(): boolean {
    return this.#held() > FULL_BYTES;
  }

  get writtenLsn(): Lsn {
    return this.#written;
  }

  get storedLsn(): Lsn {
    return this.#durable ? this.#stored : this.#written;
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onError(listener: (error: Error) => void): void {
    this.#onError = listener;
  }

  write(text: string): void {
    if (text.length > LONG_TEXT) {
      this.#handOver();
      this.#enqueue(Buffer.from(text, 'utf8'));
      return;
    }
    // A UTF-16 unit takes three bytes at most.
    const { bytes, at } = this.reserve(3 * text.length);
    this.commit(at + bytes.write(text, at, 'utf8'));
  }

  /** Room for `size` bytes of text in UTF-8; {@link commit} says how much of it was used. */
  reserve(size: number): { readonly bytes: Buffer; readonly at: number } {
    if (this.#piece !== undefined && this.#piece.length - this.#used < size) this.#handOver();
    this.#piece ??= Buffer.allocUnsafeSlow(Math.max(PIECE, size));
    return { bytes: this.#piece, at: this.#used };
  }

  /** The text that was put into the reserved room ends at `end`. */
  commit(end: number): void {
    this.#used = end;
    this.#linger();
  }

  /** Everything up to this position has been given to {@link write}. */
  reached(lsn: Lsn): void {
    if (lsn <= this.#position) return;
    this.#position = lsn;
    if (this.#used === 0 && this.#pump === undefined && this.#queue.length === 0) this.#advance();
    else this.#linger();
  }

  /** Resolves when {@link full} is false. */
  async drained(): Promise<void> {
    while (this.full && this.#failed === undefined) {
      this.#handOver();
      await this.#pump;
    }
  }

  /** Resolves when all is written, and durable where that was asked for; rejects if that failed. */
  async flush(): Promise<void> {
    this.#handOver();
    while (this.#pump !== undefined) await this.#pump;
    if (this.#failed === undefined && this.#durable) await this.#sync();
    if (this.#failed !== undefined) throw this.#failed;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      clearTimeout(this.#lingerTimer);
      clearTimeout(this.#syncTimer);
      await this.#target.close();
    }
  }

  #held(): number {
    return this.#queuedBytes + this.#used;
  }

  #linger(): void {
    this.#lingerTimer ??= setTimeout(() => {
      this.#handOver();
    }, LINGER_MS);
  }

  #handOver(): void {
    clearTimeout(this.#lingerTimer);
    this.#lingerTimer = undefined;
    const piece = this.#piece;
    const used = this.#used;
    this.#used = 0;
    if (piece === undefined || used === 0) {
      this.#enqueue(NOTHING);
    } else if (2 * used < piece.length) {
      // A piece that waits must not take much more memory than it is counted for.
      this.#enqueue(Uint8Array.prototype.slice.call(piece, 0, used));
    } else {
      this.#piece = undefined;
      this.#enqueue(piece.subarray(0, used));
    }
  }

  #enqueue(bytes: Uint8Array): void {
    if (this.#failed !== undefined) return;
    this.#queue.push({ bytes, lsn: this.#position });
    this.#queuedBytes += bytes.length;
    this.#startPump();
  }

  #startPump(): void {
    if (this.#pump !== undefined || this.#queue.length === 0) return;
    this.#pump = this.#run().finally(() => {
      this.#pump = undefined;
      this.#startPump();
    });
  }

  async #run(): Promise<void> {
    try {
      for (let piece = this.#queue.shift(); piece !== undefined; piece = this.#queue.shift()) {
        if (piece.bytes.length > 0) await this.#target.write(piece.bytes);
        const before = this.#held();
        this.#queuedBytes -= piece.bytes.length;
        this.#writtenBytes += piece.bytes.length;
        this.#written = piece.lsn;
        if (this.#writtenBytes - this.#syncedBytes >= SYNC_BYTES) await this.#sync();
        if (before > FULL_BYTES && this.#held() <= FULL_BYTES) this.#onDrain();
      }
      this.#scheduleSync();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #advance(): void {
    this.#written = this.#position;
    this.#scheduleSync();
  }

  #scheduleSync(): void {
    if (!this.#durable || this.#stored >= this.#written) return;
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      this.#sync().catch((error: unknown) => {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      });
    }, SYNC_MS);
  }

  async #sync(): Promise<void> {
    if (!this.#durable) return;
    const lsn = this.#written;
    const bytes = this.#writtenBytes;
    if (bytes > this.#syncedBytes) await this.#target.sync();
    this.#syncedBytes = Math.max(this.#syncedBytes, bytes);
    if (lsn > this.#stored) this.#stored = lsn;
  }

  #fail(error: Error): void {
    if (this.#failed !== undefined) return;
    this.#failed = error;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#onError(error);
    this.#onDrain();
  }
}
