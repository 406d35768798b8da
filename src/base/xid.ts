import type { Brand } from './brand';

/** A transaction id, unsigned 32 bits; wraps around (`TransactionId`, src/include/c.h). */
export type Xid = Brand<number, 'Xid'>;

/** `InvalidTransactionId`: not in a transaction. */
export const NO_XID = 0 as Xid;

export function toXid(value: number): Xid {
  return (value >>> 0) as Xid;
}
