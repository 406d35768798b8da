import type { Brand } from './brand';

/** A transaction id, unsigned 32 bits; wraps around (`TransactionId`, src/include/c.h). */
export type Xid = Brand<number, 'Xid'>;

export function toXid(value: number): Xid {
  return (value >>> 0) as Xid;
}
