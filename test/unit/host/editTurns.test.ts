import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EditTurns } from '../../../src/host/connections/editTurns';

/** A window: what it has seen of the list that all share, which comes to it a moment late. */
class Window {
  seen: readonly string[] = [];
  readonly turns: EditTurns<readonly string[]>;

  constructor(
    folder: string,
    readonly file: { list: readonly string[]; windows: Window[] },
  ) {
    this.turns = new EditTurns(folder, () => this.seen);
    file.windows.push(this);
  }

  add(name: string): Promise<void> {
    return this.turns.edit(
      list => [...list, name],
      list => {
        this.file.list = list;
        for (const window of this.file.windows) {
          void sleep(100).then(() => {
            window.seen = list;
          });
        }
        return Promise.resolve();
      },
    );
  }
}

describe('turns to edit the list', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-turns-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('lose nothing of what several windows write at the same time', async () => {
    const file = { list: [] as readonly string[], windows: [] as Window[] };
    const windows = [new Window(folder, file), new Window(folder, file), new Window(folder, file)];
    const names = Array.from({ length: 9 }, (_, i) => `server ${i}`);
    await Promise.all(names.map((name, i) => windows[i % windows.length]!.add(name)));
    expect([...file.list].sort()).toEqual(names);
    expect(await readdir(folder)).toEqual(['servers.written']);
  }, 30_000);

  it('go on after one that failed, and say why it did', async () => {
    const turns = new EditTurns<number>(folder, () => 1);
    const write = (): Promise<void> => Promise.reject(new Error('disk full'));
    await expect(turns.edit(list => list + 1, write)).rejects.toThrow('disk full');
    let written = 0;
    await turns.edit(
      list => list + 1,
      list => {
        written = list;
        return Promise.resolve();
      },
    );
    expect(written).toBe(2);
  });

  it('write nothing where nothing is different', async () => {
    const turns = new EditTurns<readonly number[]>(folder, () => [1]);
    await turns.edit(
      list => [...list],
      () => Promise.reject(new Error('written')),
    );
  });

  // The clock may have been set back since.
  it.each([-60_000, 3_600_000])('do not wait for a window that died in its turn (%d)', async at => {
    const turn = path.join(folder, 'servers.turn');
    await writeFile(turn, '');
    const then = new Date(Date.now() + at);
    await utimes(turn, then, then);
    const turns = new EditTurns<number>(folder, () => 1);
    await turns.edit(
      () => 2,
      () => Promise.resolve(),
    );
    expect(await readdir(folder)).toEqual(['servers.written']);
  });

  it('do not wait for what somebody has changed by hand since', async () => {
    let list: readonly string[] = ['a'];
    const turns = new EditTurns<readonly string[]>(folder, () => list);
    const write = (next: readonly string[]): Promise<void> => {
      list = next;
      return Promise.resolve();
    };
    await turns.edit(() => ['a', 'b'], write);
    list = ['by hand'];
    await turns.edit(entries => [...entries, 'c'], write);
    expect(list).toEqual(['by hand', 'c']);
  }, 20_000);
});
