import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { copyCapture } from '../../../src/host/timeline/copyCapture';

const IS_ROOT = process.getuid?.() === 0;

/** A small disk in memory, for as long as `work` takes. */
async function withDisk(options: string, work: (disk: string) => Promise<void>): Promise<void> {
  const disk = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
  try {
    await work(disk);
  } finally {
    execFileSync('umount', [disk]);
    await rm(disk, { recursive: true, force: true });
  }
}

const quiet = () => ({ signal: new AbortController().signal, onProgress: () => undefined });

describe('saving a capture', () => {
  let folder = '';
  let source = '';

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-copy-'));
    source = path.join(folder, 'source.walcap');
    await writeFile(source, Buffer.alloc(3_500_000, 'capture'), { mode: 0o600 });
    await mkdir(path.join(folder, 'to'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const target = (): string => path.join(folder, 'to', 'saved.walcap');
  const left = (): Promise<string[]> => readdir(path.join(folder, 'to'));

  it('copies every byte, tells how far it is, and is for its owner alone', async () => {
    const told: number[] = [];
    const { bytes } = await copyCapture(source, target(), {
      ...quiet(),
      onProgress: (done, total) => told.push(done / total),
    });
    expect(bytes).toBe(3_500_000);
    expect((await readFile(target())).equals(await readFile(source))).toBe(true);
    expect((await stat(target())).mode & 0o777).toBe(0o600);
    expect(told.at(-1)).toBe(1);
    expect(told.length).toBeGreaterThan(3);
    expect(await left()).toEqual(['saved.walcap']);
  });

  it('replaces what was there in one step, and its mode with it', async () => {
    await writeFile(target(), 'what was there');
    await chmod(target(), 0o644);
    const seen: string[] = [];
    await copyCapture(source, target(), {
      ...quiet(),
      onProgress: done => {
        if (done < 3_500_000) seen.push(readFileSync(target(), 'utf8'));
      },
    });
    expect(new Set(seen)).toEqual(new Set(['what was there']));
    expect((await stat(target())).size).toBe(3_500_000);
    expect((await stat(target())).mode & 0o777).toBe(0o600);
  });

  it('takes a file name as long as the system does', async () => {
    const long = path.join(folder, 'to', `${'ü'.repeat(120)}.walcap`);
    await copyCapture(source, long, quiet());
    expect((await stat(long)).size).toBe(3_500_000);
  });

  it('leaves what was there, and nothing half, when it is cancelled', async () => {
    await writeFile(target(), 'what was there');
    const abort = new AbortController();
    const copy = copyCapture(source, target(), {
      signal: abort.signal,
      onProgress: () => {
        abort.abort();
      },
    });
    await expect(copy).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readFile(target(), 'utf8')).toBe('what was there');
    expect(await left()).toEqual(['saved.walcap']);
  });

  it('copies what there is of a capture that is still growing', async () => {
    const { bytes } = await copyCapture(source, target(), {
      ...quiet(),
      onProgress: done => {
        if (done < 2_000_000) void writeFile(source, 'more', { flag: 'a' });
      },
    });
    expect((await stat(target())).size).toBe(bytes);
  });

  it('says in one sentence what stands in its way', async () => {
    const to = (file: string) => copyCapture(source, file, quiet());
    await expect(to(source)).rejects.toMatchObject({
      failure: { code: 'same-file', message: 'This file is the capture itself.' },
    });
    await expect(to(path.join(folder, 'nowhere', 'a.walcap'))).rejects.toMatchObject({
      failure: {
        code: 'no-folder',
        message: `There is no folder ${path.join(folder, 'nowhere')}.`,
      },
    });
    await expect(to(path.join(folder, 'to'))).rejects.toMatchObject({
      failure: { code: 'is-folder' },
    });
    await expect(copyCapture(path.join(folder, 'gone'), target(), quiet())).rejects.toMatchObject({
      failure: { code: 'capture-gone', message: 'The capture does not exist any more.' },
    });
    expect(await left()).toEqual([]);
  });

  it.runIf(IS_ROOT)('leaves nothing on a disk that is full', async () => {
    await withDisk('size=1m', async disk => {
      await writeFile(path.join(disk, 'saved.walcap'), 'what was there');
      await expect(
        copyCapture(source, path.join(disk, 'saved.walcap'), quiet()),
      ).rejects.toMatchObject({
        failure: { code: 'disk-full', message: `There is no room for the capture in ${disk}.` },
      });
      expect(await readdir(disk)).toEqual(['saved.walcap']);
      expect(await readFile(path.join(disk, 'saved.walcap'), 'utf8')).toBe('what was there');
    });
  });

  it('says that a folder may not be written to', async () => {
    const refused = async (disk: string): Promise<void> => {
      await expect(copyCapture(source, path.join(disk, 'a.walcap'), quiet())).rejects.toMatchObject(
        {
          failure: {
            code: 'no-permission',
            message: `The capture may not be written to ${disk}.`,
            action: 'Choose another folder.',
          },
        },
      );
    };
    // Nothing stops root but a disk that is read-only.
    if (IS_ROOT) await withDisk('size=1m,ro', refused);
    else {
      const disk = path.join(folder, 'to');
      await chmod(disk, 0o500);
      await refused(disk);
      await chmod(disk, 0o700);
    }
  });

  it('does not read on past a file that was cut meanwhile', async () => {
    await copyCapture(source, target(), {
      ...quiet(),
      onProgress: done => {
        if (done < 2_000_000) void truncate(source, 10);
      },
    });
    await vi.waitFor(async () => {
      expect((await stat(source)).size).toBe(10);
    });
  });
});
