const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * Bytes as a person reads them, in steps of 1024 as `pg_size_pretty` counts
 * (src/backend/utils/adt/dbsize.c): `176 B`, `36 kB`, `1.2 GB`.
 */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'unknown';
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(0);
  return `${bytes < 0 ? '-' : ''}${digits} ${UNITS[unit] ?? ''}`;
}

/** A count with thousands separated by commas, the same on every machine: `1,204,331`. */
export function formatCount(count: number): string {
  return String(Math.trunc(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 table`, `2 tables`. */
export function formatPlural(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A span of time in its largest unit, for a list: `12 s`, `5 min`, `3 h`, `4 days`. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return formatPlural(Math.floor(seconds / 86_400), 'day');
}
