import type { Lsn } from '../base/lsn';
import { INVALID_LSN } from '../base/lsn';
import { FilterQuestions } from '../capture/filterQuestions';
import { RelationCatalog } from '../capture/relationCatalog';
import { takeTurns } from '../capture/turns';
import { parseFilter } from '../filter/filterExpression';
import { MetTables } from '../filter/metTables';
import type { CaptureNote } from '../shared/captureNote';
import type { CustomType } from '../shared/customType';
import type { FilterProblem } from '../shared/filterApi';
import type { FrameSink, SinkEnd, TypeSource } from '../shared/frameSink';
import type { CaptureSinkOptions } from './captureSink';
import { filteredExtent } from './filteredExtent';
import { FilteredFrames } from './filteredFrames';
import { FrameLimit } from './frameLimit';
import { RawPart } from './rawPart';
import { explainWriteFailure } from './writeFailure';

/** The capture, or the captures, that what passes is written to. */
export interface CaptureOutput extends FrameSink {
  /** Adds types that are not built in. */
  learnTypes(types: readonly CustomType[]): void;
  appendNotes(notes: readonly CaptureNote[]): void;
}

export interface FilteredCaptureOptions extends CaptureSinkOptions {
  readonly output: CaptureOutput;
  readonly filter: string;
  /** Told at the end where nothing passed: the filter asks for what none of the tables had. */
  readonly onFilterHint?: (hint: FilterProblem) => void;
  /** Most changes that are written. */
  readonly limit?: number;
  /** A part is filtered when it has so many bytes, or after so many milliseconds. */
  readonly partBytes?: number;
  readonly partMs?: number;
}

const PART_BYTES = 8 * 1024 * 1024;
const PART_MS = 1000;
/** So many parts wait before no more is read from the server. */
const MOST_WAITING = 4;
/** How long parts are filtered on when somebody wants the end. */
const STOP_MS = 1000;

/**
 * Writes what of a stream passes a filter into a capture, with the frames that {@link FilteredFrames} makes
 * of a capture of all. What passes may only be known at the end of a transaction, so the stream is written
 * down as it comes, in parts: each ends where no transaction is open, is filtered then, and is gone. So it
 * takes the room of a few parts on the disk, or that of the transactions which are sent at one time.
 */
export class FilteredCapture implements FrameSink {
  readonly #options: FilteredCaptureOptions;
  readonly #output: CaptureOutput;
  #part: RawPart;
  /** Made before it is needed, since frames do not wait. */
  #next: RawPart | undefined;
  #making: Promise<void> | undefined;
  /** Frames of the stream in the part at hand. */
  #frames = 0;
  /** Parts that are to be filtered, the oldest first. */
  readonly #waiting: RawPart[] = [];
  #work: Promise<void> = Promise.resolve();
  #closedWritten: Lsn = INVALID_LSN;
  readonly #limit: FrameLimit;
  readonly #timer: NodeJS.Timeout;
  #types: TypeSource | undefined;
  readonly #stopped = new AbortController();
  #stopTimer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;
  #onDrain: () => void = () => undefined;
  #onEnd: (end: SinkEnd) => void = () => undefined;
  #end: SinkEnd | undefined;
  /** Those of all parts. */
  readonly #tables = new MetTables();
  #hasPassed = false;

  private constructor(options: FilteredCaptureOptions, first: RawPart) {
    this.#options = options;
    this.#output = options.output;
    this.#limit = new FrameLimit(options.limit);
    this.#part = first;
    this.#listen(first);
    this.#output.onDrain(() => {
      this.#wake();
    });
    this.#output.onEnd(end => {
      this.#finish(end);
    });
    this.#timer = setInterval(() => {
      this.#turn();
    }, options.partMs ?? PART_MS);
    this.#making = this.#makeNext();
  }

  /** Closes the output where no part can be made beside it. */
  static async create(options: FilteredCaptureOptions): Promise<FilteredCapture> {
    try {
      return new FilteredCapture(options, await RawPart.create(options));
    } catch (error) {
      await options.output.close();
      throw error;
    }
  }

  append(frame: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#part.sink.append(frame);
    this.#frames++;
    if (this.#part.sink.size >= (this.#options.partBytes ?? PART_BYTES)) this.#turn();
  }

  /** They follow what passes of the part that they belong to. */
  appendNotes(notes: readonly CaptureNote[]): void {
    if (this.#end === undefined) this.#part.notes.push(...notes);
  }

  get full(): boolean {
    if (this.#end !== undefined) return false;
    return this.#waiting.length >= MOST_WAITING || this.#part.sink.full;
  }

  /** What stands in a part counts: a stream that confirms it ends with us, as the part does. */
  get writtenLsn(): Lsn {
    const { writtenLsn } = this.#waiting[0]?.sink ?? this.#part.sink;
    return writtenLsn > this.#closedWritten ? writtenLsn : this.#closedWritten;
  }

  /** A slot that stays is not filtered: what is left out would be lost. */
  get storedLsn(): Lsn {
    return INVALID_LSN;
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
    this.#part.sink.useTypes(source);
  }

  stop(): void {
    this.#stopTimer ??= setTimeout(() => {
      this.#stopped.abort();
    }, STOP_MS);
  }

  async flush(): Promise<void> {
    await this.#part.sink.flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#making;
    this.#waiting.push(this.#part);
    this.#work = this.#work.then(() => this.#filterOldest());
    await this.#work;
    clearTimeout(this.#stopTimer);
    await this.#next?.dispose();
    await this.#output.close();
    const { filter } = parseFilter(this.#options.filter);
    const hint =
      this.#hasPassed || filter === undefined ? undefined : this.#tables.hint(filter.tree);
    if (hint !== undefined) this.#options.onFilterHint?.(hint);
  }

  /** Goes on in the next part, where this one can end. */
  #turn(): void {
    const part = this.#part;
    const next = this.#next;
    if (next === undefined || this.#frames === 0 || part.isOpen) return;
    this.#part = next;
    this.#next = undefined;
    this.#frames = 0;
    for (const frame of part.sink.descriptions()) next.sink.append(frame);
    if (this.#types !== undefined) next.sink.useTypes(this.#types);
    this.#waiting.push(part);
    this.#work = this.#work.then(() => this.#filterOldest());
    this.#making = this.#makeNext();
  }

  async #makeNext(): Promise<void> {
    try {
      this.#next = await RawPart.create({ ...this.#options, types: this.#part.sink.meta.types });
      this.#listen(this.#next);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #filterOldest(): Promise<void> {
    const [part] = this.#waiting;
    if (part === undefined) return;
    try {
      await this.#filter(part);
      if (part.notes.length > 0) this.#output.appendNotes(part.notes);
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#fail(error);
    }
    this.#closedWritten = this.writtenLsn;
    this.#waiting.shift();
    await part.dispose();
    this.#onDrain();
  }

  /** Writes what of a part passes; throws what reading it throws, and when the time is over. */
  async #filter(part: RawPart): Promise<void> {
    const { signal } = this.#stopped;
    const pause = takeTurns(signal);
    const { file } = part;
    await part.seal(pause);
    if (this.#isOver()) return;
    this.#output.learnTypes(file.meta.types);
    const catalog = new RelationCatalog(file);
    const { filter } = this.#options;
    for (const { schema, table, columns } of new FilterQuestions(file, catalog).tables()) {
      this.#tables.meet(schema, table, columns);
    }
    const { included, transactions } = await filteredExtent(file, catalog, filter, signal, pause);
    this.#hasPassed ||= included.total > 0;
    const frames = new FilteredFrames(file, catalog, included, transactions);
    for await (const batch of file.messages()) {
      for (const message of batch) {
        await pause();
        const written = frames.of(message);
        if (written.length > 0) this.#limit.before(message.row);
        if (this.#limit.done) this.#finish({ kind: 'enough' });
        if (this.#isOver()) return;
        for (const frame of written) this.#output.append(frame);
        if (written.length > 0) this.#limit.after(message.row, included.has(message.seq));
        if (this.#output.full) await this.#drained();
      }
    }
    if (this.#limit.done) this.#finish({ kind: 'enough' });
  }

  #isOver(): boolean {
    return this.#end !== undefined || this.#stopped.signal.aborted;
  }

  /** Resolves when the output takes more, or nothing more is wanted. */
  async #drained(): Promise<void> {
    const wake = (): void => {
      this.#wake();
    };
    this.#stopped.signal.addEventListener('abort', wake);
    while (this.#output.full && !this.#isOver()) {
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
    this.#stopped.signal.removeEventListener('abort', wake);
  }

  #listen(part: RawPart): void {
    part.sink.onDrain(() => {
      if (part === this.#part) this.#onDrain();
    });
    part.sink.onEnd(end => {
      this.#finish(end);
    });
  }

  #fail(error: unknown): void {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const known = cause instanceof Error ? cause : new Error(String(cause));
    this.#finish(explainWriteFailure(known, this.#options.path));
  }

  #finish(end: SinkEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#wake();
    this.#onEnd(end);
  }
}
