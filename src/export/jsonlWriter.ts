import type { Lsn } from '../base/lsn';
import { formatLsn, INVALID_LSN } from '../base/lsn';
import { dataFrame, DATA_HEADER_SIZE, FRAME, frameLsn, readGap, readSeam } from '../capture/frame';
import type { Delivery, LogicalEvent } from '../logical/event';
import { EventDecoder } from '../logical/eventDecoder';
import { formatEvent } from '../logical/formatEvent';
import type { MessagePlace } from '../logical/messageEvent';
import type { Relation } from '../logical/relation';
import { TextEventDecoder } from '../logical/textPlugins/textEventDecoder';
import { isTextPlugin } from '../shared/textPlugin';
import type { SpillStore } from '../logical/spillStore';
import { TypeTable } from '../logical/types/typeTable';
import type { ColumnMask } from '../shared/columnMask';
import type { CustomType } from '../shared/customType';
import type { FilterProblem } from '../shared/filterApi';
import type { FrameSink, SinkEnd, TypeSource } from '../shared/frameSink';
import type { FilterExpression } from '../filter/filterExpression';
import { ChangeFilter } from './changeFilter';
import type { EventLimit } from './eventLimit';
import { FilteredEvents } from './filteredEvents';
import type { OutputTarget } from './outputTarget';
import { ReaderGone } from './outputTarget';
import { PositionNotes } from './positionNotes';
import { RowOutput } from './rowOutput';
import { TextOutput } from './textOutput';
import { explainWriteFailure } from './writeFailure';

/** Commit, Stream Commit, Commit Prepared, Prepare, Stream Prepare: their frame stands at the end LSN. */
const ENDS = new Set(Buffer.from('CcKPp', 'latin1'));
/** Between these and those, lines belong to one transaction. */
const OPENS: ReadonlySet<LogicalEvent['kind']> = new Set(['begin', 'beginPrepare', 'streamStart']);
const CLOSES: ReadonlySet<LogicalEvent['kind']> = new Set([
  'commit',
  'prepare',
  'streamStop',
  'gap',
  'continued',
]);
/** Their lines say where the transaction ends. */
const TELL_END: ReadonlySet<LogicalEvent['kind']> = new Set([
  'commit',
  'streamCommit',
  'commitPrepared',
  'prepare',
  'streamPrepare',
]);

export interface JsonlOptions {
  readonly target: OutputTarget;
  /** Where the output goes, for a message; such as a path or `standard output`. */
  readonly targetName: string;
  readonly delivery: Delivery;
  /** The output plugin whose messages come; those of one that we do not know are printed raw. */
  readonly plugin: string;
  /** Keeps streamed transactions that are too big for memory. */
  readonly spill: SpillStore;
  /** Sync the target while writing, so that `storedLsn` advances; otherwise it is what is written. */
  readonly durable: boolean;
  /** The types that are not built in, for values in binary form; more may come with a {@link TypeSource}. */
  readonly types?: readonly CustomType[];
  readonly limit?: EventLimit;
  /** Changes are left out of what comes: what they leave empty is left out too ({@link FilteredEvents}). */
  readonly filtered?: boolean;
  /** Only changes that pass are written, with what makes sense of them. The limit counts what passes. */
  readonly filter?: FilterExpression;
  /** Told at the end where nothing passed: the filter asks for what none of the tables had. */
  readonly onFilterHint?: (hint: FilterProblem) => void;
  /** Columns whose values are placeholders in what comes: a filter finds nothing in them. */
  readonly mask?: ColumnMask;
  /**
   * The file may be continued when this process is gone, so it notes how far it reaches. `after`: it is
   * continued now, and holds everything up to there.
   */
  readonly append?: { readonly after?: Lsn };
}

/**
 * Decodes a stream and writes it as events, one JSON object a line (docs/event-format.md). Holds back
 * the source while the target is slow or while a spilled transaction is read back.
 */
export class JsonlWriter implements FrameSink {
  readonly resumeAfter?: Lsn;
  readonly #options: JsonlOptions;
  readonly #decoder: EventDecoder;
  /** Where the messages are texts that we read. */
  readonly #text: TextEventDecoder | undefined;
  readonly #output: TextOutput;
  readonly #rows: RowOutput;
  readonly #filtered: FilteredEvents | undefined;
  readonly #filter: ChangeFilter | undefined;
  readonly #notes: PositionNotes | undefined;
  /** The file is continued after this position; nothing has come of the stream yet. */
  #seam: Lsn | undefined;
  /** A line would stand within a transaction. */
  #inside = false;
  /** The line of a transaction's end was written. */
  #ended = false;
  readonly #types: TypeTable;
  #typeSource: TypeSource | undefined;
  /** Descriptions of tables whose types were asked for. */
  #described = 0;
  /** Frames that came while the decoder was busy, as copies. */
  readonly #waiting: Uint8Array[] = [];
  #busy: Promise<void> | undefined;
  #end: SinkEnd | undefined;
  #onEnd: (end: SinkEnd) => void = () => undefined;
  #onDrain: () => void = () => undefined;

  constructor(options: JsonlOptions) {
    this.#options = options;
    const { append } = options;
    const after = append?.after ?? INVALID_LSN;
    if (after !== INVALID_LSN) this.resumeAfter = after;
    this.#output = new TextOutput(options.target, {
      durable: options.durable,
      after,
    });
    this.#seam = options.delivery === 'raw' ? append?.after : undefined;
    if (append !== undefined) {
      this.#notes = new PositionNotes(after, lsn => this.#notePosition(lsn));
    }
    this.#rows = new RowOutput(this.#output);
    const leavesOut = options.filtered === true || options.filter !== undefined;
    this.#filtered = leavesOut ? new FilteredEvents() : undefined;
    this.#output.onDrain(() => {
      if (!this.full) this.#onDrain();
    });
    this.#output.onError(error => {
      this.#failed(error);
    });
    this.#types = new TypeTable(options.types);
    const { plugin, delivery, spill } = options;
    const parts = {
      delivery,
      spill,
      sink: (event: LogicalEvent): void => {
        this.#write(event);
      },
      drain: (): Promise<void> | undefined => {
        // A spilled transaction may be huge; nobody wants the rest of it.
        if (this.#end !== undefined) throw new ReaderGone('nothing more is wanted');
        return this.#output.full ? this.#output.drained() : undefined;
      },
    };
    const filter =
      options.filter === undefined
        ? undefined
        : new ChangeFilter(options.filter, this.#types.find, options.mask);
    this.#filter = filter;
    this.#text = isTextPlugin(plugin)
      ? new TextEventDecoder({
          ...parts,
          plugin,
          ...(filter === undefined ? {} : { passes: filter.passesText }),
        })
      : undefined;
    this.#decoder = new EventDecoder({
      ...parts,
      findType: this.#types.find,
      ...(filter === undefined ? {} : { passes: filter.passes }),
      rows: (payload, place, relation) => this.#writeRow(payload, place, relation),
    });
  }

  get full(): boolean {
    return this.#end === undefined && (this.#busy !== undefined || this.#output.full);
  }

  get writtenLsn(): Lsn {
    return this.#output.writtenLsn;
  }

  get storedLsn(): Lsn {
    return this.#output.storedLsn;
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onEnd(listener: (end: SinkEnd) => void): void {
    this.#onEnd = listener;
    if (this.#end !== undefined) listener(this.#end);
  }

  useTypes(source: TypeSource): void {
    this.#typeSource = source;
    // What another server could not be asked for is asked again.
    this.#described = 0;
  }

  append(frame: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#busy !== undefined) this.#waiting.push(frame.slice());
    else this.#take(frame);
  }

  /** Takes a message that did not come in a frame: from a capture, or from the SQL functions. */
  appendMessage(lsn: Lsn, payload: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#busy !== undefined) this.#waiting.push(dataFrame(lsn, payload));
    else this.#decode(lsn, payload, ENDS.has(payload[0] ?? 0) ? lsn : undefined);
  }

  /** Resolves when more may be given: see {@link full}. */
  async drained(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
    await this.#output.drained();
  }

  stop(): void {
    this.#end ??= { kind: 'enough' };
    this.#waiting.length = 0;
  }

  async flush(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
    this.#notes?.flush();
    if (this.#end?.kind !== 'disk-full' && this.#end?.kind !== 'failed') await this.#output.flush();
  }

  async close(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
    try {
      this.#decoder.end();
      this.#text?.end();
      this.#notes?.flush();
      this.#notes?.close();
      await this.#output.close();
      const hint = this.#filter?.hint();
      if (hint !== undefined) this.#options.onFilterHint?.(hint);
    } catch (error) {
      this.#failed(error);
    }
  }

  #take(frame: Uint8Array): void {
    switch (frame[0]) {
      case FRAME.data: {
        if (frame.length < DATA_HEADER_SIZE) return;
        const lsn = frameLsn(frame, 1);
        const ends = ENDS.has(frame[DATA_HEADER_SIZE] ?? 0);
        this.#decode(lsn, frame.subarray(DATA_HEADER_SIZE), ends ? lsn : undefined);
        break;
      }
      case FRAME.keepalive:
        if (this.#notes === undefined) this.#output.reached(frameLsn(frame, 1));
        else this.#notes.reached(frameLsn(frame, 1));
        break;
      case FRAME.gap: {
        const gap = readGap(frame);
        if (gap === undefined) break;
        this.#decoder.skip();
        this.#text?.skip();
        this.#write({ kind: 'gap', ...gap });
        break;
      }
      case FRAME.seam: {
        const seam = readSeam(frame);
        if (seam === undefined) break;
        this.#decoder.restart();
        this.#text?.restart();
        if (this.#options.delivery === 'raw') this.#write({ kind: 'continued', ...seam });
        break;
      }
      default:
    }
  }

  /** `reached` is the position that counts as written with this message. */
  #decode(lsn: Lsn, payload: Uint8Array, reached: Lsn | undefined): void {
    let pending: void | Promise<void> = undefined;
    this.#ended = false;
    this.#tellContinued();
    try {
      if (this.#options.plugin === 'pgoutput') {
        pending = this.#decoder.push(lsn, payload) ?? this.#learnTypes();
      } else if (this.#text !== undefined) {
        pending = this.#text.push(lsn, payload, 0);
        reached = this.#text.endedAt;
      } else this.#write({ kind: 'unknown', lsn, data: payload });
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (pending === undefined) {
      if (reached !== undefined) this.#reached(reached);
      return;
    }
    this.#busy = pending
      .then(() => {
        if (reached !== undefined) this.#reached(reached);
      })
      .catch((error: unknown) => {
        this.#failed(error);
      })
      .then(() => {
        this.#busy = undefined;
        this.#takeWaiting();
      });
  }

  /** A transaction has ended here: its last line says so, unless nothing was written of it. */
  #reached(lsn: Lsn): void {
    if (this.#notes === undefined || this.#ended) this.#output.reached(lsn);
    if (this.#ended) this.#notes?.passed(lsn);
    else this.#notes?.reached(lsn);
  }

  /** What was cut off in the file above is told before anything else is written. */
  #tellContinued(): void {
    const after = this.#seam;
    if (after === undefined) return;
    this.#seam = undefined;
    this.#write({ kind: 'continued', after });
  }

  #notePosition(lsn: Lsn): boolean {
    if (this.#inside || this.#busy !== undefined || this.#end !== undefined) return false;
    this.#tellContinued();
    this.#output.write(`{"kind":"position","lsn":"${formatLsn(lsn)}"}\n`);
    this.#output.reached(lsn);
    return true;
  }

  /** The rows of a new table wait for its types, where those say what the bytes of a value mean. */
  #learnTypes(): Promise<void> | undefined {
    const source = this.#typeSource;
    const { versions } = this.#decoder.relations;
    if (source?.binary !== true || versions.length === this.#described) return undefined;
    const columns = versions.slice(this.#described).flatMap(({ relation }) => relation.columns);
    this.#described = versions.length;
    const missing = this.#types.missing(columns.map(({ typeOid }) => typeOid));
    if (missing.length === 0) return undefined;
    return source.ask(missing).then(types => {
      this.#types.add(types);
    });
  }

  #takeWaiting(): void {
    for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
      this.#take(frame);
      if (this.#busy !== undefined) return;
    }
    if (!this.full) this.#onDrain();
  }

  #writeRow(payload: Uint8Array, place: MessagePlace, relation: Relation): boolean {
    if (this.#end !== undefined) return true;
    if (this.#options.limit !== undefined) return false;
    for (const event of this.#filtered?.beforeRow(place, relation) ?? []) this.#put(event);
    return this.#rows.write(payload, place, relation);
  }

  #write(event: LogicalEvent): void {
    if (this.#end !== undefined) return;
    const { limit } = this.#options;
    this.#filter?.note(event);
    for (const left of this.#filtered?.take(event) ?? [event]) {
      if (limit === undefined || limit.take(left)) this.#put(left);
      if (limit?.done === true) {
        this.#finish({ kind: 'enough' });
        return;
      }
    }
  }

  #put(event: LogicalEvent): void {
    if (OPENS.has(event.kind)) this.#inside = true;
    else if (CLOSES.has(event.kind)) this.#inside = false;
    if (TELL_END.has(event.kind)) this.#ended = true;
    this.#output.write(`${formatEvent(event)}\n`);
  }

  #failed(error: unknown): void {
    if (error instanceof ReaderGone) {
      this.#finish({ kind: 'enough' });
      return;
    }
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#finish(explainWriteFailure(cause, this.#options.targetName));
  }

  /** Of several ends the first counts; but that no more is wanted does not hide a failure after it. */
  #finish(end: SinkEnd): void {
    if (this.#end !== undefined && (this.#end.kind !== 'enough' || end.kind === 'enough')) return;
    this.#end = end;
    this.#waiting.length = 0;
    this.#onEnd(end);
  }
}
