const count = new Intl.NumberFormat('en-US');

/** `1,204,331`. */
export function formatCount(value: number): string {
  return count.format(value);
}

/** `1 change`, `12 changes`. */
export function formatPlural(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`;
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

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day of this machine's calendar, `Nov 20`; with its year where that is not this one. */
export function formatDay(day: Date, now: Date): string {
  const name = `${MONTHS[day.getMonth()] ?? ''} ${String(day.getDate())}`;
  return day.getFullYear() === now.getFullYear() ? name : `${name}, ${String(day.getFullYear())}`;
}

/**
 * As {@link formatClock}, below a heading that names the day: a time of another day says so and no fraction, so
 * that it is no longer, `Nov 21 00:00:01`.
 */
export function formatClockOn(day: Date, iso: string, now: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime()) || time.toDateString() === day.toDateString()) {
    return formatClock(iso, day);
  }
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${formatDay(time, now)} ${clock}`;
}
