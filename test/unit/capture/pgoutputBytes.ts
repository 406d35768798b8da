import type { CellSpec, ColumnSpec } from '../logical/messageBuilder';
import * as build from '../logical/messageBuilder';

/** Shorthands for messages, for tests that need many; `xid` is given inside a stream block only. */

/** null: SQL NULL; undefined: unchanged TOAST. */
export type Value = string | null | undefined;

const cells = (values: readonly Value[]): CellSpec[] =>
  values.map(value => (value === undefined ? { unchanged: true } : value));

const inBlock = (xid: number | undefined) => (xid === undefined ? {} : { xid });

const IDENTITIES = { d: 'default', n: 'nothing', f: 'full', i: 'index' } as const;

export const message = {
  begin: (finalLsn: bigint, time: bigint, xid: number) => build.begin({ finalLsn, time, xid }),
  commit: (commitLsn: bigint, endLsn: bigint, time: bigint) =>
    build.commit({ commitLsn, endLsn, time }),
  relation: (
    oid: number,
    schema: string,
    name: string,
    columns: readonly ColumnSpec[],
    identity: keyof typeof IDENTITIES = 'd',
    xid?: number,
  ) =>
    build.relation({
      oid,
      schema,
      name,
      columns,
      identity: IDENTITIES[identity],
      ...inBlock(xid),
    }),
  insert: (oid: number, values: readonly Value[], xid?: number) =>
    build.insert({ oid, row: cells(values), ...inBlock(xid) }),
  update: (
    oid: number,
    values: readonly Value[],
    old?: { readonly kind: 'K' | 'O'; readonly values: readonly Value[] },
    xid?: number,
  ) =>
    build.update({
      oid,
      row: cells(values),
      ...(old === undefined ? {} : { [old.kind === 'K' ? 'key' : 'old']: cells(old.values) }),
      ...inBlock(xid),
    }),
  delete: (oid: number, kind: 'K' | 'O', values: readonly Value[], xid?: number) =>
    build.remove({ oid, [kind === 'K' ? 'key' : 'old']: cells(values), ...inBlock(xid) }),
  truncate: (oids: readonly number[], xid?: number) =>
    build.truncate({ oids, cascade: true, ...inBlock(xid) }),
  logical: (transactional: boolean, lsn: bigint, prefix: string, text: string, xid?: number) =>
    build.message({
      transactional,
      lsn,
      prefix,
      content: Buffer.from(text),
      ...inBlock(xid),
    }),
  streamStart: (xid: number, first: boolean) => build.streamStart({ xid, first }),
  streamStop: build.streamStop,
  streamCommit: (xid: number, commitLsn: bigint, endLsn: bigint, time: bigint) =>
    build.streamCommit({ xid, commitLsn, endLsn, time }),
  streamAbort: (xid: number, subxid: number) => build.streamAbort({ xid, subxid }),
  beginPrepare: build.beginPrepare,
  prepare: build.prepare,
  commitPrepared: build.commitPrepared,
} as const;

/** A 'w' frame around a message; the clock says 1 µs after 2000-01-01. */
export function xlogData(lsn: bigint, payload: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(25 + payload.length, 'w');
  frame.writeBigUInt64BE(lsn, 1);
  frame.writeBigUInt64BE(lsn, 9);
  frame.writeBigUInt64BE(1n, 17);
  frame.set(payload, 25);
  return frame;
}

export function keepalive(walEnd: bigint): Uint8Array {
  const frame = Buffer.alloc(18, 'k');
  frame.writeBigUInt64BE(walEnd, 1);
  frame.writeBigUInt64BE(1n, 9);
  frame[17] = 0;
  return frame;
}
