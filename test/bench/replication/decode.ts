import pg from 'pg';
import { performance } from 'node:perf_hooks';
import { PgoutputPlugin } from 'pg-logical-replication';
import type { Lsn } from '../../../src/base/lsn';
import type { EventRow, LogicalEvent } from '../../../src/logical/event';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { TypeTable } from '../../../src/logical/types/typeTable';
import * as build from '../../unit/logical/messageBuilder';
import { machineLoad, median, round, type Figures } from './figures';

const ROUNDS = 5;
const INT8 = 20;
const TEXT = 25;
const PER_TRANSACTION = 100;
/** The messages stay as near to the processor as what was just read from a socket. */
const PASSES = 100;

interface Workload {
  readonly name: string;
  readonly columns: number;
  readonly inserts: number;
  readonly typeOid: number;
  readonly value: (row: number, column: number) => build.CellSpec;
  /** The other parser has no text of a value in binary form. */
  readonly binary?: true;
}

const WORKLOADS: readonly Workload[] = [
  { name: '5 small columns', columns: 5, inserts: 4_000, typeOid: TEXT, value: smallText },
  { name: '20 small columns', columns: 20, inserts: 1_200, typeOid: TEXT, value: smallText },
  { name: '2 KB value', columns: 2, inserts: 500, typeOid: TEXT, value: longText },
  {
    ...{ name: '5 columns, binary', columns: 5, inserts: 4_000, typeOid: INT8, binary: true },
    value: (row, column) => ({ binary: bigint(row * 31 + column) }),
  },
];

/**
 * Messages in memory to objects with every value read, beside the parser of the npm package
 * pg-logical-replication, whose parsers of types are switched off: both give what the server wrote.
 */
export function decode(): readonly Figures[] {
  Object.assign(pg.types, { getTypeParser: () => (text: string) => text });
  return WORKLOADS.map(workload => {
    const messages = messagesOf(workload);
    const load = machineLoad();
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      ours.push(timed(() => decodeOurs(messages)));
      if (workload.binary !== true) theirs.push(timed(() => decodeTheirs(messages)));
    }
    const rate = (times: readonly number[]): number =>
      Math.round((PASSES * messages.length) / (median(times) / 1000));
    return {
      name: `decoding, ${workload.name}`,
      ...load,
      messages: PASSES * messages.length,
      messagesPerSecond: rate(ours),
      ...(workload.binary === true
        ? {}
        : { otherPerSecond: rate(theirs), timesTheOther: round(median(theirs) / median(ours)) }),
    };
  });
}

/** Milliseconds of all passes. */
function timed(pass: () => number): number {
  const startedAt = performance.now();
  if (pass() === 0) throw new Error('nothing was read');
  return performance.now() - startedAt;
}

function decodeOurs(messages: readonly Uint8Array[]): number {
  let characters = 0;
  const read = (row: EventRow | undefined): void => {
    for (const { value } of row ?? []) characters += value?.length ?? 0;
  };
  const decoder = new EventDecoder({
    delivery: 'raw',
    sink: (event: LogicalEvent) => {
      if (event.kind === 'insert') read(event.new);
      else if (event.kind === 'unknown') throw new Error(event.error ?? 'an unknown message');
    },
    findType: new TypeTable([]).find,
    spill: {
      open: () => {
        throw new Error('nothing is spilled in raw delivery');
      },
    },
  });
  for (let pass = 0; pass < PASSES; pass++) {
    for (const message of messages) void decoder.push(1n as Lsn, message);
  }
  return characters;
}

function decodeTheirs(messages: readonly Uint8Array[]): number {
  let characters = 0;
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: ['p'] });
  for (let pass = 0; pass < PASSES; pass++) {
    for (const message of messages) {
      const parsed = plugin.parse(message as Buffer);
      if (parsed.tag !== 'insert') continue;
      for (const value of Object.values(parsed.new)) characters += (value as string).length;
    }
  }
  return characters;
}

/** One table, inserts in transactions of a hundred: buffers as the driver hands them out. */
function messagesOf({ columns, inserts, typeOid, value }: Workload): readonly Uint8Array[] {
  const names = Array.from({ length: columns }, (_, i) => ({
    ...{ name: `column_${String(i)}`, typeOid, key: i === 0 },
  }));
  const relation = { oid: 1, schema: 'public', name: 'orders', columns: names };
  const messages = [build.relation({ ...relation, identity: 'default' })];
  for (let row = 0; row < inserts; row++) {
    if (row % PER_TRANSACTION === 0) {
      messages.push(build.begin({ finalLsn: 1n, time: 1n, xid: 700 }));
    }
    const cells = names.map((_, column) => value(row, column));
    messages.push(build.insert({ oid: 1, row: cells }));
    if (row % PER_TRANSACTION === PER_TRANSACTION - 1) {
      messages.push(build.commit({ commitLsn: 1n, endLsn: 2n, time: 1n }));
    }
  }
  return messages.map(message => Buffer.from(message));
}

function smallText(row: number, column: number): string {
  return column === 0 ? String(row) : `value ${String((row * 7 + column) % 100_000)}`;
}

function longText(row: number, column: number): string {
  return column === 0 ? String(row) : LONG;
}

const LONG = 'some words of a document that is kept in a table, '.repeat(41).slice(0, 2048);

function bigint(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
