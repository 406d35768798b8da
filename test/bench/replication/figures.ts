import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** What a benchmark of streams found: names and numbers, flat, so that it can be printed and compared. */
export type Figures = Readonly<Record<string, number | string>>;

/** The middle one; of an even number the upper of the two. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that `share` of the values do not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/**
 * Processes that ran or wanted to, on average over the last minute, before a measurement. More than a
 * quarter of the cores means that others worked: only ratios within one run say something then.
 */
export function machineLoad(): Figures {
  const load = loadavg()[0] ?? 0;
  const cores = cpus().length;
  return { cores, load: round(load), machine: load > cores / 4 ? 'not idle' : 'idle' };
}

/** Resident memory of a process in MB, now and at its peak; Linux only, 0 elsewhere. */
export function residentMegabytes(pid: number): { readonly now: number; readonly peak: number } {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const read = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
    return { now: read('VmRSS'), peak: read('VmHWM') };
  } catch {
    return { now: 0, peak: 0 };
  }
}
