import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { toDisposable } from '../../base/disposable';
import type { ServerMark } from '../../shared/connection';
import type { SessionSnapshot, SessionSpec, StopReason } from '../../shared/session';
import type { ChangeDetail, TransactionFacts } from '../../shared/changeDetail';
import type { ShownSource } from '../../shared/sourceFacts';
import type { TimelineAction, TimelineCommand } from '../../shared/timelineApi';
import type { TimelineSnapshot } from '../../shared/timelineSnapshot';
import { COMMANDS } from '../commandIds';
import { Cancelled, failureOf } from '../hostFailure';
import type { HostServices } from '../hostServices';
import { colorRules, peekBudget, retainedBudget, sampleWho, unwatchedMinutes } from '../settings';
import type { CaptureEntry } from './captureStore';
import { ListTools } from './listTools';
import { Recording } from './recording';
import { saveOrShare } from './saveOrShare';
import type { SavedFacts } from './savedCaptures';
import { connectingSession, failedSession } from './sessionSnapshots';
import { checkArgument, type PeekRequest, type StreamRequest } from './streamRequest';
import { specOf, withoutProgress } from './streamSpec';
import { checkAction } from './timelineRequests';
import { TimelineMarks } from './timelineMarks';
import { TimelineModel } from './timelineModel';
import { TimelineSurface } from './timelineSurface';
import { TimelineTools } from './timelineTools';
import { UnwatchedGuard } from './unwatchedGuard';

/**
 * One timeline: a panel or editor, what it shows, and the stream that feeds it. Closing the panel ends
 * the stream and deletes what nobody saved.
 */
export class Timeline {
  /** Rises with each timeline of this host; names it for commands and tests. */
  readonly id: number;
  readonly panel: vscode.WebviewPanel;
  /** As the panel's; kept here, since a panel that is closed tells nothing about itself any more. */
  readonly title: string;
  readonly tools: TimelineTools;
  readonly marks: TimelineMarks;
  readonly #services: HostServices;
  readonly #model: TimelineModel;
  readonly #surface: TimelineSurface;
  readonly #onChange: () => void;
  /** The captures of this panel, the newest last; a Restart adds one. */
  readonly #captures: CaptureEntry[] = [];
  #path = '';
  #request: StreamRequest | undefined;
  #recording: Recording | undefined;
  #guard: UnwatchedGuard | undefined;
  #starting: AbortController | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: {
    readonly id: number;
    readonly panel: vscode.WebviewPanel;
    readonly services: HostServices;
    readonly source: ShownSource;
    readonly onChange: () => void;
  }) {
    const { panel, services } = options;
    this.id = options.id;
    this.panel = panel;
    // While an editor opens, VS Code calls its panel by the path of the file.
    this.title = (options.source.kind === 'file' ? '' : panel.title) || options.source.title;
    this.#services = services;
    this.#onChange = options.onChange;
    const changed = (): void => {
      this.#surface.changed();
      this.#onChange();
    };
    this.#model = new TimelineModel({
      readerFile: services.readerFile,
      source: options.source,
      rules: () => colorRules().map(({ expression }) => expression),
      maskOf: server => services.masks.of(server),
      onChange: changed,
      onError: message => {
        services.log.error(`${this.title}: ${message}`);
      },
    });
    this.tools = new TimelineTools(this.title, this.#model, services, () => this.focusSettled());
    this.marks = new TimelineMarks({
      recording: () => this.#recording,
      marks: async () => {
        const { signal } = new AbortController();
        return (await this.#model.handlers().marks({}, signal)).marks;
      },
      summary: id => this.#model.markSummary(id),
      show: mark => {
        this.#surface.showMark(mark);
      },
    });
    this.#surface = new TimelineSurface({
      panel,
      extensionUri: services.extensionUri,
      snapshot: () => this.#model.snapshot(),
      handlers: {
        ...this.#model.handlers(),
        ...this.tools.handlers(),
        ...this.marks.handlers(),
        ...new ListTools(services, () => this.#surface.captureId).handlers(),
        act: params => this.#act(checkAction(params)),
      },
    });
  }

  get request(): StreamRequest | undefined {
    return this.#request;
  }

  /** Absolute path of the capture that is shown; empty while there is none. */
  get capturePath(): string {
    return this.#path;
  }

  get snapshot(): TimelineSnapshot {
    return this.#model.snapshot();
  }

  /** The transaction that a message belongs to, as far as the capture tells; undefined outside one. */
  async transactionOf(seq: number): Promise<TransactionFacts | undefined> {
    const { signal } = new AbortController();
    return (await this.#model.handlers().detail({ seq }, signal)).transaction;
  }

  /** The rules that colour rows were changed. */
  showRules(): void {
    const rules = colorRules();
    this.#surface.showRules(rules);
    const expressions = rules.map(({ expression }) => expression);
    this.#model.setRules(expressions).catch((error: unknown) => {
      this.#services.log.error(`${this.title}: colour rules: ${String(error)}`);
    });
  }

  /** Passes a command of VS Code on to the page. */
  command(command: TimelineCommand): void {
    this.#surface.command(command);
  }

  /** To be waited for before a question: VS Code may still be giving the focus back to the page. */
  focusSettled(): Promise<void> {
    return this.#surface.focusSettled();
  }

  /** Whether a stream of ours may be open on the server. */
  get isStreaming(): boolean {
    return this.#starting !== undefined || this.#recording?.isActive === true;
  }

  /** Reads everything anew where other columns are masked now. Never rejects. */
  async masksChanged(): Promise<void> {
    try {
      // The page holds values that it was given: it forgets them with everything else.
      if (await this.#model.masksChanged()) this.#surface.load(this.#surface.captureId);
    } catch (error) {
      this.#services.log.error(`${this.title}: masked columns: ${String(error)}`);
    }
  }

  /** What a row is about: of which table, with which columns. */
  async columnsOf(seq: number): Promise<ChangeDetail> {
    return this.#model.handlers().detail({ seq }, new AbortController().signal);
  }

  /** The server is marked in another way now. */
  setMark(mark: ServerMark): void {
    this.#model.setMark(mark);
  }

  /** Connects and streams into a new capture; failures are shown in the panel. Never rejects. */
  async stream(request: StreamRequest, costBytes: number | null = null): Promise<void> {
    await this.#endStream('stopped');
    if (this.#closed !== undefined) return;
    const starting = new AbortController();
    this.#starting = starting;
    this.#request = request;
    const initial = connectingSession(request, retainedBudget(), costBytes);
    this.#model.setSession(initial);
    try {
      const capture = await this.#services.captures.create(request);
      this.#captures.push(capture);
      // The panel was closed meanwhile: nobody else deletes it.
      if (this.#isClosed()) {
        await this.#services.captures.delete(capture);
        return;
      }
      this.#path = capture.path;
      this.#surface.load(capture.id);
      const target = await this.#services.servers.target(request.server, request.database);
      if (starting.signal.aborted) return;
      const profile = this.#services.servers.factsOf(request.server);
      await this.#record(
        {
          ...specOf(request, peekBudget()),
          target,
          profile,
          capturePath: capture.path,
          retainedBudget: retainedBudget(),
          who: sampleWho(),
        },
        initial,
      );
    } catch (error) {
      if (starting.signal.aborted) return;
      this.#showFailure(initial, error);
    } finally {
      if (this.#starting === starting) this.#starting = undefined;
      this.#onChange();
    }
  }

  /** Goes on with a peek that ended at its limit, below what is shown. Never rejects. */
  async #continue(request: PeekRequest, after: string): Promise<void> {
    const recording = this.#recording;
    if (this.#starting !== undefined || this.isStreaming) return;
    if (recording?.canContinue !== true) {
      // Its thread is gone: what follows is shown by itself.
      await this.stream({ ...request, startAfter: after });
      return;
    }
    const starting = new AbortController();
    this.#starting = starting;
    const resting = recording.snapshot;
    const initial = {
      ...connectingSession(request, retainedBudget(), null),
      continueAfter: after,
    };
    this.#model.setSession(initial);
    try {
      const target = await this.#services.servers.target(request.server, request.database);
      if (starting.signal.aborted) return;
      this.#watch(recording);
      const spec = specOf({ ...request, startAfter: after }, peekBudget());
      if (spec.kind !== 'peek') return;
      await recording.continue({
        ...spec,
        target,
        profile: this.#services.servers.factsOf(request.server),
        capturePath: this.#path,
        retainedBudget: retainedBudget(),
      });
    } catch (error) {
      if (starting.signal.aborted) return;
      // Nothing has changed yet where the session did not begin: Continue is offered again.
      if (error instanceof Cancelled) this.#model.setSession(resting);
      else this.#showFailure(initial, error);
    } finally {
      if (this.#starting === starting) this.#starting = undefined;
      this.#onChange();
    }
  }

  /** Shows a capture that is complete, with what is known about its end. */
  async showCapture(
    entry: { readonly id: string; readonly path: string },
    ended?: { readonly session: SessionSnapshot; readonly request: StreamRequest },
  ): Promise<void> {
    this.#path = entry.path;
    this.#request = ended?.request;
    if (ended !== undefined) this.#model.setSession(ended.session);
    const load = this.#surface.load(entry.id);
    await this.#model.open(entry.path);
    void this.#model.firstPaint(load).then(first => {
      if (first !== undefined && !this.#isClosed()) this.#surface.firstPaint(first);
    });
  }

  /** A panel that came back without its capture: says so and offers Restart. */
  showEnded(id: string, session: SessionSnapshot, request: StreamRequest): void {
    this.#request = request;
    this.#model.setSession(session);
    this.#surface.load(id);
  }

  /** Takes over a capture of the store: it is deleted with this panel. */
  own(entry: CaptureEntry): void {
    this.#captures.push(entry);
  }

  /** Ends the stream and keeps the panel. A peek at its limit has none: it can still be continued. */
  async stop(): Promise<void> {
    if (this.#starting === undefined && this.#recording?.canContinue === true) return;
    await this.#endStream('stopped');
  }

  /** Ends the stream because the captures together are as large as they may be; the panel stays. */
  async endAtCaptureLimit(): Promise<void> {
    await this.#endStream('capture-limit');
  }

  /**
   * Ends everything; the panel is gone or about to go. With `keep` the captures stay, for the window
   * that is restored later.
   */
  close(keep: boolean): Promise<void> {
    this.#closed ??= this.#close(keep);
    return this.#closed;
  }

  #isClosed(): boolean {
    return this.#closed !== undefined;
  }

  async #close(keep: boolean): Promise<void> {
    this.#surface.dispose();
    this.tools.cancel();
    await this.#endStream('stopped');
    await this.#model.close();
    if (keep) return;
    for (const capture of this.#captures) await this.#services.captures.delete(capture);
  }

  async #record(spec: SessionSpec, initial: SessionSnapshot): Promise<void> {
    const log = this.#services.log;
    const recording = new Recording({
      workerFile: this.#services.recorderFile,
      spec,
      initial,
      onLog: entry => {
        log[entry.level](`${this.title}: ${entry.message}`);
      },
      onChange: () => {
        if (this.#recording !== recording) return;
        this.#model.setSession(recording.snapshot);
        if (!recording.isActive) this.#guard?.dispose();
      },
    });
    this.#recording = recording;
    this.#watch(recording);
    const { header } = await recording.started;
    await this.#model.open(spec.capturePath, header);
  }

  /** Ends the stream when nobody looks any more. */
  #watch(recording: Recording): void {
    this.#guard?.dispose();
    this.#guard = new UnwatchedGuard({
      poll: () => this.#surface.poll(),
      minutes: unwatchedMinutes,
      onUnwatched: () => {
        const minutes = unwatchedMinutes();
        this.#services.log.warn(
          `${this.title}: nobody looked for ${minutes} minutes; the stream ends`,
        );
        void recording.stop('unwatched');
      },
    });
  }

  /** Says why a stream did not begin, where its recorder has not said so. */
  #showFailure(initial: SessionSnapshot, error: unknown): void {
    const failure = failureOf(error);
    this.#services.log.warn(`${this.title}: ${failure.code}: ${failure.detail}`);
    if (this.#model.snapshot().session?.endReason !== undefined) return;
    this.#model.setSession(
      error instanceof Cancelled
        ? { ...initial, phase: 'ended', message: 'Cancelled.', endReason: 'stopped' }
        : failedSession(initial, failure),
    );
  }

  async #endStream(reason: StopReason): Promise<void> {
    this.#guard?.dispose();
    if (this.#starting !== undefined) {
      this.#starting.abort();
      this.#starting = undefined;
      const { session } = this.#model.snapshot();
      // Still on its way to the server: there is no recorder that could say that it is over.
      if (session !== null && session.phase !== 'ended' && this.#recording?.isActive !== true) {
        const message = 'Stopped before it began.';
        this.#model.setSession({ ...session, phase: 'ended', message, endReason: 'stopped' });
      }
    }
    await this.#recording?.stop(reason);
  }

  async #act(action: TimelineAction): Promise<void> {
    const request = this.#request;
    const after = this.#model.snapshot().session?.continueAfter ?? '';
    switch (action) {
      case 'stop':
        await this.stop();
        break;
      case 'continue':
        if (request?.kind === 'peek' && after !== '') await this.#continue(request, after);
        break;
      case 'reconnect':
        this.#recording?.reconnect();
        break;
      case 'restart':
        if (request?.kind === 'consume') {
          // It takes changes away from somebody: that is asked each time, and never happens by itself.
          const { server, slot } = request;
          await vscode.commands.executeCommand(COMMANDS.consumeSlot, { server, slot });
        } else if (request !== undefined) {
          await this.stream(withoutProgress(request));
        }
        break;
      case 'sqlPeek':
        if (request?.kind === 'peek') await this.stream({ ...request, method: 'sql' as const });
        break;
      case 'check':
        if (request !== undefined) {
          await vscode.commands.executeCommand(COMMANDS.checkServer, checkArgument(request));
        }
        break;
      case 'save':
        await this.save();
        break;
      case 'log':
        this.#services.log.show(true);
        break;
    }
  }

  /** What the list of captures says of a copy of what is shown. */
  get savedFacts(): SavedFacts & { readonly title: string } {
    const { source, view, capture } = this.snapshot;
    return {
      title: this.title,
      server: source.server,
      changes: Math.max(0, view.changes - capture.cutChanges),
    };
  }

  /** Asks where to, and copies what there is of the capture; a stream goes on meanwhile. */
  async save(): Promise<vscode.Uri | undefined> {
    if (this.#path === '') return undefined;
    await this.focusSettled();
    const saved = await saveOrShare(this.#path, this.savedFacts, this.#services);
    if (saved !== undefined) {
      await this.#services.bookmarks.copy(this.#surface.captureId, saved.uri.toString());
    }
    return saved?.uri;
  }
}

/** Registers what happens, once, when the panel closes. */
export function whenClosed(panel: vscode.WebviewPanel, action: () => void): Disposable {
  const listener = panel.onDidDispose(() => {
    listener.dispose();
    action();
  });
  return toDisposable(() => {
    listener.dispose();
  });
}
