import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import process from 'node:process';
import { CaptureReader } from '../../../src/capture/captureReader';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { PAGE_LIMIT } from '../../../src/shared/timelineRow';
import type { JumpTarget, ViewSpec, ViewState } from '../../../src/shared/viewSpec';
import type { Figures } from '../replication/figures';
import { percentile, round } from '../replication/figures';
import { NEEDLE } from './workload';

const WINDOWS = 400;
/** Those that come before the code that makes rows is compiled: they are told by themselves. */
const FIRST_WINDOWS = 50;
const WINDOW_ROWS = PAGE_LIMIT;
const JUMPS = 20;
const ALL: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };

/** What is measured with a filter: the name of its figures, and what is set. */
const FILTERS: readonly (readonly [name: string, spec: Partial<ViewSpec>])[] = [
  ['filter on table and operation', { operations: ['update'], tables: ['shop.orders_29'] }],
  ['filter on a value: new.total > 713', { filter: 'new.total > decimal("713")' }],
  ['filter on a value: a rare text', { filter: `new.note == "${NEEDLE}"` }],
  ['filter on a value of every table', { filter: 'new.id % 100000 == 4242' }],
  ['filter on operation and value', { filter: 'op == "update" && new.state == "shipped"' }],
  ['history of a key', { filter: `table == "accounts" && key.id == 500` }],
  ['filter on a size', { filter: 'size > 2000 && op == "insert"' }],
  ['text search, rare', { text: NEEDLE }],
  ['text search, in no row', { text: 'no such words' }],
  ['text search, often', { text: 'CANCELLED' }],
];

/** Measures the reader of a capture in a process of its own: FILE, and where the figures are written. */
async function main(path: string, out: string): Promise<void> {
  const figures: Figures[] = [];
  const tell = (name: string, more: Omit<Figures, 'name'>): void => {
    figures.push({ name, ...more });
  };
  forget(path);
  const reading = new Reading();
  tell('open', { ms: round(await reading.open(path)) });
  tell('list everything', await reading.view(ALL));
  for (const grouping of ['flat', 'transactions'] as const) {
    const rows = await reading.view({ ...ALL, grouping });
    forget(path);
    tell(`any window, ${grouping}, from the disk`, await reading.windows());
    await remember(path);
    tell(`any window, ${grouping}`, { lines: rows['lines'] ?? 0, ...(await reading.windows()) });
  }
  for (const [name, spec] of FILTERS) {
    await reading.view({ ...ALL, ...spec });
    tell(name, await reading.view({ ...ALL, ...spec, grouping: 'transactions' }));
    tell(`windows of it: ${name}`, await reading.windows());
  }
  const middle = await reading.middle();
  tell('filter on a transaction', await reading.view({ ...ALL, filter: `xid == ${middle.xid}` }));
  const range = { by: 'lsn', from: middle.lsn, to: middle.later } as const;
  tell('range of commits', await reading.view({ ...ALL, range }));
  await reading.view({ ...ALL, grouping: 'transactions' });
  for (const [name, target] of [
    ['jump to an LSN', { kind: 'lsn', lsn: middle.lsn }],
    ['jump to a time', { kind: 'time', time: middle.time }],
    ['jump to an xid', { kind: 'xid', xid: Number(middle.xid) }],
  ] as const) {
    tell(name, await reading.jumps(target));
  }
  tell('find the next of a rare text', { ms: round(await reading.find(NEEDLE)) });
  await reading.close();
  tell('memory', { peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) });
  writeFileSync(out, JSON.stringify(figures));
}

/** Has the system give up what it keeps of the file in memory. */
function forget(path: string): void {
  const { status } = spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'], {
    stdio: 'ignore',
  });
  if (status !== 0) throw new Error('dd could not take the file out of memory.');
}

/** Has the system keep the file in memory, so that what is measured is ours and not the disk's. */
async function remember(path: string): Promise<void> {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 }).resume();
  await once(file, 'close');
}

/** A reader as the worker has it, without the thread. */
class Reading {
  #state: ViewState | undefined;
  #onHead: (() => void) | undefined;
  readonly #reader = new CaptureReader(nodeFiles, head => {
    this.#state = head.view;
    this.#onHead?.();
  });
  #random = 1;

  async open(path: string): Promise<number> {
    const start = performance.now();
    await this.#reader.open({ path });
    const [row] = (await this.#page(0, 1)).rows;
    if (row === undefined) await this.#until(state => state.rows > 0);
    return performance.now() - start;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  /** Sets a view: how long until there are lines, and until everything is looked at. */
  async view(spec: ViewSpec): Promise<Figures> {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const used = process.cpuUsage();
    const start = performance.now();
    const { view } = this.#reader.current.setView(spec);
    let first = -1;
    await this.#until(state => {
      if (state.view === view && state.rows > 0 && first < 0) first = performance.now() - start;
      return state.view === view && state.complete;
    });
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    delay.disable();
    return {
      ms: round(ms),
      cpuMs: Math.round((user + system) / 1000),
      firstMs: round(first),
      lines: this.#state?.rows ?? 0,
      matched: this.#state?.matched ?? 0,
      // The clock of the histogram itself ticks each millisecond.
      blockedP99Ms: round(delay.percentile(99) / 1e6 - 1),
      blockedMostMs: round(delay.max / 1e6 - 1),
    };
  }

  /** Asks for windows at random places. */
  async windows(): Promise<Figures> {
    const times: number[] = [];
    const rows = this.#state?.rows ?? 0;
    const used = process.cpuUsage();
    let given = 0;
    for (let i = 0; i < WINDOWS; i++) {
      const first = Math.floor(this.#next() * Math.max(1, rows - WINDOW_ROWS));
      const start = performance.now();
      const page = await this.#page(first, WINDOW_ROWS);
      times.push(performance.now() - start);
      given += page.rows.length;
    }
    const { user, system } = process.cpuUsage(used);
    return {
      cpuMs: round((user + system) / 1000 / WINDOWS),
      p50Ms: round(percentile(times, 0.5)),
      p99Ms: round(percentile(times, 0.99)),
      mostMs: round(percentile(times, 1)),
      laterP99Ms: round(percentile(times.slice(FIRST_WINDOWS), 0.99)),
      rowsOfAWindow: Math.round(given / WINDOWS),
    };
  }

  async jumps(to: JumpTarget): Promise<Figures> {
    const times: number[] = [];
    for (let i = 0; i < JUMPS; i++) {
      const start = performance.now();
      await this.#reader.current.jump({ view: this.#view, to }, new AbortController().signal);
      times.push(performance.now() - start);
    }
    return { firstMs: round(times[0] ?? 0), p50Ms: round(percentile(times, 0.5)) };
  }

  async find(text: string): Promise<number> {
    const start = performance.now();
    const { signal } = new AbortController();
    for (let from = -1; ;) {
      const p = { view: this.#view, text, from, direction: 'next' } as const;
      const found = await this.#reader.current.find(p, signal);
      if (found.done) return performance.now() - start;
      from = found.reached;
    }
  }

  /** A transaction in the midst of the capture, and where a later one was committed. */
  async middle(): Promise<{ lsn: string; later: string; time: string; xid: string }> {
    await this.view({ ...ALL, grouping: 'transactions' });
    const rows = this.#state?.rows ?? 0;
    const at = async (share: number): Promise<{ lsn: string; time: string; xid: string }> => {
      for (const row of (await this.#page(Math.floor(rows * share), 100)).rows) {
        if (row.type !== 'transaction' || row.streamed) continue;
        return { lsn: row.lsn, time: row.commitTime, xid: String(row.xid) };
      }
      throw new Error('there is no plain transaction in the midst of the capture');
    };
    const middle = await at(0.5);
    return { ...middle, later: (await at(0.51)).lsn };
  }

  get #view(): number {
    return this.#state?.view ?? 0;
  }

  #page(first: number, count: number): ReturnType<CaptureReader['current']['rows']> {
    const { signal } = new AbortController();
    const view = this.#view === 0 ? 1 : this.#view;
    return this.#reader.current.rows({ view, generation: 0, first, count }, signal);
  }

  #until(isDone: (state: ViewState) => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = (): void => {
        if (this.#state === undefined || !isDone(this.#state)) return;
        this.#onHead = undefined;
        resolve();
      };
      this.#onHead = look;
      look();
    });
  }

  /** The same places each time (Numerical Recipes, `ranqd1`). */
  #next(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }
}

const [path = '', out = ''] = process.argv.slice(2);
await main(path, out);
