import type { Lsn } from '../base/lsn';
import { INVALID_LSN } from '../base/lsn';
import { syncFolder } from '../capture/appendFile';
import type { CaptureError } from '../capture/captureError';
import type { CaptureMeta } from '../capture/captureMeta';
import { CaptureTypes } from '../capture/captureTypes';
import type { CaptureTotals } from '../capture/captureWriter';
import { CaptureWriter } from '../capture/captureWriter';
import type { OpenFile } from '../capture/fileAccess';
import { nodeFiles } from '../capture/fileAccess';
import { dataFrame, FRAME } from '../capture/frame';
import type { WriterStart } from '../capture/writerStart';
import { PRODUCT } from '../base/product';
import type { CaptureNote } from '../shared/captureNote';
import type { CustomType } from '../shared/customType';
import type { FrameSink, SinkEnd, StreamFacts, TypeSource } from '../shared/frameSink';

/** What is written becomes durable after this time or this many bytes, whichever comes first. */
const SYNC_MS = 1000;
const SYNC_BYTES = 16 * 1024 * 1024;

/** How long an end waits for types that were asked for. */
const TYPES_MS = 1000;

export interface CaptureSinkOptions {
  readonly path: string;
  readonly facts: StreamFacts;
  /** Sync while writing, so that `storedLsn` advances. */
  readonly durable: boolean;
  /** Types that are known already, as of a capture that is copied. */
  readonly types?: readonly CustomType[];
  /** Some values may be in binary form, whatever the options of the plugin say. */
  readonly holdsBinary?: boolean;
  /** The masked columns whose values are taken out of all frames before they come here, as patterns. */
  readonly redacted?: readonly string[];
}

/** Writes a stream into a capture file, a new one or one that is continued. */
export class CaptureSink implements FrameSink {
  readonly #writer: CaptureWriter;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #types: CaptureTypes;
  #syncing: Promise<void> | undefined;
  #syncedSize = 0;
  /** Something came since the last sync that is to last. */
  #unsynced = true;
  #end: SinkEnd | undefined;
  #closed = false;
  /** The stream was continued after this position; nothing has come of it yet. */
  #seam: Lsn | undefined;
  #onEnd: (end: SinkEnd) => void = () => undefined;
  /** The capture was there before, and holds everything up to here. */
  readonly resumeAfter?: Lsn;

  private constructor(
    writer: CaptureWriter,
    { path, durable }: CaptureSinkOptions,
    after = INVALID_LSN,
  ) {
    this.#writer = writer;
    this.#path = path;
    // Where no position came, no message did.
    if (after !== INVALID_LSN) this.resumeAfter = this.#seam = after;
    this.#types = new CaptureTypes(writer.relations, writer.meta.types, types => {
      if (writer.error === undefined && !this.#closed) writer.setMeta({ ...writer.meta, types });
    });
    writer.onError = error => {
      this.#fail(error);
    };
    if (durable) {
      writer.makeDurable();
      this.#timer = setInterval(() => {
        this.#syncSoon();
      }, SYNC_MS);
    }
  }

  static async create(options: CaptureSinkOptions): Promise<CaptureSink> {
    const meta = captureMeta(options);
    const writer = await CaptureWriter.create(nodeFiles, options.path, meta);
    if (options.durable) await syncFolder(options.path);
    return new CaptureSink(writer, options);
  }

  /** As `create`, in an empty file. */
  static async begin(file: OpenFile, options: CaptureSinkOptions): Promise<CaptureSink> {
    const writer = await CaptureWriter.begin(file, captureMeta(options));
    return new CaptureSink(writer, options);
  }

  /** Goes on in a capture that {@link readWriterStart} has read. */
  static async resume(
    file: OpenFile,
    start: WriterStart,
    options: CaptureSinkOptions,
  ): Promise<CaptureSink> {
    const { startedAt } = start.meta;
    const meta = { ...captureMeta(options), startedAt };
    const writer = await CaptureWriter.resume(file, start, meta);
    return new CaptureSink(writer, options, start.position);
  }

  /** Counters for a reader in another thread. */
  get header(): SharedArrayBuffer {
    return this.#writer.header;
  }

  get meta(): CaptureMeta {
    return this.#writer.meta;
  }

  /** Frames that describe the tables and types in force: what a capture begins with that goes on from this one. */
  descriptions(): Uint8Array[] {
    return this.#writer.relations.inForce().map(message => dataFrame(INVALID_LSN, message));
  }

  /** Running sums of what was appended. */
  get totals(): CaptureTotals {
    return this.#writer.totals;
  }

  /** Bytes of the file so far. */
  get size(): number {
    return this.#writer.size;
  }

  get full(): boolean {
    return this.#writer.full;
  }

  get writtenLsn(): Lsn {
    return this.#writer.writtenLsn;
  }

  get storedLsn(): Lsn {
    return this.#writer.syncedLsn;
  }

  onDrain(listener: () => void): void {
    this.#writer.onDrain = listener;
  }

  onEnd(listener: (end: SinkEnd) => void): void {
    this.#onEnd = listener;
    if (this.#end !== undefined) listener(this.#end);
  }

  useTypes(source: TypeSource): void {
    this.#types.use(source);
  }

  /** Adds types that are not built in. */
  learnTypes(types: readonly CustomType[]): void {
    this.#types.learn(types);
  }

  append(frame: Uint8Array): void {
    // The end is told already; what still comes from the socket is not wanted.
    if (this.#writer.error !== undefined) return;
    if (this.#seam !== undefined && frame[0] !== FRAME.keepalive) {
      this.#writer.appendSeam({ after: this.#seam });
      this.#seam = undefined;
    }
    this.#writer.append(frame);
    this.#unsynced = true;
    this.#types.look();
    if (this.#timer !== undefined && this.#writer.size - this.#syncedSize >= SYNC_BYTES) {
      this.#syncSoon();
    }
  }

  appendNotes(notes: readonly CaptureNote[]): void {
    if (!this.#closed) this.#writer.appendNotes(notes);
    this.#unsynced = true;
  }

  appendAside(frame: Uint8Array): void {
    // It says nothing that another stream would have to know: nothing is synced for it, and no seam is made.
    if (this.#writer.error === undefined && !this.#closed) this.#writer.append(frame);
  }

  /** What the transactions hold that are sent in part: a stream that goes on repeats it. */
  get unfinished(): { readonly changes: number; readonly bytes: number } {
    return this.#writer.totals.unfinished;
  }

  /**
   * Another stream goes on here, after a position that is the end of the last complete transaction. What
   * was sent in part is taken to be cut off when the first message of that stream comes, not before.
   */
  continueAfter(after: Lsn): void {
    this.#seam = after;
  }

  /** A stream ended and another one may follow: the file is as complete as one that is closed. */
  async rest(): Promise<void> {
    await this.#typesSettled();
    await this.#syncing;
    await this.#writer.rest();
  }

  stop(): void {
    // Frames are written as they are: nothing waits.
  }

  async flush(): Promise<void> {
    await this.#writer.sync();
  }

  async close(): Promise<void> {
    await this.#typesSettled();
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#syncing;
    await this.#writer.close();
  }

  /** The types of the last tables may be on their way; an end does not wait for them for long. */
  async #typesSettled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>(resolve => {
      timer = setTimeout(resolve, TYPES_MS);
    });
    await Promise.race([this.#types.settled(), timeout]);
    clearTimeout(timer);
  }

  #syncSoon(): void {
    const size = this.#writer.size;
    if (this.#syncing !== undefined || this.#writer.error !== undefined) return;
    if (!this.#unsynced && this.#writer.syncedLsn >= this.#writer.writtenLsn) return;
    this.#unsynced = false;
    this.#syncedSize = size;
    this.#syncing = this.#writer
      .sync()
      // The writer tells its error by onError.
      .catch(() => undefined)
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  #fail(error: CaptureError): void {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    this.#end = {
      kind: error.code === 'disk-full' ? 'disk-full' : 'failed',
      failure: {
        code: error.code,
        message: error.message,
        action: 'What was written before can be opened. Make room, or write to another disk.',
        detail: `${this.#path}${cause}`,
      },
    };
    this.#onEnd(this.#end);
  }
}

function captureMeta(options: CaptureSinkOptions): CaptureMeta {
  const { facts, types = [], holdsBinary = false, redacted = [] } = options;
  return {
    source: facts.source,
    systemIdentifier: facts.systemIdentifier,
    product: `${PRODUCT.name} ${PRODUCT.version}`,
    startedAt: new Date().toISOString(),
    pluginOptions: facts.pluginOptions,
    types,
    ...(holdsBinary ? { binary: true } : {}),
    ...(redacted.length === 0 ? {} : { redacted }),
  };
}
