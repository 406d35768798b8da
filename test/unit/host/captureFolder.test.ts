import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureFolder } from '../../../src/host/timeline/captureFolder';
import { isHeld, SELF } from '../../../src/host/timeline/captureNote';

const DAY = 24 * 3600 * 1000;
const LIMITS = { keepMs: 7 * DAY, maxBytes: 1_000_000 };
const FACTS = { title: 'orders · shop', server: 'shop', changes: 12 };
const mode = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;
const idOf = (n: number): string => `20261101T00000${n}-00000000000${n}`;

/** A process number that nobody has: its process has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid } = child;
  await once(child, 'exit');
  return pid ?? 0;
}

describe('the folder of captures', () => {
  let parent = '';
  let root = '';
  let folder: CaptureFolder;

  beforeEach(async () => {
    parent = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-folder-'));
    root = path.join(parent, 'storage', 'captures');
    folder = new CaptureFolder(root);
  });
  afterEach(async () => {
    await rm(parent, { recursive: true, force: true });
  });

  /** A capture of so many bytes that was written so many days ago. */
  async function capture(n: number, bytes: number, days: number): Promise<string> {
    const id = idOf(n);
    await writeFile(folder.pathOf(id), new Uint8Array(bytes), { mode: 0o600 });
    const then = new Date(Date.now() - days * DAY);
    await utimes(folder.pathOf(id), then, then);
    return id;
  }

  /** Rewrites who a note says holds its capture. */
  async function ownedBy(id: string, owner: object, days = 0): Promise<void> {
    const file = path.join(root, `${id}.json`);
    const note = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...note, owner }));
    const then = new Date(Date.now() - days * DAY);
    await utimes(file, then, then);
  }

  const ids = async (): Promise<readonly string[]> =>
    (await folder.list()).map(each => each.id).sort();

  it('is made for its owner alone, with its notes', async () => {
    await folder.prepare();
    expect(await mode(root)).toBe(0o700);
    const id = await capture(1, 10, 0);
    await folder.hold(id, FACTS);
    expect(await mode(path.join(root, `${id}.json`))).toBe(0o600);
    await folder.release(id, FACTS);
    expect(await mode(path.join(root, `${id}.json`))).toBe(0o600);
  });

  it('mends the modes of a folder and of files that others could read', async () => {
    await mkdir(root, { recursive: true });
    await chmod(root, 0o777);
    const id = await capture(1, 10, 0);
    await chmod(folder.pathOf(id), 0o644);
    await folder.prepare();
    expect(await mode(root)).toBe(0o700);
    expect(await mode(folder.pathOf(id))).toBe(0o600);
  });

  it('lists nothing, and cleans nothing, before there is a folder', async () => {
    expect(await folder.list()).toEqual([]);
    expect(await folder.clean(LIMITS)).toEqual({ bytes: 0, deleted: [] });
  });

  it('knows what a window left behind, newest first', async () => {
    await folder.prepare();
    const old = await capture(1, 10, 2);
    const fresh = await capture(2, 20, 1);
    await folder.hold(fresh, FACTS);
    await folder.release(fresh, { ...FACTS, changes: 99 });
    expect(await folder.list()).toMatchObject([
      { id: fresh, bytes: 20, held: false, facts: { ...FACTS, changes: 99 } },
      { id: old, bytes: 10, held: false, facts: undefined },
    ]);
  });

  it('deletes what is too old, with its note, and keeps what is not', async () => {
    await folder.prepare();
    const old = await capture(1, 10, 8);
    await folder.hold(old, FACTS);
    await folder.release(old);
    const fresh = await capture(2, 10, 6);
    const { bytes, deleted } = await folder.clean(LIMITS);
    expect(deleted.map(each => each.id)).toEqual([old]);
    expect(bytes).toBe(10);
    expect(await readdir(root)).toEqual([`${fresh}.walcap`]);
  });

  it('deletes the oldest closed ones until all are within the limit', async () => {
    await folder.prepare();
    const [first, second] = [await capture(1, 400_000, 3), await capture(2, 400_000, 2)];
    const third = await capture(3, 400_000, 1);
    const { bytes, deleted } = await folder.clean(LIMITS);
    expect(deleted.map(each => each.id)).toEqual([first]);
    expect(bytes).toBe(800_000);
    expect(await ids()).toEqual([second, third]);
  });

  it('never deletes what is open, however old and large', async () => {
    await folder.prepare();
    const open = await capture(1, 3_000_000, 30);
    await folder.hold(open, FACTS);
    const closed = await capture(2, 10, 1);
    const { bytes, deleted } = await folder.clean(LIMITS);
    expect(deleted.map(each => each.id)).toEqual([closed]);
    expect(bytes).toBe(3_000_000);
    expect(await folder.deleteClosed(open)).toBe(false);
    expect(await ids()).toEqual([open]);
  });

  it('respects another window, for as long as its process lives', async () => {
    await folder.prepare();
    const id = await capture(1, 10, 30);
    await folder.hold(id, FACTS);
    const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    await once(other, 'spawn');
    await ownedBy(id, { host: os.hostname(), pid: other.pid, key: 'other' });
    expect((await folder.clean(LIMITS)).deleted).toEqual([]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect((await folder.clean(LIMITS)).deleted).toHaveLength(1);
    expect(await readdir(root)).toEqual([]);
  });

  it('does not take the note of the window that opened it since', async () => {
    await folder.prepare();
    const id = await capture(1, 10, 0);
    await folder.hold(id, FACTS);
    const owner = { host: os.hostname(), pid: process.ppid, key: 'the window after the reload' };
    await ownedBy(id, owner);
    await folder.release(id, FACTS);
    expect((await folder.list())[0]).toMatchObject({ id, held: true });
  });

  it('sweeps notes without a capture and writes that were cut off, but no fresh ones', async () => {
    await folder.prepare();
    await folder.hold(idOf(1), FACTS);
    await folder.release(idOf(1), FACTS);
    // A capture that begins in this moment has its note first.
    await folder.hold(idOf(2), FACTS);
    const part = path.join(root, 'x.part');
    await writeFile(part, '');
    const then = new Date(Date.now() - DAY);
    await utimes(part, then, then);
    await writeFile(path.join(root, 'y.part'), '');
    await folder.prepare();
    await folder.clean(LIMITS);
    expect((await readdir(root)).sort()).toEqual([`${idOf(2)}.json`, 'y.part']);
  });

  it('takes a broken note for none', async () => {
    await folder.prepare();
    const id = await capture(1, 10, 0);
    for (const text of [
      '',
      '{',
      '[]',
      '{"title":1}',
      '{"title":"a","server":"b","owner":{"pid":-1}}',
    ]) {
      await writeFile(path.join(root, `${id}.json`), text);
      expect((await folder.list())[0]).toMatchObject({ id, held: false });
    }
  });

  it('names only files of its own', () => {
    expect(folder.idOf(folder.pathOf(idOf(1)))).toBe(idOf(1));
    expect(folder.idOf(path.join(parent, `${idOf(1)}.walcap`))).toBeUndefined();
    expect(folder.idOf(path.join(root, 'mine.walcap'))).toBeUndefined();
  });
});

describe('the owner of a capture', () => {
  const note = (owner: object | undefined) => ({
    ...FACTS,
    owner: owner as typeof SELF | undefined,
  });
  const now = Date.now();

  it('is nobody, this window, a living one, or one of another machine that was there today', async () => {
    const here = { host: os.hostname(), pid: await deadPid(), key: 'x' };
    const away = { host: 'elsewhere', pid: 1, key: 'x' };
    expect(isHeld(note(undefined), now, now)).toBe(false);
    expect(isHeld(note(SELF), now - 9 * DAY, now)).toBe(true);
    expect(isHeld(note(here), now, now)).toBe(false);
    expect(isHeld(note({ ...here, pid: process.ppid }), now, now)).toBe(true);
    expect(isHeld(note({ ...here, pid: process.ppid }), now - 2 * DAY, now)).toBe(false);
    // Our own number, but not our key: a process before this one.
    expect(isHeld(note({ ...here, pid: process.pid }), now, now)).toBe(false);
    expect(isHeld(note(away), now, now)).toBe(true);
    expect(isHeld(note(away), now - 2 * DAY, now)).toBe(false);
  });
});
