import { unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Lsn } from '../base/lsn';
import { INVALID_LSN } from '../base/lsn';
import { describeSystemError } from '../base/systemError';
import { DATA_HEADER_SIZE, FRAME, gapFrame, hasPosition, frameLsn } from '../capture/frame';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { CaptureNote } from '../shared/captureNote';
import type { CustomType } from '../shared/customType';
import type { FrameSink, SinkEnd, TypeSource } from '../shared/frameSink';
import type { CaptureSinkOptions } from './captureSink';
import { CaptureSink } from './captureSink';

export interface RingOptions extends CaptureSinkOptions {
  /** Most bytes of a file; only a single message that is larger goes beyond it. */
  readonly maxSize: number;
  /** Files that stay, 2 or more; older ones are deleted. Absent: all. */
  readonly keep?: number;
}

/** From these shares of a file's frames on a place is looked for where it can end; beyond the last one, anywhere. */
const NEAR = 0.9;
const NEARER = 0.95;
const FULL = 1.05;
/** What stands behind the last frame: index, transactions, directory. */
const MOST_RESERVE = 3 * 1024 * 1024;

/**
 * Writes a stream into captures one after the other, `name-0001.walcap` and so on, each complete by itself: it
 * begins with what is known of the source, the types, and the tables in force. A file ends between two
 * transactions where there is such a place near its end; else between two blocks of a streamed one; else
 * anywhere, and the next one begins with a gap of no bytes that says so, and with what opened the transaction.
 */
export class CaptureRing implements FrameSink {
  readonly #options: RingOptions;
  /** Bytes of a file that are not its end. */
  readonly #limit: number;
  #sink: CaptureSink;
  #number = 1;
  #next: CaptureSink | undefined;
  #opening: Promise<void> | undefined;
  /** Those that are being closed, the oldest first. */
  readonly #closing: CaptureSink[] = [];
  readonly #files: string[];
  /** What was written, and stored, of the files that are closed. */
  #closedWritten: Lsn = INVALID_LSN;
  #closedStored: Lsn = INVALID_LSN;
  #work: Promise<void> = Promise.resolve();
  /** The message that opened the transaction or the block that is being sent. */
  #opened: Uint8Array | undefined;
  #position: Lsn = INVALID_LSN;
  #types: TypeSource | undefined;
  #onDrain: () => void = () => undefined;
  #onEnd: (end: SinkEnd) => void = () => undefined;
  #end: SinkEnd | undefined;

  private constructor(options: RingOptions, first: CaptureSink) {
    this.#options = options;
    const { maxSize } = options;
    this.#limit = (maxSize - Math.min(MOST_RESERVE, maxSize / 4)) / FULL;
    this.#sink = first;
    this.#files = [ringFile(options.path, 1)];
    this.#listen(first);
  }

  static async create(options: RingOptions): Promise<CaptureRing> {
    return new CaptureRing(
      options,
      await CaptureSink.create({ ...options, path: ringFile(options.path, 1) }),
    );
  }

  append(frame: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#sink.append(frame);
    this.#follow(frame);
    const share = this.#sink.size / this.#limit;
    if (share >= NEAR) this.#nearEnd(share);
  }

  appendAside(frame: Uint8Array): void {
    this.#sink.appendAside(frame);
  }

  appendNotes(notes: readonly CaptureNote[]): void {
    this.#sink.appendNotes(notes);
  }

  get full(): boolean {
    // The next file is not there yet, and this one must not grow on.
    const waits = this.#next === undefined && this.#sink.size >= this.#limit;
    return this.#end === undefined && (waits || this.#sink.full);
  }

  get writtenLsn(): Lsn {
    return this.#closing[0]?.writtenLsn ?? later(this.#closedWritten, this.#sink.writtenLsn);
  }

  get storedLsn(): Lsn {
    return this.#closing[0]?.storedLsn ?? later(this.#closedStored, this.#sink.storedLsn);
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onEnd(listener: (end: SinkEnd) => void): void {
    this.#onEnd = listener;
    if (this.#end !== undefined) listener(this.#end);
  }

  useTypes(source: TypeSource): void {
    this.#types = source;
    this.#sink.useTypes(source);
    this.#next?.useTypes(source);
  }

  /** Adds types that are not built in. */
  learnTypes(types: readonly CustomType[]): void {
    this.#sink.learnTypes(types);
    this.#next?.learnTypes(types);
  }

  stop(): void {
    // Frames are written as they are: nothing waits.
  }

  async flush(): Promise<void> {
    await this.#work;
    await this.#sink.flush();
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#work;
    await this.#sink.close();
    if (this.#next === undefined) return;
    await this.#next.close();
    await unlink(ringFile(this.#options.path, this.#number + 1)).catch(() => undefined);
  }

  /** Remembers what opened what is being sent, and how far it has come. */
  #follow(frame: Uint8Array): void {
    if (hasPosition(frame)) this.#position = later(this.#position, frameLsn(frame, 1));
    if (frame[0] !== FRAME.data) return;
    switch (frame[DATA_HEADER_SIZE]) {
      case MessageLetter.begin:
      case MessageLetter.beginPrepare:
      case MessageLetter.streamStart:
        this.#opened = frame.slice();
        break;
      case MessageLetter.commit:
      case MessageLetter.prepare:
      case MessageLetter.streamStop:
        this.#opened = undefined;
        break;
      default:
        break;
    }
  }

  #nearEnd(share: number): void {
    if (this.#next === undefined) {
      this.#opening ??= this.#openNext();
      return;
    }
    const { openTransactions } = this.#sink.totals;
    const isBetween = this.#opened === undefined && (openTransactions === 0 || share >= NEARER);
    if (isBetween || share >= FULL) this.#turn(openTransactions > 0);
  }

  async #openNext(): Promise<void> {
    const number = this.#number + 1;
    try {
      const file = ringFile(this.#options.path, number);
      const types = this.#sink.meta.types;
      const next = await CaptureSink.create({ ...this.#options, path: file, types });
      this.#listen(next);
      this.#next = next;
      this.#onDrain();
    } catch (cause) {
      const reason = describeSystemError(cause);
      this.#finish({
        kind: 'failed',
        failure: {
          code: 'write-failed',
          message: `The next file cannot be made: ${reason}`,
          action: 'What was written before can be opened.',
          detail: ringFile(this.#options.path, number),
        },
      });
    }
  }

  /** Goes on in the next file. */
  #turn(isCut: boolean): void {
    const before = this.#sink;
    const next = this.#next;
    if (next === undefined) return;
    const from = path.basename(ringFile(this.#options.path, this.#number));
    this.#number++;
    this.#sink = next;
    this.#next = undefined;
    this.#opening = undefined;
    this.#files.push(ringFile(this.#options.path, this.#number));
    if (isCut) {
      const reason = `Transactions that are sent in part here began in ${from}`;
      next.append(gapFrame({ from: this.#position, to: this.#position, reason }));
    }
    for (const frame of before.descriptions()) next.append(frame);
    if (this.#opened !== undefined) next.append(this.#opened);
    if (this.#types !== undefined) next.useTypes(this.#types);
    this.#closing.push(before);
    this.#work = this.#work.then(() => this.#closeOldest());
  }

  async #closeOldest(): Promise<void> {
    const [oldest] = this.#closing;
    if (oldest === undefined) return;
    await oldest.close();
    this.#closedWritten = later(this.#closedWritten, oldest.writtenLsn);
    this.#closedStored = later(this.#closedStored, oldest.storedLsn);
    this.#closing.shift();
    const { keep } = this.#options;
    while (keep !== undefined && this.#files.length > keep) {
      const file = this.#files.shift();
      // Somebody may have taken it away already.
      if (file !== undefined) await unlink(file).catch(() => undefined);
    }
  }

  #listen(sink: CaptureSink): void {
    sink.onDrain(() => {
      if (sink === this.#sink) this.#onDrain();
    });
    sink.onEnd(end => {
      this.#finish(end);
    });
  }

  #finish(end: SinkEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#onEnd(end);
  }
}

/** `orders.walcap` → `orders-0001.walcap`. */
function ringFile(file: string, number: number): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}-${String(number).padStart(4, '0')}${ext}`);
}

/** Whether a file name is one of {@link ringFile}, whatever its number. */
export function isRingFile(file: string, name: string): boolean {
  const { name: base, ext } = path.parse(file);
  if (!name.startsWith(`${base}-`) || !name.endsWith(ext)) return false;
  return /^\d{4,}$/.test(name.slice(base.length + 1, name.length - ext.length));
}

function later(a: Lsn, b: Lsn): Lsn {
  return a > b ? a : b;
}
