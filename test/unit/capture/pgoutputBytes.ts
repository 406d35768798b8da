/** Messages of pgoutput as bytes; `xid` is given inside a stream block only. */
type Part = number | bigint | string | Uint8Array | { u8: number } | { u16: number };

const encoder = new TextEncoder();

function bytesOf(part: Part): Uint8Array {
  if (typeof part === 'string') return encoder.encode(part);
  if (part instanceof Uint8Array) return part;
  const view = new DataView(new ArrayBuffer(8));
  if (typeof part === 'bigint') {
    view.setBigUint64(0, part);
    return new Uint8Array(view.buffer);
  }
  if (typeof part === 'number') {
    view.setUint32(0, part);
    return new Uint8Array(view.buffer.slice(0, 4));
  }
  if ('u8' in part) return Uint8Array.of(part.u8);
  view.setUint16(0, part.u16);
  return new Uint8Array(view.buffer.slice(0, 2));
}

function join(...parts: Part[]): Uint8Array {
  const all = parts.map(bytesOf);
  const bytes = new Uint8Array(all.reduce((sum, b) => sum + b.length, 0));
  let at = 0;
  for (const b of all) {
    bytes.set(b, at);
    at += b.length;
  }
  return bytes;
}

const inStream = (xid: number | undefined): Part[] => (xid === undefined ? [] : [xid]);

/** null: SQL NULL; undefined: unchanged TOAST. */
export type Value = string | null | undefined;

function tuple(values: readonly Value[]): Uint8Array {
  return join(
    { u16: values.length },
    ...values.map(value => {
      if (value === null) return 'n';
      if (value === undefined) return 'u';
      const text = encoder.encode(value);
      return join('t', text.length, text);
    }),
  );
}

export interface ColumnSpec {
  readonly name: string;
  readonly type?: number;
  readonly key?: boolean;
}

export const message = {
  begin: (finalLsn: bigint, time: bigint, xid: number) => join('B', finalLsn, time, xid),
  commit: (commitLsn: bigint, endLsn: bigint, time: bigint) =>
    join('C', { u8: 0 }, commitLsn, endLsn, time),
  relation: (
    oid: number,
    schema: string,
    name: string,
    columns: readonly ColumnSpec[],
    identity = 'd',
    xid?: number,
  ) =>
    join(
      'R',
      ...inStream(xid),
      oid,
      `${schema}\0${name}\0${identity}`,
      { u16: columns.length },
      ...columns.map(c =>
        join({ u8: c.key === true ? 1 : 0 }, `${c.name}\0`, c.type ?? 25, 0xffffffff),
      ),
    ),
  insert: (oid: number, values: readonly Value[], xid?: number) =>
    join('I', ...inStream(xid), oid, 'N', tuple(values)),
  update: (
    oid: number,
    values: readonly Value[],
    old?: { readonly kind: 'K' | 'O'; readonly values: readonly Value[] },
    xid?: number,
  ) =>
    join(
      'U',
      ...inStream(xid),
      oid,
      ...(old === undefined ? [] : [old.kind, tuple(old.values)]),
      'N',
      tuple(values),
    ),
  delete: (oid: number, kind: 'K' | 'O', values: readonly Value[], xid?: number) =>
    join('D', ...inStream(xid), oid, kind, tuple(values)),
  truncate: (oids: readonly number[], xid?: number) =>
    join('T', ...inStream(xid), oids.length, { u8: 1 }, ...oids),
  logical: (
    transactional: boolean,
    lsn: bigint,
    prefix: string,
    content: string | Uint8Array,
    xid?: number,
  ) => {
    const bytes = bytesOf(content);
    return join(
      'M',
      ...inStream(xid),
      { u8: transactional ? 1 : 0 },
      lsn,
      `${prefix}\0`,
      bytes.length,
      bytes,
    );
  },
  streamStart: (xid: number, first: boolean) => join('S', xid, { u8: first ? 1 : 0 }),
  streamStop: () => join('E'),
  streamCommit: (xid: number, commitLsn: bigint, endLsn: bigint, time: bigint) =>
    join('c', xid, { u8: 0 }, commitLsn, endLsn, time),
  streamAbort: (xid: number, subxid: number) => join('A', xid, subxid),
  beginPrepare: (lsn: bigint, endLsn: bigint, time: bigint, xid: number, gid: string) =>
    join('b', lsn, endLsn, time, xid, `${gid}\0`),
  prepare: (lsn: bigint, endLsn: bigint, time: bigint, xid: number, gid: string) =>
    join('P', { u8: 0 }, lsn, endLsn, time, xid, `${gid}\0`),
  commitPrepared: (lsn: bigint, endLsn: bigint, time: bigint, xid: number, gid: string) =>
    join('K', { u8: 0 }, lsn, endLsn, time, xid, `${gid}\0`),
} as const;

/** A 'w' frame around a message. */
export function xlogData(lsn: bigint, payload: Uint8Array, time = 1n): Uint8Array {
  return join('w', lsn, lsn, time, payload);
}

export function keepalive(walEnd: bigint): Uint8Array {
  return join('k', walEnd, 1n, { u8: 0 });
}
