const count = new Intl.NumberFormat('en-US');

/** `1,204,331`. */
export function formatCount(value: number): string {
  return count.format(value);
}

/** `1 change`, `12 changes`. */
export function formatPlural(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes in units of 1024, three digits: `96 B`, `4.2 kB`, `182 MB`. */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `${String(bytes)} B`;
  let value = bytes;
  let unit = -1;
  while (Math.abs(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const text = Math.abs(value) >= 99.95 ? value.toFixed(0) : value.toFixed(1);
  return `${text.endsWith('.0') ? text.slice(0, -2) : text} ${UNITS[unit] ?? ''}`;
}

/** Milliseconds as a person says it: `12 ms`, `3.4 s`, `2 min`. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${String(Math.round(ms / 60_000))} min`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * An ISO time on this machine's clock, `10:04:31.221907`; with the day before it when that is not
 * today's. What is not such a time is given back as it is.
 */
export function formatClock(iso: string, now: Date): string {
  const time = new Date(iso);
  if (iso === '' || Number.isNaN(time.getTime())) return iso;
  const micros = /\.(\d+)/.exec(iso)?.[1] ?? '';
  const fraction = micros.padEnd(6, '0').slice(0, 6);
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${fraction}`;
  if (time.toDateString() === now.toDateString()) return clock;
  return `${String(time.getFullYear())}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}
