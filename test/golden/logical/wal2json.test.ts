import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatLsn } from '../../../src/base/lsn';
import { formatPgTime } from '../../../src/base/time';
import type { EventColumn, LogicalEvent } from '../../../src/logical/event';
import { decodeRows, LogicalFixtures, VERSIONS } from './cases';
import type { Wal2jsonColumn, Wal2jsonRow } from './wal2json';
import { parseWal2json, wal2jsonValue } from './wal2json';

type Change = Extract<LogicalEvent, { kind: 'insert' | 'update' | 'delete' }>;

for (const major of VERSIONS) {
  describe(`PostgreSQL ${major}`, () => {
    const fixtures = new LogicalFixtures(major);
    const oracle = fixtures.rows('oracle-wal2json-v2').map(row => parseWal2json(row.data));

    it.each(['v1-messages', 'v2-stream'])('%s has the rows of wal2json', async name => {
      const events = await decodeRows(fixtures.rows(name), { delivery: 'assembled' });
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
      if (first < 0) return;
      const [ours, theirs] = bothSides(changes[first]!, rows[first]!);
      expect(ours, `change ${first}`).toEqual(theirs);
    });

    it.each(['v1-messages', 'v2-stream'])('%s has the commits of wal2json', async name => {
      const events = await decodeRows(fixtures.rows(name), { delivery: 'assembled' });
      const full = events.flatMap((event, i) => {
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
      const expected = oracle.flatMap((row, i) =>
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
      expect(full).toEqual(expected);
    });
  });
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
