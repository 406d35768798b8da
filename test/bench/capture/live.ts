import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureReader } from '../../../src/capture/captureReader';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import type { ViewState } from '../../../src/shared/viewSpec';
import { testMeta } from '../../unit/capture/captureMeta';
import { message, xlogData } from '../../unit/capture/pgoutputBytes';
import type { Figures } from '../replication/figures';
import { machineLoad, percentile, round } from '../replication/figures';

const SECONDS = 20;
const EVENTS_A_SECOND = 50_000;
const TICK_MS = 20;
const CHANGES_A_TRANSACTION = 25;
const COLUMNS = [
  { name: 'id', key: true, typeOid: 20 },
  { name: 'total', typeOid: 1700 },
  { name: 'note', typeOid: 25 },
];

/**
 * A writer that takes 50,000 changes a second, and beside it, in this very thread, a reader with an
 * expression: how far it is behind, and how long the newest window takes meanwhile.
 */
export async function live(): Promise<readonly Figures[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-live-'));
  const load = machineLoad();
  const file = path.join(folder, 'c');
  const writer = await CaptureWriter.create(nodeFiles, file, testMeta);
  let state: ViewState | undefined;
  const reader = new CaptureReader(nodeFiles, head => {
    state = head.view;
  });
  const windows: number[] = [];
  let written = 0;
  let mostBehind = 0;
  try {
    await writer.flush();
    await reader.open({ path: file, header: writer.header });
    const filter = 'new.total > decimal("500") && table == "orders"';
    const { view } = reader.current.setView({
      ...{ grouping: 'transactions', operations: [], tables: [], text: '', filter },
    });
    const over = new AbortController();
    const asking = (async () => {
      const { signal } = new AbortController();
      while (!over.signal.aborted) {
        const first = Math.max(0, (state?.rows ?? 0) - 256);
        const start = performance.now();
        await reader.current.rows({ view, generation: 0, first, count: 256 }, signal);
        windows.push(performance.now() - start);
        await sleep(16);
      }
    })();
    const start = performance.now();
    writer.append(xlogData(1n, message.relation(16384, 'public', 'orders', COLUMNS)));
    while (performance.now() - start < SECONDS * 1000) {
      const due = Math.floor(((performance.now() - start) / 1000) * EVENTS_A_SECOND);
      while (written + CHANGES_A_TRANSACTION <= due) writeTransaction(writer, written);
      mostBehind = Math.max(mostBehind, written - (state?.changes ?? 0));
      await sleep(TICK_MS);
    }
    const seconds = (performance.now() - start) / 1000;
    await writer.close();
    const closed = performance.now();
    while (state?.complete !== true || state.changes < written) {
      await sleep(1);
    }
    const caughtUpMs = performance.now() - closed;
    over.abort();
    await asking;
    return [
      {
        name: 'live, an expression while it is followed',
        ...load,
        changesPerSecond: Math.round(written / seconds),
        matched: state.matched,
        mostBehindChanges: mostBehind,
        caughtUpMs: round(caughtUpMs),
        windowP50Ms: round(percentile(windows, 0.5)),
        windowP99Ms: round(percentile(windows, 0.99)),
      },
    ];
  } finally {
    await reader.close();
    await rm(folder, { recursive: true });
  }

  function writeTransaction(to: CaptureWriter, first: number): void {
    const lsn = BigInt(first + 10) * 128n;
    const time = BigInt(first);
    to.append(xlogData(lsn, message.begin(lsn + 100n, time, (first % 2 ** 31) + 1)));
    for (let i = 0; i < CHANGES_A_TRANSACTION; i++) {
      const id = first + i;
      const values = [String(id), String((id * 37) % 1000), 'some words that a row of a shop has'];
      to.append(xlogData(lsn + BigInt(i), message.insert(16384, values)));
    }
    to.append(xlogData(lsn + 100n, message.commit(lsn + 100n, lsn + 101n, time)));
    written += CHANGES_A_TRANSACTION;
  }
}
