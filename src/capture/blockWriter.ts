import type { Lsn } from '../base/lsn';
import { BLOCK, BLOCK_HEADER_SIZE, blockTimeNow, sealBlock } from './blockFormat';
import type { OpenFile } from './fileAccess';

/** Frames are collected in buffers of this size. */
const SEGMENT_SIZE = 1024 * 1024;
/** A data block is written when it has this many bytes, or after {@link FLUSH_MS}. */
const FLUSH_SIZE = 256 * 1024;
const FLUSH_MS = 20;
const MAX_IN_FLIGHT = 2;
/** More than this waiting to be written means that the source must pause. */
const FULL_SIZE = 2 * SEGMENT_SIZE;
const FREE_SEGMENTS = 4;

/** What becomes true when the bytes before it are written. */
export interface WriteMark {
  readonly rows: number;
  readonly position: Lsn;
}

interface Job {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly mark: WriteMark;
  /** It speaks of what stands before it, so it is written when that is. */
  readonly isLater: boolean;
  /** The segment to use again afterwards. */
  readonly segment: Uint8Array | undefined;
  started: boolean;
  done: boolean;
}

interface BlockWriterEvents {
  /** Bytes of the file up to `end` are written; the mark is that of the last block. */
  written(end: number, mark: WriteMark): void;
  /** No more is written from now on. */
  failed(cause: unknown): void;
  /** {@link BlockWriter.full} is false again. */
  drained(): void;
}

/**
 * Puts frames into data blocks and blocks into the file, in order and without waiting: two writes are
 * in flight at most, what comes meanwhile is collected. Progress is told for the unbroken beginning of
 * the file only.
 */
export class BlockWriter {
  readonly #file: OpenFile;
  readonly #events: BlockWriterEvents;
  /** Asked when a block is sealed. */
  readonly #mark: () => WriteMark;
  readonly #jobs: Job[] = [];
  readonly #free: Uint8Array[] = [];
  #inFlight = 0;
  #queued = 0;
  /** The open data block; it begins with room for its header. */
  #segment: Uint8Array | undefined;
  #used = 0;
  #opened = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushWanted = false;
  #failed = false;
  #wasFull = false;
  /** Who waits until the file is written up to a place. */
  #waiting: { readonly end: number; readonly resolve: () => void }[] = [];
  /** File offset where the open data block, or the next block, begins. */
  #end: number;
  /** The file is written up to here without a hole. */
  #written: number;

  #durable = false;

  constructor(file: OpenFile, start: number, mark: () => WriteMark, events: BlockWriterEvents) {
    this.#file = file;
    this.#end = start;
    this.#written = start;
    this.#mark = mark;
    this.#events = events;
  }

  /** From now on what a directory speaks of is on stable storage before the directory is. */
  makeDurable(): void {
    this.#durable = true;
  }

  /** Where the next block would begin. */
  get end(): number {
    return this.#end + this.#used;
  }

  get full(): boolean {
    return this.#queued + this.#used > FULL_SIZE;
  }

  /**
   * Copies a frame into the open data block; returns the frame's offset in the file. The caller takes
   * note of the frame and then calls {@link appended}, so that marks count it.
   */
  appendFrame(frame: Uint8Array): number {
    const size = 4 + frame.length;
    if (this.#segment !== undefined && this.#used + size > this.#segment.length) this.#seal();
    const segment = (this.#segment ??= this.#openSegment(size));
    const at = this.#used;
    writeU32(segment, at, frame.length);
    segment.set(frame, at + 4);
    this.#used = at + size;
    return this.#end + at + 4;
  }

  appended(): void {
    if (this.#used >= FLUSH_SIZE && this.#inFlight < MAX_IN_FLIGHT) this.#seal();
    if (this.full) this.#wasFull = true;
  }

  /** Ends the open data block; returns where the next block begins. */
  seal(): number {
    this.#seal();
    return this.#end;
  }

  /** Adds a block of its own after what was appended; returns the block's offset. */
  appendBlock(type: number, payload: readonly Uint8Array[]): number {
    this.#seal();
    const size = payload.reduce((sum, piece) => sum + piece.length, BLOCK_HEADER_SIZE);
    const block = new Uint8Array(size);
    let at = BLOCK_HEADER_SIZE;
    for (const piece of payload) {
      block.set(piece, at);
      at += piece.length;
    }
    return this.#submitBlock(type, block, blockTimeNow());
  }

  /**
   * Resolves when everything appended so far is written, or when writing has failed and nothing is in
   * flight any more. What is appended meanwhile is not waited for.
   */
  async flush(): Promise<void> {
    const end = this.seal();
    if (this.#jobs.length === 0) return;
    await new Promise<void>(resolve => {
      this.#waiting.push({ end, resolve });
    });
  }

  /** Takes no more; what is in flight is waited for. */
  async stop(): Promise<void> {
    this.#failed = true;
    this.#dropWaiting();
    await this.flush();
  }

  /** A buffer for frames; a frame that is too large for one gets a block of its own size. */
  #openSegment(frameSize: number): Uint8Array {
    this.#used = BLOCK_HEADER_SIZE;
    this.#opened = blockTimeNow();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Both writes are still under way: the next one that ends takes this block along.
      if (this.#inFlight < MAX_IN_FLIGHT) this.#seal();
      else this.#flushWanted = true;
    }, FLUSH_MS);
    const size = BLOCK_HEADER_SIZE + frameSize;
    // Up to 1 GB, and every byte of it is written next: no need to clear it.
    if (size > SEGMENT_SIZE) return Buffer.allocUnsafeSlow(size);
    return this.#free.pop() ?? new Uint8Array(SEGMENT_SIZE);
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushWanted = false;
    const segment = this.#segment;
    if (segment === undefined) return;
    const block = segment.subarray(0, this.#used);
    this.#segment = undefined;
    this.#used = 0;
    this.#submitBlock(BLOCK.data, block, this.#opened, segment);
  }

  #submitBlock(type: number, block: Uint8Array, time: number, segment?: Uint8Array): number {
    const offset = this.#end;
    this.#end += block.length;
    if (this.#failed) return offset;
    sealBlock(block, type, time);
    this.#queued += block.length;
    const mark = this.#mark();
    const isLater = type === BLOCK.directory;
    this.#jobs.push({ bytes: block, offset, mark, isLater, segment, started: false, done: false });
    // An index chunk alone is more than may wait; who asks then pauses until `drained`.
    if (this.full) this.#wasFull = true;
    this.#startWrites();
    return offset;
  }

  #startWrites(): void {
    for (const job of this.#jobs) {
      if (this.#failed || this.#inFlight >= MAX_IN_FLIGHT) return;
      if (job.started) continue;
      if (job.isLater && job !== this.#jobs[0]) return;
      job.started = true;
      this.#inFlight++;
      this.#write(job).then(
        () => {
          job.done = true;
          this.#settled();
        },
        (cause: unknown) => {
          if (!this.#failed) {
            this.#failed = true;
            this.#events.failed(cause);
          }
          this.#settled();
        },
      );
    }
  }

  async #write({ bytes, offset, isLater }: Job): Promise<void> {
    // A power failure may keep earlier bytes from the disk and let later ones through.
    if (isLater && this.#durable) await this.#file.sync();
    await this.#file.write(bytes, offset);
  }

  #settled(): void {
    this.#inFlight--;
    this.#advance();
    if (this.#failed) this.#dropWaiting();
    else this.#startWrites();
    if (this.#inFlight < MAX_IN_FLIGHT && (this.#flushWanted || this.#used >= FLUSH_SIZE)) {
      this.#seal();
    }
    this.#tellWaiting();
    if (this.#wasFull && !this.full) {
      this.#wasFull = false;
      this.#events.drained();
    }
  }

  /** Tells how far the unbroken beginning of the file reaches now. */
  #advance(): void {
    let last: Job | undefined;
    for (;;) {
      const job = this.#jobs[0];
      // After a failure a later block may be done, but it does not follow what is written.
      if (job?.done !== true || job.offset !== this.#written) break;
      this.#jobs.shift();
      this.#written = job.offset + job.bytes.length;
      this.#queued -= job.bytes.length;
      if (job.segment?.length === SEGMENT_SIZE && this.#free.length < FREE_SEGMENTS) {
        this.#free.push(job.segment);
      }
      last = job;
    }
    if (last !== undefined) this.#events.written(this.#written, last.mark);
  }

  /** After a failure: what was not begun is given up, what is in flight is waited for. */
  #dropWaiting(): void {
    if (this.#inFlight > 0) return;
    this.#jobs.length = 0;
    this.#queued = 0;
    this.#tellWaiting();
  }

  #tellWaiting(): void {
    const idle = this.#jobs.length === 0;
    this.#waiting = this.#waiting.filter(({ end, resolve }) => {
      if (!idle && end > this.#written) return true;
      resolve();
      return false;
    });
  }
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = value >>> 24;
}
