import type { PgTime } from '../../../src/base/time';
import type { Lsn } from '../../../src/base/lsn';
import type { ReplicaIdentity } from '../../../src/logical/relation';

/**
 * Writes pgoutput messages byte by byte as src/backend/replication/logical/proto.c does, independently of
 * the decoder. `xid` in a message's options puts it in a stream block.
 */
export class MessageBuilder {
  readonly #bytes: number[] = [];

  static of(letter: string): MessageBuilder {
    return new MessageBuilder().u8(letter.charCodeAt(0));
  }

  u8(value: number): this {
    this.#bytes.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff);
  }

  u64(value: bigint): this {
    const unsigned = BigInt.asUintN(64, value);
    return this.u32(Number(unsigned >> 32n)).u32(Number(unsigned & 0xffff_ffffn));
  }

  cstring(text: string): this {
    return this.raw(Buffer.from(text, 'utf8')).u8(0);
  }

  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** The xid that stands only in stream blocks. */
  xid(xid: number | undefined): this {
    return xid === undefined ? this : this.u32(xid);
  }

  build(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** A value of a row: text, bytes in binary form, NULL, or unchanged TOAST. */
export type CellSpec =
  | string
  | null
  | { readonly binary: Uint8Array }
  /** Text whose bytes need not be UTF-8. */
  | { readonly text: Uint8Array }
  | { readonly unchanged: true };

export interface ColumnSpec {
  readonly name: string;
  readonly typeOid?: number;
  readonly typeModifier?: number;
  readonly key?: boolean;
}

interface InBlock {
  readonly xid?: number | undefined;
}

const LETTER_OF_IDENTITY: Readonly<Record<Exclude<ReplicaIdentity, 'unknown'>, string>> = {
  default: 'd',
  nothing: 'n',
  full: 'f',
  index: 'i',
};

function tuple(builder: MessageBuilder, cells: readonly CellSpec[]): MessageBuilder {
  builder.u16(cells.length);
  for (const cell of cells) {
    if (cell === null) builder.u8(0x6e);
    else if (typeof cell === 'string') value(builder, 't', Buffer.from(cell, 'utf8'));
    else if ('binary' in cell) value(builder, 'b', cell.binary);
    else if ('text' in cell) value(builder, 't', cell.text);
    else builder.u8(0x75);
  }
  return builder;
}

function value(builder: MessageBuilder, kind: string, bytes: Uint8Array): void {
  builder.u8(kind.charCodeAt(0)).u32(bytes.length).raw(bytes);
}

export function begin(p: { xid: number; finalLsn: bigint; time: bigint }): Uint8Array {
  return MessageBuilder.of('B').u64(p.finalLsn).u64(p.time).u32(p.xid).build();
}

export function commit(p: { commitLsn: bigint; endLsn: bigint; time: bigint }): Uint8Array {
  return MessageBuilder.of('C').u8(0).u64(p.commitLsn).u64(p.endLsn).u64(p.time).build();
}

export function origin(p: { lsn: bigint; name: string }): Uint8Array {
  return MessageBuilder.of('O').u64(p.lsn).cstring(p.name).build();
}

export function relation(
  p: InBlock & {
    oid: number;
    schema?: string;
    name: string;
    identity?: Exclude<ReplicaIdentity, 'unknown'>;
    columns: readonly ColumnSpec[];
  },
): Uint8Array {
  const builder = MessageBuilder.of('R').xid(p.xid).u32(p.oid);
  builder.cstring(p.schema ?? 'public').cstring(p.name);
  builder.u8(LETTER_OF_IDENTITY[p.identity ?? 'default'].charCodeAt(0)).u16(p.columns.length);
  for (const column of p.columns) {
    builder.u8(column.key === true ? 1 : 0).cstring(column.name);
    builder.u32(column.typeOid ?? 25).u32((column.typeModifier ?? -1) >>> 0);
  }
  return builder.build();
}

export function type(p: InBlock & { oid: number; schema: string; name: string }): Uint8Array {
  return MessageBuilder.of('Y').xid(p.xid).u32(p.oid).cstring(p.schema).cstring(p.name).build();
}

export function insert(p: InBlock & { oid: number; row: readonly CellSpec[] }): Uint8Array {
  return tuple(MessageBuilder.of('I').xid(p.xid).u32(p.oid).u8(0x4e), p.row).build();
}

export function update(
  p: InBlock & {
    oid: number;
    key?: readonly CellSpec[];
    old?: readonly CellSpec[];
    row: readonly CellSpec[];
  },
): Uint8Array {
  const builder = MessageBuilder.of('U').xid(p.xid).u32(p.oid);
  if (p.key) tuple(builder.u8(0x4b), p.key);
  if (p.old) tuple(builder.u8(0x4f), p.old);
  return tuple(builder.u8(0x4e), p.row).build();
}

export function remove(
  p: InBlock & { oid: number; key?: readonly CellSpec[]; old?: readonly CellSpec[] },
): Uint8Array {
  const builder = MessageBuilder.of('D').xid(p.xid).u32(p.oid);
  return tuple(builder.u8(p.key ? 0x4b : 0x4f), p.key ?? p.old ?? []).build();
}

export function truncate(
  p: InBlock & { oids: readonly number[]; cascade?: boolean; restartIdentity?: boolean },
): Uint8Array {
  const builder = MessageBuilder.of('T').xid(p.xid).u32(p.oids.length);
  builder.u8((p.cascade === true ? 1 : 0) | (p.restartIdentity === true ? 2 : 0));
  for (const oid of p.oids) builder.u32(oid);
  return builder.build();
}

export function message(
  p: InBlock & { transactional: boolean; lsn: bigint; prefix: string; content: Uint8Array },
): Uint8Array {
  const builder = MessageBuilder.of('M')
    .xid(p.xid)
    .u8(p.transactional ? 1 : 0);
  return builder.u64(p.lsn).cstring(p.prefix).u32(p.content.length).raw(p.content).build();
}

export function streamStart(p: { xid: number; first?: boolean }): Uint8Array {
  return MessageBuilder.of('S')
    .u32(p.xid)
    .u8(p.first === false ? 0 : 1)
    .build();
}

export function streamStop(): Uint8Array {
  return MessageBuilder.of('E').build();
}

export function streamCommit(p: {
  xid: number;
  commitLsn: bigint;
  endLsn: bigint;
  time: bigint;
}): Uint8Array {
  const builder = MessageBuilder.of('c').u32(p.xid).u8(0);
  return builder.u64(p.commitLsn).u64(p.endLsn).u64(p.time).build();
}

export function streamAbort(p: {
  xid: number;
  subxid?: number;
  lsn?: bigint;
  time?: bigint;
}): Uint8Array {
  const builder = MessageBuilder.of('A')
    .u32(p.xid)
    .u32(p.subxid ?? p.xid);
  if (p.lsn !== undefined) builder.u64(p.lsn).u64(p.time ?? 0n);
  return builder.build();
}

interface PreparedSpec {
  readonly xid: number;
  readonly lsn: bigint;
  readonly endLsn: bigint;
  readonly time: bigint;
  readonly gid: string;
}

const positions = (builder: MessageBuilder, p: PreparedSpec): Uint8Array =>
  builder.u64(p.lsn).u64(p.endLsn).u64(p.time).u32(p.xid).cstring(p.gid).build();

export const beginPrepare = (p: PreparedSpec): Uint8Array => positions(MessageBuilder.of('b'), p);
export const prepare = (p: PreparedSpec): Uint8Array => positions(MessageBuilder.of('P').u8(0), p);
export const streamPrepare = (p: PreparedSpec): Uint8Array =>
  positions(MessageBuilder.of('p').u8(0), p);
export const commitPrepared = (p: PreparedSpec): Uint8Array =>
  positions(MessageBuilder.of('K').u8(0), p);

export function rollbackPrepared(p: {
  xid: number;
  prepareEndLsn: bigint;
  rollbackEndLsn: bigint;
  prepareTime: bigint;
  rollbackTime: bigint;
  gid: string;
}): Uint8Array {
  const builder = MessageBuilder.of('r').u8(0).u64(p.prepareEndLsn).u64(p.rollbackEndLsn);
  return builder.u64(p.prepareTime).u64(p.rollbackTime).u32(p.xid).cstring(p.gid).build();
}

/** A message with the position it comes with. */
export interface Sent {
  readonly lsn: Lsn;
  readonly payload: Uint8Array;
}

/** Messages at rising positions, 8 bytes apart. */
export function sentFrom(start: bigint, payloads: readonly Uint8Array[]): Sent[] {
  return payloads.map((payload, i) => ({ lsn: (start + BigInt(i) * 8n) as Lsn, payload }));
}

export const pgTime = (microseconds: bigint): PgTime => microseconds as PgTime;
