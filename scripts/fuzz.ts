import process from 'node:process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { loadCorpus } from '../test/fuzz/corpus';
import { fuzz, TARGETS } from '../test/fuzz/fuzz';

// npm run fuzz -- [CASES [FROM]]: damages what was recorded and gives it to every decoder. Cases have
// numbers and are the same each time, so `-- 1 NUMBER` runs one again. They run in a thread, so that one
// that never ends is seen, and named.

interface Order {
  readonly from: number;
  readonly cases: number;
  /** Number of the case that runs. */
  readonly current: SharedArrayBuffer;
}

const STEP = 10_000;
/** A case takes milliseconds, also where others want the processor. */
const STUCK_MS = 120_000;

if (isMainThread) await watch();
else await work(workerData as Order);

async function watch(): Promise<void> {
  const [cases = 10_000, from = 1] = process.argv.slice(2).map(Number);
  if (![cases, from].every(n => Number.isSafeInteger(n) && n > 0 && n < 2 ** 31)) {
    console.error('Usage: npm run fuzz -- [CASES [FROM]]');
    process.exit(2);
  }
  const current = new SharedArrayBuffer(4);
  const seen = new Int32Array(current);
  const order: Order = { from, cases, current };
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: order });
  let last = 0;
  const watchdog = setInterval(() => {
    const now = Atomics.load(seen, 0);
    if (now === last && now > 0) {
      console.error(`case ${now} does not end: npm run fuzz -- 1 ${now}`);
      process.exit(1);
    }
    last = now;
  }, STUCK_MS);
  worker.on('message', (line: string) => {
    console.log(line);
  });
  const status = await new Promise<number>(resolve => {
    worker.on('error', error => {
      console.error(error.message);
      resolve(1);
    });
    worker.on('exit', resolve);
  });
  clearInterval(watchdog);
  process.exitCode = status;
}

async function work({ from, cases, current }: Order): Promise<void> {
  const seen = new Int32Array(current);
  const corpus = loadCorpus();
  const started = performance.now();
  const counts = new Map<string, number>();
  let slowest = { number: 0, ms: 0 };
  for (let done = 0; done < cases; done += STEP) {
    const totals = await fuzz({
      corpus,
      targets: TARGETS,
      from: from + done,
      cases: Math.min(STEP, cases - done),
      onCase: number => {
        Atomics.store(seen, 0, number);
      },
    });
    for (const [name, n] of totals.byTarget) counts.set(name, (counts.get(name) ?? 0) + n);
    if (totals.slowest.ms > slowest.ms) slowest = totals.slowest;
    const seconds = Math.round((performance.now() - started) / 1000);
    const { rss, heapUsed } = process.memoryUsage();
    const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
    parentPort?.postMessage(
      `${done + totals.cases} cases in ${seconds} s, none bad; ${mb(rss)} resident, ${mb(heapUsed)} heap; ` +
        `slowest ${slowest.ms.toFixed(0)} ms (case ${slowest.number})`,
    );
  }
  for (const [name, n] of counts) parentPort?.postMessage(`  ${n} of ${name}`);
}
