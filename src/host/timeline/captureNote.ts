import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import process from 'node:process';

/** A note whose owner did not touch it for this long holds nothing: its process number may be another's by now. */
const HELD_MS = 24 * 3600 * 1000;
/** How often an owner touches its notes. */
export const TOUCH_MS = 10 * 60 * 1000;
/** Files larger than this are no notes of ours. */
const MOST_BYTES = 256 * 1024;

/** What is known of a capture without opening it. Holds no secret and no row. */
export interface CaptureFacts {
  /** As its timeline is called: `shop_changes · shop`. */
  readonly title: string;
  /** Name of the connection profile. */
  readonly server: string;
  /** Changes in it; null where nobody counted them before its window was gone. */
  readonly changes: number | null;
}

export interface CaptureNote extends CaptureFacts {
  /** The window that has it open. */
  readonly owner: Owner | undefined;
}

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** Tells two extensions' hosts apart that had the same process number one after the other. */
  readonly key: string;
}

/** This process, as notes name it. */
export const SELF: Owner = {
  host: os.hostname(),
  pid: process.pid,
  key: randomBytes(6).toString('hex'),
};

/** The note at this path with its age; undefined where there is none that can be read. */
export async function readNote(
  file: string,
): Promise<{ readonly note: CaptureNote; readonly touchedMs: number } | undefined> {
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > MOST_BYTES) return undefined;
    const note = parseNote(JSON.parse(await readFile(file, 'utf8')));
    return note === undefined ? undefined : { note, touchedMs: found.mtimeMs };
  } catch {
    // Gone meanwhile, or half written by a process that was killed: as if there were none.
    return undefined;
  }
}

/** Replaces the note in one step, for its owner alone. */
export async function writeNote(file: string, note: CaptureNote): Promise<void> {
  const unfinished = `${file}.${SELF.key}${randomBytes(4).toString('hex')}.part`;
  try {
    await writeFile(unfinished, JSON.stringify(note), { mode: 0o600, flag: 'wx' });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Says that we are still there. */
export async function touchNote(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now);
}

/**
 * Whether a window has the capture open. A process that is gone holds nothing, nor does a note that nobody
 * touched for a day; a process of another machine (a home folder that two share) cannot be asked for.
 */
export function isHeld(note: CaptureNote, touchedMs: number, nowMs: number): boolean {
  const { owner } = note;
  if (owner === undefined) return false;
  if (owner.key === SELF.key) return true;
  if (nowMs - touchedMs > HELD_MS) return false;
  return owner.host !== SELF.host || isAlive(owner.pid);
}

function isAlive(pid: number): boolean {
  // Our own number under another key: whoever had it before us is gone.
  if (pid === SELF.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function parseNote(value: unknown): CaptureNote | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { title, server, changes, owner } = value as Readonly<Record<string, unknown>>;
  if (typeof title !== 'string' || typeof server !== 'string') return undefined;
  return {
    title,
    server,
    changes: typeof changes === 'number' ? changes : null,
    owner: parseOwner(owner),
  };
}

function parseOwner(value: unknown): Owner | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { host, pid, key } = value as Readonly<Record<string, unknown>>;
  if (typeof host !== 'string' || typeof pid !== 'number' || typeof key !== 'string') {
    return undefined;
  }
  return Number.isInteger(pid) && pid > 0 ? { host, pid, key } : undefined;
}
