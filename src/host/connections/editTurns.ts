import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often another window's turn is looked at, in ms. */
const POLL_MS = 25;
/** A turn takes moments; one that is older than this belongs to a window that died in it, in ms. */
const STALE_MS = 10_000;
/** How long a window may need until it sees what another one wrote, in ms. */
const SETTLE_MS = 3_000;

/**
 * Lets one window after the other change a list that all of them share, and none from an old copy.
 * A window learns what another one wrote a moment later; written from its copy of before, the list
 * would lose that change. So each turn leaves behind what it wrote, and the next one waits until it
 * sees it, or until it is plain that somebody else has changed the list since.
 */
export class EditTurns<T> {
  readonly #folder: string;
  readonly #read: () => T;
  #last: Promise<unknown> = Promise.resolve();

  /** `folder` is the same for all windows. */
  constructor(folder: string, read: () => T) {
    this.#folder = folder;
    this.#read = read;
  }

  /** Gives `change` the list as it is now and writes what it makes of it, if that is another one. */
  edit(change: (list: T) => T | Promise<T>, write: (list: T) => PromiseLike<void>): Promise<void> {
    const turn = this.#last
      .then(() => this.#takeTurn())
      .then(async endTurn => {
        try {
          await this.#settle();
          const before = this.#read();
          const after = await change(before);
          if (digest(after) === digest(before)) return;
          await write(after);
          await writeFile(this.#path('written'), digest(after), { mode: 0o600 });
        } finally {
          await endTurn();
        }
      });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #takeTurn(): Promise<() => Promise<void>> {
    await mkdir(this.#folder, { recursive: true });
    const file = this.#path('turn');
    for (;;) {
      try {
        const handle = await open(file, 'wx', 0o600);
        await handle.close();
        return () => rm(file, { force: true });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      if ((await this.#age('turn')) > STALE_MS) await rm(file, { force: true });
      else await sleep(POLL_MS);
    }
  }

  /** Waits until what was written just now, by whichever window, can be read here. */
  async #settle(): Promise<void> {
    const written = await readFile(this.#path('written'), 'utf8').catch(() => undefined);
    if (written === undefined) return;
    const until = Date.now() + SETTLE_MS - (await this.#age('written'));
    while (digest(this.#read()) !== written && Date.now() < until) await sleep(POLL_MS);
  }

  /** Milliseconds since the file was written, by a clock that may have been set; gone is not old. */
  async #age(name: string): Promise<number> {
    const facts = await stat(this.#path(name)).catch(() => undefined);
    return facts === undefined ? 0 : Math.abs(Date.now() - facts.mtimeMs);
  }

  #path(name: string): string {
    return path.join(this.#folder, `servers.${name}`);
  }
}

function digest(list: unknown): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('hex');
}
