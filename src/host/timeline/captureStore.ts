import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Memento } from 'vscode';
import type { CaptureLimits, StoredCapture } from './captureFolder';
import { CaptureFolder } from './captureFolder';
import type { CaptureFacts } from './captureNote';
import { TOUCH_MS } from './captureNote';
import type { StreamRequest } from './streamRequest';
import { readRequest, requestTitle } from './streamRequest';

/** Most timelines whose request is remembered for Restart. */
const REMEMBERED = 50;
const REQUESTS_KEY = 'timeline.requests';

export interface CaptureEntry {
  /** Names the capture in this store; safe in a file name and in HTML. */
  readonly id: string;
  readonly path: string;
}

export interface CaptureStoreOptions {
  /** Absolute path; shared by all windows. */
  readonly folder: string;
  /** Of the workspace: which requests its timelines had. */
  readonly memento: Memento;
  /** As the settings say now. */
  readonly limits: () => CaptureLimits;
  /** A line for the log. */
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

/**
 * The captures of running and of restored timelines, in the extension's own folder. They hold rows of
 * production: the folder is 0700, the files are 0600, and each is deleted with its panel. Those that a
 * window left behind, by a reload or a crash, go when they are too old or when there are too many. A
 * capture that the user wants to keep is saved elsewhere.
 */
export class CaptureStore {
  /** Captures came or went. */
  onChange: () => void = () => undefined;
  readonly #folder: CaptureFolder;
  readonly #options: CaptureStoreOptions;
  /** What this window has open, with what is known of it. */
  readonly #held = new Map<string, CaptureFacts | undefined>();
  #prepared: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CaptureStoreOptions) {
    this.#options = options;
    this.#folder = new CaptureFolder(options.folder);
  }

  /** A name for a capture that does not exist yet; its folder does then, and it is this window's. */
  async create(request: StreamRequest): Promise<CaptureEntry> {
    await this.#prepare();
    const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
    const id = `${stamp}-${randomBytes(6).toString('hex')}`;
    await this.#hold(id, { title: requestTitle(request), server: request.server, changes: null });
    const requests = Object.entries(this.#requests()).slice(-REMEMBERED + 1);
    await this.#options.memento.update(REQUESTS_KEY, {
      ...Object.fromEntries(requests),
      [id]: request,
    });
    return this.#entry(id);
  }

  /** A capture that may have outlived its window; undefined for what is no name of ours. */
  find(id: unknown): CaptureEntry | undefined {
    return CaptureFolder.isId(id) ? this.#entry(id) : undefined;
  }

  /** The newest capture whose request fits; for a panel that came back without its state. */
  findByRequest(fits: (request: StreamRequest) => boolean): CaptureEntry | undefined {
    for (const id of Object.keys(this.#requests()).reverse()) {
      const request = this.requestOf(id);
      if (request !== undefined && fits(request)) return this.find(id);
    }
    return undefined;
  }

  requestOf(id: string): StreamRequest | undefined {
    return readRequest(this.#requests()[id]);
  }

  /** Takes a capture of the store for this window, so that nobody deletes it; false for another file. */
  async hold(file: string): Promise<boolean> {
    const id = this.#folder.idOf(file);
    if (id === undefined) return false;
    await this.#prepare();
    await this.#hold(id);
    return true;
  }

  /** Lets go of a capture that stays. */
  async release(file: string): Promise<void> {
    const id = this.#folder.idOf(file);
    if (id === undefined || !this.#held.has(id)) return;
    const facts = this.#held.get(id);
    this.#held.delete(id);
    await this.#folder.release(id, facts);
    this.onChange();
  }

  /** Notes how many changes there are in a capture that this window has open. */
  count(file: string, changes: number): void {
    const id = this.#folder.idOf(file);
    const facts = id === undefined ? undefined : this.#held.get(id);
    if (id !== undefined && facts !== undefined) this.#held.set(id, { ...facts, changes });
  }

  /** Deletes a capture of this window, unless another one shows it too. */
  async delete(entry: CaptureEntry): Promise<void> {
    this.#held.delete(entry.id);
    await this.#folder.release(entry.id);
    await this.#folder.deleteClosed(entry.id);
    const rest = Object.entries(this.#requests()).filter(([id]) => id !== entry.id);
    await this.#options.memento.update(REQUESTS_KEY, Object.fromEntries(rest));
    this.onChange();
  }

  /** Everything that lies in the folder, newest first. */
  list(): Promise<readonly StoredCapture[]> {
    return this.#folder.list();
  }

  /** Deletes a capture that no window has open; tells whether it is gone. */
  async deleteClosed(capture: StoredCapture): Promise<boolean> {
    const isGone = await this.#folder.deleteClosed(capture.id);
    this.onChange();
    return isGone;
  }

  /** Deletes what is too old or too much; gives the bytes that are left. */
  async clean(): Promise<number> {
    const { bytes, deleted } = await this.#folder.clean(this.#options.limits());
    for (const { id, facts } of deleted) {
      this.#options.log('info', `deleted the capture ${id} that was not saved: ${titleOf(facts)}`);
    }
    if (deleted.length > 0) this.onChange();
    return bytes;
  }

  /** As {@link clean}, for whom nobody waits. */
  cleanSoon(): void {
    this.clean().catch((error: unknown) => {
      this.#options.log('warn', `old captures could not be deleted: ${String(error)}`);
    });
  }

  /** The window ends: its captures are nobody's now. */
  async shutdown(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(
      [...this.#held.keys()].map(id => this.release(this.#folder.pathOf(id))),
    );
  }

  #entry(id: string): CaptureEntry {
    return { id, path: this.#folder.pathOf(id) };
  }

  async #hold(id: string, facts?: CaptureFacts): Promise<void> {
    const known =
      facts ?? this.#held.get(id) ?? (await this.list()).find(each => each.id === id)?.facts;
    this.#held.set(id, known);
    await this.#folder.hold(id, known);
    this.#timer ??= this.#startTimer();
    this.onChange();
  }

  #startTimer(): NodeJS.Timeout {
    return setInterval(() => {
      for (const id of this.#held.keys()) void this.#folder.touch(id);
    }, TOUCH_MS).unref();
  }

  #requests(): Readonly<Record<string, unknown>> {
    return this.#options.memento.get<Readonly<Record<string, unknown>>>(REQUESTS_KEY, {});
  }

  /** Once for a window, at the first capture: nothing waits for the cleaning. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#folder.prepare().then(() => {
      this.cleanSoon();
    });
    return this.#prepared;
  }
}

/** Whether there is something to show at this path. */
export async function captureExists(file: string): Promise<boolean> {
  return stat(file).then(
    found => found.isFile(),
    () => false,
  );
}

function titleOf(facts: CaptureFacts | undefined): string {
  return facts?.title ?? 'unknown';
}
