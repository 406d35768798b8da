import fc from 'fast-check';
import type { CellSpec, ColumnSpec } from './messageBuilder';
import * as build from './messageBuilder';

/** A message as bytes, with what it must decode to. */
export interface Example {
  readonly bytes: Uint8Array;
  readonly inStream: boolean;
  readonly expected: Readonly<Record<string, unknown>>;
}

const u32 = fc
  .oneof(fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff), fc.nat())
  .map(n => n >>> 0);
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const time = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** No zero: names end with one. */
const name = fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replaceAll('\0', ''));
const bytes = fc.uint8Array({ maxLength: 40 });
const xid = fc.option(u32, { nil: undefined });

export const cell: fc.Arbitrary<CellSpec> = fc.oneof(
  name,
  fc.constant(null),
  bytes.map(binary => ({ binary })),
  bytes.map(text => ({ text })),
  fc.constant({ unchanged: true } as const),
);
const row = fc.array(cell, { maxLength: 6 });

/** What readTuple must find for these cells. */
export function expectedTuple(cells: readonly CellSpec[]): unknown {
  return cells.map(value => {
    if (value === null) return 'n';
    if (typeof value === 'string') return ['t', [...Buffer.from(value)]];
    if ('binary' in value) return ['b', [...value.binary]];
    return 'text' in value ? ['t', [...value.text]] : 'u';
  });
}

const inStreamOf = (id: number | undefined): boolean => id !== undefined;
const own = (id: number | undefined) => (id === undefined ? {} : { xid: id });

const column: fc.Arbitrary<Required<ColumnSpec>> = fc.record({
  name,
  typeOid: u32,
  typeModifier: fc.integer(),
  key: fc.boolean(),
});

const prepared = fc.record({ xid: u32, lsn: u64, endLsn: u64, time, gid: name });

export const example: fc.Arbitrary<Example> = fc.oneof(
  fc.record({ xid: u32, finalLsn: u64, time }).map(p => ({
    bytes: build.begin(p),
    inStream: false,
    expected: { kind: 'begin', finalLsn: p.finalLsn, commitTime: p.time, xid: p.xid },
  })),
  fc.record({ commitLsn: u64, endLsn: u64, time }).map(p => ({
    bytes: build.commit(p),
    inStream: false,
    expected: { kind: 'commit', commitLsn: p.commitLsn, endLsn: p.endLsn, commitTime: p.time },
  })),
  fc.record({ lsn: u64, name }).map(p => ({
    bytes: build.origin(p),
    inStream: false,
    expected: { kind: 'origin', originLsn: p.lsn, name: p.name },
  })),
  fc
    .record({
      xid,
      oid: u32,
      schema: name,
      name,
      identity: fc.constantFrom('default', 'nothing', 'full', 'index'),
      columns: fc.array(column, { maxLength: 5 }),
    })
    .map(p => ({
      bytes: build.relation(p),
      inStream: inStreamOf(p.xid),
      expected: {
        kind: 'relation',
        ...own(p.xid),
        relation: {
          oid: p.oid,
          schema: p.schema === '' ? 'pg_catalog' : p.schema,
          name: p.name,
          replicaIdentity: p.identity,
          columns: p.columns,
        },
      },
    })),
  fc.record({ xid, oid: u32, schema: name, name }).map(p => ({
    bytes: build.type(p),
    inStream: inStreamOf(p.xid),
    expected: {
      kind: 'type',
      ...own(p.xid),
      type: { oid: p.oid, schema: p.schema === '' ? 'pg_catalog' : p.schema, name: p.name },
    },
  })),
  fc.record({ xid, oid: u32, row }).map(p => ({
    bytes: build.insert(p),
    inStream: inStreamOf(p.xid),
    expected: { kind: 'insert', ...own(p.xid), relationOid: p.oid, new: expectedTuple(p.row) },
  })),
  fc
    .record({ xid, oid: u32, old: row, row, how: fc.constantFrom('key', 'full', 'none') })
    .map(p => ({
      bytes: build.update({
        ...own(p.xid),
        oid: p.oid,
        row: p.row,
        ...(p.how === 'none' ? {} : p.how === 'key' ? { key: p.old } : { old: p.old }),
      }),
      inStream: inStreamOf(p.xid),
      expected: {
        kind: 'update',
        ...own(p.xid),
        relationOid: p.oid,
        ...(p.how === 'none' ? {} : { oldKind: p.how, old: expectedTuple(p.old) }),
        new: expectedTuple(p.row),
      },
    })),
  fc.record({ xid, oid: u32, old: row, key: fc.boolean() }).map(p => ({
    bytes: build.remove({
      ...own(p.xid),
      oid: p.oid,
      ...(p.key ? { key: p.old } : { old: p.old }),
    }),
    inStream: inStreamOf(p.xid),
    expected: {
      kind: 'delete',
      ...own(p.xid),
      relationOid: p.oid,
      oldKind: p.key ? 'key' : 'full',
      old: expectedTuple(p.old),
    },
  })),
  fc
    .record({
      xid,
      oids: fc.array(u32, { maxLength: 4 }),
      cascade: fc.boolean(),
      restartIdentity: fc.boolean(),
    })
    .map(p => ({
      bytes: build.truncate(p),
      inStream: inStreamOf(p.xid),
      expected: {
        kind: 'truncate',
        ...own(p.xid),
        relationOids: p.oids,
        cascade: p.cascade,
        restartIdentity: p.restartIdentity,
      },
    })),
  fc
    .record({ xid, transactional: fc.boolean(), lsn: u64, prefix: name, content: bytes })
    .map(p => ({
      bytes: build.message(p),
      inStream: inStreamOf(p.xid),
      expected: {
        kind: 'message',
        ...own(p.xid),
        transactional: p.transactional,
        lsn: p.lsn,
        prefix: p.prefix,
        content: [...p.content],
      },
    })),
  fc.record({ xid: u32, first: fc.boolean() }).map(p => ({
    bytes: build.streamStart(p),
    inStream: false,
    expected: { kind: 'streamStart', xid: p.xid, firstSegment: p.first },
  })),
  fc.constant({
    bytes: build.streamStop(),
    inStream: true,
    expected: { kind: 'streamStop' },
  }),
  fc.record({ xid: u32, commitLsn: u64, endLsn: u64, time }).map(p => ({
    bytes: build.streamCommit(p),
    inStream: false,
    expected: {
      kind: 'streamCommit',
      xid: p.xid,
      commitLsn: p.commitLsn,
      endLsn: p.endLsn,
      commitTime: p.time,
    },
  })),
  fc.record({ xid: u32, subxid: u32, at: fc.option(fc.record({ lsn: u64, time })) }).map(p => ({
    bytes: build.streamAbort({ xid: p.xid, subxid: p.subxid, ...(p.at ?? {}) }),
    inStream: false,
    expected: {
      kind: 'streamAbort',
      xid: p.xid,
      subxid: p.subxid,
      ...(p.at ? { abortLsn: p.at.lsn, abortTime: p.at.time } : {}),
    },
  })),
  fc
    .tuple(prepared, fc.constantFrom('beginPrepare', 'prepare', 'streamPrepare'))
    .map(([p, kind]) => ({
      bytes: build[kind](p),
      inStream: false,
      expected: {
        kind,
        prepareLsn: p.lsn,
        endLsn: p.endLsn,
        prepareTime: p.time,
        xid: p.xid,
        gid: p.gid,
      },
    })),
  prepared.map(p => ({
    bytes: build.commitPrepared(p),
    inStream: false,
    expected: {
      kind: 'commitPrepared',
      commitLsn: p.lsn,
      endLsn: p.endLsn,
      commitTime: p.time,
      xid: p.xid,
      gid: p.gid,
    },
  })),
  fc
    .record({
      xid: u32,
      prepareEndLsn: u64,
      rollbackEndLsn: u64,
      prepareTime: time,
      rollbackTime: time,
      gid: name,
    })
    .map(p => ({
      bytes: build.rollbackPrepared(p),
      inStream: false,
      expected: { kind: 'rollbackPrepared', ...p },
    })),
);
