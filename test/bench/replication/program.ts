import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { residentMegabytes } from './figures';

const SAMPLE_MS = 250;

export interface Measured {
  readonly seconds: number;
  /** Peak resident memory in MB. */
  readonly peakMegabytes: number;
  /** Resident memory in MB while it ran, a sample each quarter of a second. */
  readonly samples: readonly number[];
}

/** Runs a program until it ends, and fails when it does. */
export async function measureProgram(program: string, args: readonly string[]): Promise<Measured> {
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const samples: number[] = [];
  let peakMegabytes = 0;
  const sampler = setInterval(() => {
    const { now, peak } = residentMegabytes(child.pid ?? 0);
    if (now > 0) samples.push(now);
    peakMegabytes = Math.max(peakMegabytes, peak);
  }, SAMPLE_MS);
  const [status] = (await once(child, 'close')) as [number | null];
  clearInterval(sampler);
  if (status !== 0) throw new Error(`${program} ended with status ${String(status)}`);
  return { seconds: (performance.now() - startedAt) / 1000, peakMegabytes, samples };
}
