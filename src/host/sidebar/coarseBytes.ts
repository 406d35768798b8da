import { formatBytes } from '../../base/quantity';

/**
 * Bytes with two leading digits, such as `1.2 GB` and `340 MB`: a line that a busy server changes a
 * little with every reading need not be drawn again for that.
 */
export function coarseBytes(bytes: number): string {
  if (bytes < 1024) return formatBytes(bytes);
  let unit = 1;
  while (bytes / unit >= 1024) unit *= 1024;
  const step = unit * (bytes / unit >= 100 ? 10 : bytes / unit >= 10 ? 1 : 0.1);
  return formatBytes(Math.floor(bytes / step) * step);
}
