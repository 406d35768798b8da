import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { formatLsn } from '../../../src/base/lsn';
import { formatPgTime } from '../../../src/base/time';
import type { EventColumn, LogicalEvent } from '../../../src/logical/event';

/**
 * Reads wal2json's format version 2, an oracle beside test_decoding: it has types, NULLs in old rows and
 * commit times, and lacks the text of numbers that are not finite.
 */
export interface Wal2jsonColumn {
  readonly name: string;
  readonly type: string;
  readonly value: string | boolean | null;
}

export interface Wal2jsonRow {
  readonly action: 'B' | 'C' | 'I' | 'U' | 'D' | 'T' | 'M';
  readonly xid: number | null;
  readonly timestamp: string | null;
  readonly lsn: string;
  readonly nextlsn?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly columns?: readonly Wal2jsonColumn[];
  readonly identity?: readonly Wal2jsonColumn[];
}

/** Numbers become strings of their own digits: a double would round them. */
export function parseWal2json(text: string): Wal2jsonRow {
  return JSON.parse(text.replace(/,"value":(-?\d[^,}]*)/g, ',"value":"$1"')) as Wal2jsonRow;
}

/** What wal2json prints for a value that Postgres writes as `text` in this type. */
export function wal2jsonValue(type: string, text: string | null): string | boolean | null {
  if (text === null) return null;
  if (type === 'boolean') return text === 't';
  if (type === 'bytea') return text.slice(2);
  const number = /^(smallint|integer|bigint|oid|real|double precision|numeric)/.test(type);
  return number && !type.endsWith(']') && /^(NaN|-?Infinity)$/.test(text) ? null : text;
}

type Change = Extract<LogicalEvent, { kind: 'insert' | 'update' | 'delete' }>;

/** Events in `assembled` delivery have the rows and the commits of wal2json's reading. */
export function expectRowsOfWal2json(
  events: readonly LogicalEvent[],
  texts: readonly { readonly data: string }[],
): void {
  const oracle = texts.map(row => parseWal2json(row.data));
  const changes = events.filter(
    (event): event is Change =>
      event.kind === 'insert' || event.kind === 'update' || event.kind === 'delete',
  );
  const rows = oracle.filter(row => 'IUD'.includes(row.action));
  expect(changes.length).toBe(rows.length);
  const first = changes.findIndex((change, i) => {
    const [ours, theirs] = bothSides(change, rows[i]!);
    return !isDeepStrictEqual(ours, theirs);
  });
  if (first >= 0) {
    const [ours, theirs] = bothSides(changes[first]!, rows[first]!);
    expect(ours, `change ${first}`).toEqual(theirs);
  }
  expect(commitsOf(events)).toEqual(commitsOfWal2json(oracle));
}

function commitsOf(events: readonly LogicalEvent[]): unknown[] {
  return events.flatMap((event, i) => {
    if (event.kind !== 'begin' || events[i + 1]?.kind === 'commit') return [];
    const end = events.slice(i).find(later => later.kind === 'commit');
    return [
      {
        xid: event.xid,
        commitLsn: formatLsn(event.commitLsn!),
        endLsn: end?.kind === 'commit' ? formatLsn(end.endLsn) : '',
        time: formatPgTime(event.commitTime!),
      },
    ];
  });
}

function commitsOfWal2json(oracle: readonly Wal2jsonRow[]): unknown[] {
  return oracle.flatMap((row, i) =>
    row.action !== 'B' || oracle[i + 1]?.action === 'C'
      ? []
      : [
          {
            xid: row.xid,
            commitLsn: row.lsn,
            endLsn: row.nextlsn,
            time: isoTime(row.timestamp!),
          },
        ],
  );
}

/** A change as we have it and as wal2json has it, in one form. */
function bothSides(change: Change, row: Wal2jsonRow): [unknown, unknown] {
  const columns = row.columns?.filter(column => !isGenerated(row, column));
  const identity = row.identity;
  const old = change.kind === 'insert' ? undefined : (change.key ?? change.old);
  let news: readonly EventColumn[] = change.kind === 'delete' ? [] : change.new;
  // wal2json leaves unchanged TOAST out of the new row; we take it from the old one where that was sent.
  const copied = (column: EventColumn): boolean =>
    columns?.every(({ name }) => name !== column.name) === true &&
    identity?.find(({ name }) => name === column.name)?.value === column.value;
  news = news.filter(column => !copied(column));
  return [
    {
      where: [change.kind.charAt(0).toUpperCase(), change.schema, change.table, change.xid],
      lsn: formatLsn(change.lsn),
      old: old?.map((column, i) => [
        column.name,
        wal2jsonValue(identity?.[i]?.type ?? '', column.value),
      ]),
      new: news.map((column, i) => [
        column.name,
        wal2jsonValue(columns?.[i]?.type ?? '', column.value),
      ]),
    },
    {
      where: [row.action, row.schema, row.table, row.xid],
      lsn: row.lsn,
      // Without an old row wal2json gives the key of the new one.
      old: old === undefined ? undefined : identity?.map(({ name, value }) => [name, value]),
      new: (columns ?? []).map(({ name, value }) => [name, value]),
    },
  ];
}

/** Generated columns are not published by default. */
const isGenerated = (row: Wal2jsonRow, column: Wal2jsonColumn): boolean =>
  row.table === 'gen' && (column.name === 'twice' || column.name === 'virt');

/** `2026-11-20 13:54:20.2539+00`, whose fraction has no trailing zeros, as the event format has it. */
function isoTime(text: string): string {
  const [, date, time, fraction = ''] = /^(\S+) ([\d:]+)(?:\.(\d+))?\+00$/.exec(text)!;
  return `${date}T${time}.${fraction.padEnd(6, '0')}Z`;
}
