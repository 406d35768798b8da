import type { Disposable } from '../../base/disposable';
import { formatCount } from '../../base/quantity';
import type { ServerMark } from '../../shared/connection';
import type { Handlers, RpcPeer } from '../../shared/rpc';
import { RpcFailure } from '../../shared/rpc';
import type { SessionSnapshot } from '../../shared/session';
import type { ExportResult, ReaderApi, ReaderEvents, ReaderViewApi } from '../../shared/readerApi';
import type { ShownSource } from '../../shared/sourceFacts';
import type { CopyRequest, FirstPaint, TimelineApi } from '../../shared/timelineApi';
import type { TimelineSnapshot } from '../../shared/timelineSnapshot';
import type { ViewSpec, ViewState } from '../../shared/viewSpec';
import { checkFilterCaret, checkFilterText } from './filterRequests';
import { checkOverview, checkOverviewPlaces, checkStatistics } from './overviewRequests';
import { checkCompare } from './marksRequests';
import { EMPTY_CAPTURE, EMPTY_VIEW } from './sessionSnapshots';
import { BYTES_LIMIT } from '../../shared/changeDetail';
import { checkChangeText, checkHistory } from './detailRequests';
import { COPY_BYTES_LIMIT } from '../../shared/readerApi';
import {
  checkBytes,
  checkExpand,
  checkFind,
  checkJump,
  checkLocate,
  checkReady,
  checkRows,
  checkSeq,
  checkSpec,
  checkValue,
} from './timelineRequests';
import { checkWire, checkWireBytes, checkWireRow, checkWireSeq } from './wireRequests';
import { WorkerClient } from './workerClient';

/** Rows of a first paint: as many as a large screen shows. */
const FIRST_ROWS = 64;

export interface TimelineModelOptions {
  readonly readerFile: string;
  readonly source: ShownSource;
  /** The masked columns of what comes from a server. */
  readonly maskOf: (server: string) => readonly string[];
  /** Expressions of the rules that colour rows, as they are when a capture is opened. */
  readonly rules: () => readonly string[];
  /** The snapshot changed. */
  readonly onChange: () => void;
  readonly onError: (message: string) => void;
}

/**
 * What one timeline shows: a capture, read by a thread of its own, and the session that writes it, if
 * any. Merges what both tell into the snapshot, and forwards the webview's questions to the reader.
 */
export class TimelineModel implements Disposable {
  readonly #options: TimelineModelOptions;
  #reader: WorkerClient<ReaderApi, ReaderEvents> | undefined;
  /** The reader, once its capture is open. */
  #ready = false;
  #spec: ViewSpec = { grouping: 'transactions', operations: [], tables: [], text: '' };
  #view: ViewState = EMPTY_VIEW;
  #capture = EMPTY_CAPTURE;
  #source: ShownSource;
  #session: SessionSnapshot | null = null;
  /** What the reader masks now. */
  #mask: readonly string[] = [];
  /** The reader told something, or is gone. */
  #heard: () => void = () => undefined;
  #onProgress: (progress: ReaderEvents['exportProgress']) => void = () => undefined;

  constructor(options: TimelineModelOptions) {
    this.#options = options;
    this.#source = options.source;
  }

  snapshot(): TimelineSnapshot {
    return {
      view: this.#view,
      source: this.#source,
      session: this.#session,
      capture: this.#capture,
    };
  }

  setSession(session: SessionSnapshot): void {
    this.#session = session;
    this.#options.onChange();
  }

  /** Opens a capture in place of the one before; `header` are the counters of who still writes it. */
  async open(path: string, header?: SharedArrayBuffer): Promise<void> {
    await this.#closeReader();
    this.#view = EMPTY_VIEW;
    this.#capture = EMPTY_CAPTURE;
    const reader = new WorkerClient<ReaderApi, ReaderEvents>(
      this.#options.readerFile,
      'walexplorer-reader',
      reason => {
        this.#readerGone(reader, reason);
      },
    );
    this.#reader = reader;
    reader.peer.on('head', head => {
      if (this.#reader !== reader) return;
      this.#view = head.view;
      this.#capture = head.capture;
      this.#heard();
      this.#options.onChange();
    });
    reader.peer.on('exportProgress', progress => {
      if (this.#reader === reader) this.#onProgress(progress);
    });
    try {
      const mask = this.#options.maskOf(this.#source.server);
      this.#mask = mask;
      const opened = await reader.peer.call('open', {
        path,
        mask,
        ...(header === undefined ? {} : { header }),
      });
      if (this.#reader !== reader) return;
      const { title, label, color } = this.#source;
      this.#source = { ...opened.source, title: title || opened.source.title, label, color };
      // The file itself tells by which server it was recorded: nothing was asked of it until now.
      await this.#useMask(reader);
      await reader.peer.call('setRules', { expressions: this.#options.rules() });
      this.#view = await reader.peer.call('setView', this.#spec);
      // The lists may have become others on the way, and nothing was shown yet.
      while (await this.#useMask(reader));
      if (this.#reader !== reader) return;
      this.#ready = true;
    } catch (error) {
      if (this.#reader !== reader) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#options.onError(`open ${path}: ${message}`);
      this.#capture = { ...this.#capture, error: message };
    }
    this.#options.onChange();
  }

  /** The lists of masked columns may be others now. True where everything is to be shown anew. */
  async masksChanged(): Promise<boolean> {
    const reader = this.#reader;
    if (reader === undefined || !this.#ready) return false;
    return this.#useMask(reader);
  }

  async #useMask(reader: WorkerClient<ReaderApi, ReaderEvents>): Promise<boolean> {
    const mask = this.#options.maskOf(this.#source.server);
    if (JSON.stringify(mask) === JSON.stringify(this.#mask)) return false;
    this.#mask = mask;
    await reader.peer.call('setMask', { mask });
    return this.#reader === reader;
  }

  /** The rules that colour rows were changed. */
  async setRules(expressions: readonly string[]): Promise<void> {
    if (this.#reader === undefined || !this.#ready) return;
    await this.#reader.peer.call('setRules', { expressions });
  }

  /** The server is marked in another way now. */
  setMark({ label, color }: ServerMark): void {
    if (this.#source.label === label && this.#source.color === color) return;
    this.#source = { ...this.#source, label, color };
    this.#options.onChange();
  }

  /** The answers to the webview, apart from what its buttons do. */
  handlers(): Handlers<ReaderViewApi & Pick<TimelineApi, 'ready'>> {
    return {
      ready: async params => {
        const { spec } = checkReady(params);
        if (!this.#isFresh(spec)) await this.#setView(spec);
        return this.snapshot();
      },
      setView: params => this.#setView(checkSpec(params)),
      rows: (params, signal) => this.#peer().call('rows', checkRows(params), signal),
      expand: async (params, signal) => {
        const view = await this.#peer().call('expand', checkExpand(params), signal);
        this.#view = view;
        return view;
      },
      locate: (params, signal) => this.#peer().call('locate', checkLocate(params), signal),
      detail: (params, signal) => this.#peer().call('detail', checkSeq(params), signal),
      fields: (params, signal) => this.#peer().call('fields', checkSeq(params), signal),
      bytes: async (params, signal) => {
        const page = await this.#peer().call('bytes', checkBytes(params), signal);
        // A view of a larger buffer would send that whole buffer to the webview.
        return { ...page, bytes: page.bytes.slice() };
      },
      value: (params, signal) => this.#peer().call('value', checkValue(params), signal),
      find: (params, signal) => this.#peer().call('find', checkFind(params), signal),
      jump: (params, signal) => this.#peer().call('jump', checkJump(params), signal),
      checkFilter: (params, signal) =>
        this.#peer().call('checkFilter', checkFilterText(params), signal),
      completeFilter: (params, signal) =>
        this.#peer().call('completeFilter', checkFilterCaret(params), signal),
      overview: (params, signal) => this.#peer().call('overview', checkOverview(params), signal),
      wire: (params, signal) => this.#peer().call('wire', checkWire(params), signal),
      wireRow: (params, signal) => this.#peer().call('wireRow', checkWireSeq(params), signal),
      wireFields: (params, signal) => this.#peer().call('wireFields', checkWireRow(params), signal),
      wireBytes: async (params, signal) => {
        const page = await this.#peer().call('wireBytes', checkWireBytes(params), signal);
        return { ...page, bytes: page.bytes.slice() };
      },
      statistics: (params, signal) =>
        this.#peer().call('statistics', checkStatistics(params), signal),
      overviewPlaces: (params, signal) =>
        this.#peer().call('overviewPlaces', checkOverviewPlaces(params), signal),
      marks: async (_params, signal) =>
        this.#ready ? this.#peer().call('marks', {}, signal) : { marks: [] },
      compareMarks: (params, signal) =>
        this.#peer().call('compareMarks', checkCompare(params), signal),
      history: (params, signal) => this.#peer().call('history', checkHistory(params), signal),
      changeText: (params, signal) =>
        this.#peer().call('changeText', checkChangeText(params), signal),
      relation: (params, signal) => this.#peer().call('relation', checkSeq(params), signal),
      facets: async (_params, signal) => {
        if (!this.#ready) {
          return {
            tables: [],
            operations: { insert: 0, update: 0, delete: 0, truncate: 0, message: 0 },
          };
        }
        return this.#peer().call('facets', {}, signal);
      },
    };
  }

  /** What a page draws first that was not looked at before; undefined where nothing could be read. */
  async firstPaint(load: number): Promise<FirstPaint | undefined> {
    const reader = this.#reader;
    if (reader === undefined) return undefined;
    while (this.#ready && this.#reader === reader && !hasBegun(this.#view)) {
      await new Promise<void>(resolve => {
        this.#heard = resolve;
      });
    }
    if (!this.#ready || this.#reader !== reader) return undefined;
    const spec = this.#spec;
    const { view, generation } = this.#view;
    try {
      const request = { view, generation, first: 0, count: FIRST_ROWS };
      const page = await reader.peer.call('rows', request);
      if (page.rows.length === 0) return undefined;
      return { load, snapshot: this.snapshot(), spec, page };
    } catch {
      // The page opens all the same, and asks for what it shows.
      return undefined;
    }
  }

  /** What is to be copied, as text. */
  async textOf(
    what: Exclude<CopyRequest, { readonly what: 'text' }>,
  ): Promise<{ readonly text: string; readonly rows: number; readonly cut: boolean }> {
    if (what.what === 'rows') {
      const { selection, format } = what;
      return this.#peer().call('copyRows', { view: this.#view.view, selection, format });
    }
    if (what.what === 'change') {
      const { seq, form, scope, pretty } = what;
      const request = { seq, form, scope, pretty };
      const { text: whole, complete } = await this.#peer().call('wholeChangeText', request);
      return { text: whole, rows: whole === '' ? 0 : 1, cut: !complete };
    }
    let text = '';
    for (;;) {
      const { seq, column, side } = what;
      const length = BYTES_LIMIT;
      const slice = { seq, column, side, offset: text.length, length };
      const part = await this.#peer().call('value', slice);
      if (part.total > COPY_BYTES_LIMIT) {
        throw new RpcFailure(
          'too-long',
          `This value has ${formatCount(part.total)} characters: too much for the clipboard. Export the row instead.`,
        );
      }
      text += part.text;
      if (part.text === '' || text.length >= part.total) return { text, rows: 1, cut: false };
    }
  }

  /** What a mark holds, as text. */
  markSummary(id: number): Promise<{ readonly text: string; readonly cut: boolean }> {
    return this.#peer().call('markSummary', { id });
  }

  /** Writes to a file what there is now; see {@link ReaderApi.exportRows}. */
  async export(
    p: Omit<Parameters<ReaderApi['exportRows']>[0], 'view'>,
    signal: AbortSignal,
    onProgress: (progress: ReaderEvents['exportProgress']) => void,
  ): Promise<ExportResult> {
    this.#onProgress = onProgress;
    return this.#peer().call('exportRows', { ...p, view: this.#view.view }, signal);
  }

  dispose(): void {
    void this.close();
  }

  /** Lets go of the capture; resolves when its file is closed. */
  async close(): Promise<void> {
    await this.#closeReader();
  }

  /**
   * The reader has this view already, and nothing was opened in it: it began to read when the capture was opened,
   * and the rows of a page that is loaded after that are there.
   */
  #isFresh(spec: ViewSpec): boolean {
    const { view, generation } = this.#view;
    if (!this.#ready || view <= EMPTY_VIEW.view || generation > 0) return false;
    return JSON.stringify(spec) === JSON.stringify(this.#spec);
  }

  async #setView(spec: ViewSpec): Promise<ViewState> {
    this.#spec = spec;
    if (this.#reader !== undefined && this.#ready) {
      const view = await this.#reader.peer.call('setView', spec);
      // A head may have overtaken the answer; what is newer stays.
      if (view.view > this.#view.view) this.#view = view;
    }
    return this.#view;
  }

  #peer(): RpcPeer<ReaderApi, ReaderEvents> {
    if (this.#reader === undefined || !this.#ready) {
      throw new RpcFailure('no-capture', 'There is no capture yet.');
    }
    return this.#reader.peer;
  }

  #readerGone(reader: WorkerClient<ReaderApi, ReaderEvents>, reason: string): void {
    if (this.#reader !== reader) return;
    this.#options.onError(`the reader is gone: ${reason}`);
    this.#ready = false;
    this.#heard();
    this.#capture = {
      ...this.#capture,
      error:
        'The thread that reads the capture stopped unexpectedly. The capture is kept; open it again.',
    };
    this.#options.onChange();
  }

  async #closeReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    const wasReady = this.#ready;
    this.#ready = false;
    this.#heard();
    if (reader === undefined) return;
    if (wasReady) {
      const limit = new Promise<void>(resolve => setTimeout(resolve, 500).unref());
      await Promise.race([
        reader.peer.call('close', {}).catch((error: unknown) => {
          this.#options.onError(`close: ${String(error)}`);
        }),
        limit,
      ]);
    }
    await reader.terminate();
  }
}

function hasBegun({ rows, complete }: ViewState): boolean {
  return rows > 0 || complete;
}
