import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CaptureFacts, CaptureNote } from './captureNote';
import { isHeld, readNote, SELF, touchNote, writeNote } from './captureNote';

const CAPTURE = '.walcap';
const NOTE = '.json';
const ID = /^\d{8}T\d{6}-[0-9a-f]{12}$/;
/** What a write left that was killed is swept after this time, in ms. */
const UNFINISHED_MS = 3600 * 1000;

/** One capture that lies in the folder. */
export interface StoredCapture {
  readonly id: string;
  readonly path: string;
  /** Bytes of the file. */
  readonly bytes: number;
  /** When it was last written to, in ms since 1970. */
  readonly writtenMs: number;
  /** A window, ours or another, has it open. */
  readonly held: boolean;
  /** Undefined where its note is gone. */
  readonly facts: CaptureFacts | undefined;
}

/** What may lie in the folder. */
export interface CaptureLimits {
  /** Age at which a capture goes that nobody has open, in ms. */
  readonly keepMs: number;
  /** Most bytes of all captures together. */
  readonly maxBytes: number;
}

/**
 * The folder of captures that are not saved, shared by all windows. Beside each capture lies a note that
 * says what it is and which window has it open; only what no window has open is ever deleted.
 */
export class CaptureFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder, and makes it its owner's alone where it is there already. */
  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    for (const name of await this.#names()) {
      const file = path.join(this.#folder, name);
      const found = await stat(file).catch(() => undefined);
      if (found === undefined || !found.isFile()) continue;
      const isUnfinished = name.endsWith('.part') && Date.now() - found.mtimeMs > UNFINISHED_MS;
      if (isUnfinished) await rm(file, { force: true });
      // Another window may delete it in this moment.
      else if ((found.mode & 0o077) !== 0) await chmod(file, 0o600).catch(() => undefined);
    }
  }

  static isId(value: unknown): value is string {
    return typeof value === 'string' && ID.test(value);
  }

  pathOf(id: string): string {
    return path.join(this.#folder, id + CAPTURE);
  }

  /** The id of a capture of this folder, by its path. */
  idOf(file: string): string | undefined {
    const id = path.basename(file, CAPTURE);
    return path.dirname(file) === this.#folder && file.endsWith(CAPTURE) && ID.test(id)
      ? id
      : undefined;
  }

  /** Notes that this window has it open; what was noted before stays. */
  async hold(id: string, facts?: CaptureFacts): Promise<void> {
    const before = (await readNote(this.#noteOf(id)))?.note;
    const known = facts ?? before ?? { title: id, server: '', changes: null };
    await this.#write(id, known, SELF);
  }

  /** Notes that this window has closed it; what another window has noted since stays. */
  async release(id: string, facts?: CaptureFacts): Promise<void> {
    const before = (await readNote(this.#noteOf(id)))?.note;
    if (before !== undefined && before.owner?.key !== SELF.key) return;
    const known = facts ?? before;
    if (known !== undefined) await this.#write(id, known, undefined);
  }

  /** Says of one that we hold that we are still there. */
  async touch(id: string): Promise<void> {
    await touchNote(this.#noteOf(id)).catch(() => undefined);
  }

  /** All captures, those written to last first. */
  async list(): Promise<readonly StoredCapture[]> {
    const nowMs = Date.now();
    const found = await Promise.all(
      (await this.#names()).map(async (name): Promise<StoredCapture | undefined> => {
        const file = path.join(this.#folder, name);
        const id = this.idOf(file);
        if (id === undefined) return undefined;
        const [info, read] = await Promise.all([
          stat(file).catch(() => undefined),
          readNote(this.#noteOf(id)),
        ]);
        if (info === undefined || !info.isFile()) return undefined;
        return {
          id,
          path: file,
          bytes: info.size,
          writtenMs: info.mtimeMs,
          held: read !== undefined && isHeld(read.note, read.touchedMs, nowMs),
          facts: read?.note,
        };
      }),
    );
    return found.filter(capture => capture !== undefined).sort((a, b) => b.writtenMs - a.writtenMs);
  }

  /** Deletes a capture with its note. */
  async delete(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
    await rm(this.#noteOf(id), { force: true });
  }

  /** Deletes it unless a window has it open by now; tells whether it is gone. */
  async deleteClosed(id: string): Promise<boolean> {
    const read = await readNote(this.#noteOf(id));
    if (read !== undefined && isHeld(read.note, read.touchedMs, Date.now())) return false;
    await this.delete(id);
    return true;
  }

  /**
   * Deletes the closed captures that are too old, and then the oldest ones until all are within the limit.
   * Gives the bytes of what is left, and what was deleted.
   */
  async clean(limits: CaptureLimits): Promise<{
    readonly bytes: number;
    readonly deleted: readonly StoredCapture[];
  }> {
    const captures = await this.list();
    const deleted: StoredCapture[] = [];
    let bytes = captures.reduce((sum, capture) => sum + capture.bytes, 0);
    for (const capture of captures.toReversed()) {
      const isOld = Date.now() - capture.writtenMs > limits.keepMs;
      if (capture.held || (!isOld && bytes <= limits.maxBytes)) continue;
      if (!(await this.deleteClosed(capture.id))) continue;
      deleted.push(capture);
      bytes -= capture.bytes;
    }
    await this.#cleanNotes(new Set(captures.map(capture => capture.id)));
    return { bytes, deleted };
  }

  /** Notes whose capture is gone, or never came. */
  async #cleanNotes(captures: ReadonlySet<string>): Promise<void> {
    for (const name of await this.#names()) {
      const id = path.basename(name, NOTE);
      if (!name.endsWith(NOTE) || !ID.test(id) || captures.has(id)) continue;
      await this.deleteClosed(id);
    }
  }

  async #write(id: string, facts: CaptureFacts, owner: CaptureNote['owner']): Promise<void> {
    const { title, server, changes } = facts;
    await writeNote(this.#noteOf(id), { title, server, changes, owner });
  }

  #noteOf(id: string): string {
    return path.join(this.#folder, id + NOTE);
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      // Nothing was ever captured.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }
}
