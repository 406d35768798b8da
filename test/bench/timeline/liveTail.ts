import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Page } from 'playwright-core';
import { startCluster } from '../../../scripts/postgres/cluster';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { Sidebar } from '../../e2e/sidebar';
import type { Figures } from '../replication/figures';
import { machineLoad, percentile, round } from '../replication/figures';
import { heapMegabytes, openBenchPage, timelineFrame } from './benchPage';
import { collect, spread } from './pageMeter';

const SERVER = 'bench@localhost';
const CHANGES_A_SECOND = 50_000;
const CHANGES_A_TRANSACTION = 25;
const TICK_MS = 50;
/** Time for what is behind to arrive after the last change was written. */
const CATCH_UP_MS = 120_000;

/**
 * A tail of a real server that writes 50,000 changes a second, while somebody scrolls and uses keys: how long
 * an input waits for its frame, how far the list is behind, and whether all changes were counted in the end.
 */
export async function liveTail(seconds: number): Promise<Figures> {
  const load = machineLoad();
  const cluster = await startCluster({
    major: 18,
    name: 'bench-live',
    settings: { max_wal_size: '4GB', shared_buffers: '256MB', synchronous_commit: 'off' },
  });
  try {
    await prepare(cluster);
    const bench = await openBenchPage(
      {
        settings: { 'walExplorer.servers': [{ name: SERVER, url: urlOf(cluster) }] },
        homeFiles: { '.pgpass': `*:*:*:*:${cluster.password}\n` },
      },
      () => Promise.resolve(),
    );
    try {
      await startTail(bench.page);
      await cluster.adminQuery('call write_changes(1)');
      const frame = await timelineFrame(bench.page);
      return { ...load, ...(await measure(cluster, bench.page, frame, seconds)) };
    } finally {
      await bench.close();
    }
  } finally {
    await cluster.dispose();
  }
}

const urlOf = ({ port }: Cluster): string =>
  `postgresql://postgres@127.0.0.1:${String(port)}/postgres?sslmode=disable`;

function prepare(cluster: Cluster): Promise<unknown> {
  return cluster.adminQuery(`
    create table orders (id bigserial primary key, customer int, total numeric(10,2), note text);
    create publication p for table orders;
    create procedure write_changes(transactions int) language plpgsql as $$
      begin
        for i in 1..transactions loop
          insert into orders (customer, total, note)
            select g, g * 1.25, 'some words that a row of a shop has'
            from generate_series(1, ${String(CHANGES_A_TRANSACTION)}) g;
          commit;
        end loop;
      end $$;
  `);
}

async function startTail(page: Page): Promise<void> {
  const sidebar = new Sidebar(page);
  await sidebar.open();
  await sidebar.expand(SERVER, 'postgres', 'Publications');
  await sidebar.item('p').waitFor();
  await sidebar.inlineAction('p', /Tail/);
  const outer = page.locator('iframe.webview.ready').first().contentFrame();
  const state = outer.frameLocator('iframe#active-frame').locator('.state');
  await state.filter({ hasText: 'live' }).waitFor();
}

async function measure(
  cluster: Cluster,
  page: Page,
  frame: Frame,
  seconds: number,
): Promise<Figures> {
  // The transaction that was there before.
  let written = CHANGES_A_TRANSACTION;
  const behind: number[] = [];
  const over = new AbortController();
  const writing = async (): Promise<number> => {
    const session = await cluster.openAdmin();
    const start = performance.now();
    try {
      while (!over.signal.aborted) {
        const due = ((performance.now() - start) / 1000) * CHANGES_A_SECOND;
        const transactions = Math.floor((due - written) / CHANGES_A_TRANSACTION);
        if (transactions > 0) await session.query(`call write_changes(${String(transactions)})`);
        written += Math.max(0, transactions) * CHANGES_A_TRANSACTION;
        await sleep(TICK_MS);
      }
      return (performance.now() - start) / 1000;
    } finally {
      await session.end();
    }
  };
  const watching = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const before = written;
      behind.push(Math.max(0, before - (await changesShown(frame))));
      await sleep(500);
    }
  };
  const { frames, inputs } = await collect(frame, async () => {
    const work = Promise.all([writing(), watching()]);
    try {
      await use(page, frame, seconds);
    } finally {
      over.abort();
      await work;
    }
  });
  const writtenAt = performance.now();
  while ((await changesShown(frame)) < written) {
    if (performance.now() - writtenAt > CATCH_UP_MS) break;
    await sleep(50);
  }
  const caughtUpMs = performance.now() - writtenAt;
  const [row] = await cluster.adminQuery('select count(*) as rows from orders');
  return {
    seconds,
    'changes of the server': Number(row?.['rows']),
    'changes counted by the list': await changesShown(frame),
    'changes a second': Math.round(written / seconds),
    ...spread('input to frame', inputs),
    inputs: inputs.length,
    ...spread('frame', frames),
    'changes behind, p50': percentile(behind, 0.5),
    'changes behind, max': Math.max(0, ...behind),
    'caught up after, ms': round(caughtUpMs, 0),
    'JavaScript heap MB, with that of VS Code where it shares the process':
      await heapMegabytes(frame),
  };
}

/** As the line below the list says. */
async function changesShown(frame: Frame): Promise<number> {
  const text = await frame.locator('#changes').innerText();
  return Number(/[\d,]+/.exec(text)?.[0].replaceAll(',', '') ?? 0);
}

/** Follows the newest row, scrolls back and forth, and moves by keys, over and over. */
async function use(page: Page, frame: Frame, seconds: number): Promise<void> {
  const list = frame.locator('wal-timeline-grid .list');
  const box = await list.boundingBox();
  if (box === null) throw new Error('The list is not in sight.');
  await page.mouse.move(box.x + 400, box.y + 100);
  await list.focus();
  const until = performance.now() + seconds * 1000;
  const pause = (): Promise<void> => sleep(60);
  while (performance.now() < until) {
    // To the end, which is followed from then on.
    await page.mouse.wheel(0, 1e9);
    await sleep(1000);
    for (let i = 0; i < 10; i++) await page.mouse.wheel(0, -200).then(pause);
    for (let i = 0; i < 10; i++) await page.mouse.wheel(0, 200).then(pause);
    for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowUp').then(pause);
    for (let i = 0; i < 8; i++) await page.keyboard.press('PageUp').then(pause);
    await page.keyboard.press('Escape');
  }
}
