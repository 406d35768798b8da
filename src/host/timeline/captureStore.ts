import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Memento } from 'vscode';
import type { StreamRequest } from './streamRequest';
import { readRequest } from './streamRequest';

/** Captures that nobody saved are swept when they were not written to for this long, in ms. */
const SWEEP_AFTER_MS = 24 * 3600 * 1000;
/** Most timelines whose request is remembered for Restart. */
const REMEMBERED = 50;
const REQUESTS_KEY = 'timeline.requests';
const EXTENSION = '.walcap';

export interface CaptureEntry {
  /** Names the capture in this store; safe in a file name and in HTML. */
  readonly id: string;
  readonly path: string;
}

/**
 * The captures of running and of restored timelines, in the extension's own folder. They hold rows of
 * production: the folder is 0700, the recorder makes the files 0600, and each is deleted with its
 * panel. A capture that the user wants to keep is saved elsewhere.
 */
export class CaptureStore {
  readonly #folder: string;
  readonly #memento: Memento;
  #prepared: Promise<void> | undefined;

  constructor(folder: string, memento: Memento) {
    this.#folder = folder;
    this.#memento = memento;
  }

  /** A name for a capture that does not exist yet; its folder does then. */
  async create(request: StreamRequest): Promise<CaptureEntry> {
    this.#prepared ??= this.#prepare();
    await this.#prepared;
    const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
    const id = `${stamp}-${randomBytes(6).toString('hex')}`;
    const requests = Object.entries(this.#requests()).slice(-REMEMBERED + 1);
    await this.#memento.update(REQUESTS_KEY, {
      ...Object.fromEntries(requests),
      [id]: request,
    });
    return { id, path: this.#pathOf(id) };
  }

  /** A capture that may have outlived its window; undefined for what is no name of ours. */
  find(id: unknown): CaptureEntry | undefined {
    if (typeof id !== 'string' || !/^\d{8}T\d{6}-[0-9a-f]{12}$/.test(id)) return undefined;
    return { id, path: this.#pathOf(id) };
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

  async delete(entry: CaptureEntry): Promise<void> {
    await rm(entry.path, { force: true });
    const rest = Object.entries(this.#requests()).filter(([id]) => id !== entry.id);
    await this.#memento.update(REQUESTS_KEY, Object.fromEntries(rest));
  }

  #pathOf(id: string): string {
    return path.join(this.#folder, id + EXTENSION);
  }

  #requests(): Readonly<Record<string, unknown>> {
    return this.#memento.get<Readonly<Record<string, unknown>>>(REQUESTS_KEY, {});
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const now = Date.now();
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith(EXTENSION)) continue;
      const file = path.join(this.#folder, name);
      // Other windows share the folder: what is fresh may be theirs, and may go at any time.
      const age = await stat(file).then(
        found => now - found.mtimeMs,
        () => 0,
      );
      if (age > SWEEP_AFTER_MS) await rm(file, { force: true });
    }
  }
}

/** Whether there is something to show at this path. */
export async function captureExists(file: string): Promise<boolean> {
  return stat(file).then(
    found => found.isFile(),
    () => false,
  );
}
