import { INVALID_LSN, type Lsn } from '../../src/base/lsn';
import type { PositionPolicy } from '../../src/postgres/replicationStream';

/** Nothing is confirmed. */
export function observeOnly(received: () => Lsn): PositionPolicy {
  return { received, flushed: () => INVALID_LSN };
}
