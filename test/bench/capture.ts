import { build } from 'esbuild';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { PROJECT_ROOT } from '../../scripts/projectRoot';
import { WORKER_LIMITS } from '../../src/host/timeline/workerLimits';
import { append } from './capture/append';
import { exports } from './capture/exports';
import { captureOf } from './capture/generate';
import { live } from './capture/live';
import type { Figures } from './replication/figures';
import { machineLoad, round } from './replication/figures';
import { measureProgram } from './replication/program';

const SIZES = [100_000, 1_000_000, 10_000_000];
/** Changes that are appended, and exported. */
const WRITTEN = 1_000_000;

/**
 * How fast a capture is written and read, and in how much memory, and how that grows with its size
 * (docs/performance.md): `npm run bench -- capture [EVENTS...]`, of 100,000, 1 and 10 million changes
 * where none is given. Captures come from a PostgreSQL 18, once: they stay in node_modules/.cache, the
 * largest with 4 GB. On a machine that is not idle only ratios mean something.
 */
export async function run(options: {
  readonly json: boolean;
  readonly args?: readonly string[];
}): Promise<void> {
  const sizes = (options.args ?? []).map(sizeOf);
  const all: Figures[] = [];
  const tell = (figures: readonly Figures[]): void => {
    all.push(...figures);
    if (options.json) return;
    for (const { name = '', ...more } of figures) {
      const pairs = Object.entries(more).map(([key, value]) => `${key} ${String(value)}`);
      console.log(`${String(name)}: ${pairs.join(', ')}`);
    }
  };
  for (const events of sizes.length === 0 ? SIZES : sizes) {
    const { file, figures } = await captureOf(events);
    tell(figures);
    tell(await reading(events, file));
    if (events === WRITTEN) {
      tell(await append(file));
      tell(await exports(file));
    }
  }
  tell(await live());
  if (options.json) console.log(JSON.stringify(all));
}

function sizeOf(arg: string): number {
  const events = Number(arg);
  if (Number.isSafeInteger(events) && events >= 10_000) return events;
  throw new Error(`${JSON.stringify(arg)} is no number of events, 10000 or more`);
}

/** Reads in a process of its own, whose memory is that of reading alone. */
async function reading(events: number, file: string): Promise<readonly Figures[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-reading-'));
  try {
    const script = path.join(PROJECT_ROOT, 'node_modules/.cache/bench/capture-reading.mjs');
    await build({
      entryPoints: [path.join(PROJECT_ROOT, 'test/bench/capture/reading.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      logLevel: 'error',
    });
    const load = machineLoad();
    const out = path.join(folder, 'figures.json');
    // As the thread of the extension that does this.
    const young = `--max-semi-space-size=${String(WORKER_LIMITS.maxYoungGenerationSizeMb / 3)}`;
    const measured = await measureProgram(process.execPath, [young, script, file, out]);
    const figures = JSON.parse(await readFile(out, 'utf8')) as Figures[];
    const { size } = await stat(file);
    const ofProcess = { peakMegabytes: Math.round(measured.peakMegabytes) };
    return [
      { name: `reading ${String(events)}`, ...load, fileMegabytes: Math.round(size / 1e6) },
      ...figures,
      { name: 'memory of the process', ...ofProcess, seconds: round(measured.seconds) },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}
