import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { PgoutputPlugin, type Pgoutput } from 'pg-logical-replication';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatLsn } from '../../../src/base/lsn';
import { unixMsOfPgTime } from '../../../src/base/time';
import type { EventRow, LogicalEvent } from '../../../src/logical/event';
import { decodeRows, LogicalFixtures, VERSIONS } from './cases';

/**
 * The npm package pg-logical-replication reads the same messages, protocol 1 in text form, message by
 * message. What differs, and why:
 *
 * - It gives values as its driver's types parse them, so that numbers lose digits and times their
 *   microseconds: its parsers are switched off here, to compare what the server wrote.
 * - A column in binary form or of unchanged TOAST without an old row is `undefined` there; events list it.
 * - It drops a column of a key row that is NULL; no key has one.
 * - It reads xid and OID as signed numbers: they are made unsigned here.
 * - It has LSNs padded with zeros, and of 0/0 it makes null.
 * - It stops at what it does not know, with an error: streamed and prepared transactions, a stray message.
 */
describe.each(VERSIONS)('pg-logical-replication and we, on what PostgreSQL %i sent', major => {
  const fixtures = new LogicalFixtures(major);
  const names = fixtures.names('sql-peek').filter(name => fixtures.isPlainText(name));

  beforeAll(() => {
    vi.spyOn(pg.types, 'getTypeParser').mockReturnValue((text: string) => text);
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });

  it.each(names)('%s', async name => {
    const rows = fixtures.rows(name);
    const ours = (await decodeRows(rows, { delivery: 'raw' })).map(ourForm);
    const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: ['p'] });
    const theirs = rows.map(row => theirForm(plugin.parse(Buffer.from(row.data, 'hex'))));
    const first = ours.findIndex((form, i) => !isDeepStrictEqual(form, theirs[i]));
    expect(ours[first], `message ${first}`).toEqual(theirs[first]);
    expect(ours.length).toBe(theirs.length);
  });

  it('it stops where a transaction is streamed, and we go on', async () => {
    const rows = fixtures.rows('v2-stream');
    const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: ['p'] });
    expect(() => rows.map(row => plugin.parse(Buffer.from(row.data, 'hex')))).toThrow();
    const events = await decodeRows(rows, { delivery: 'raw' });
    expect(events.filter(event => event.kind === 'unknown')).toEqual([]);
  });
});

const ourRow = (row: EventRow | undefined): unknown =>
  row === undefined ? undefined : row.map(({ name, value }) => [name, value]);

function ourForm(event: LogicalEvent): unknown {
  switch (event.kind) {
    case 'begin':
      return ['begin', event.xid, formatLsn(event.commitLsn!), unixMsOfPgTime(event.commitTime!)];
    case 'commit':
      return ['commit', formatLsn(event.endLsn), unixMsOfPgTime(event.commitTime!)];
    case 'insert':
      return ['insert', event.schema, event.table, ourRow(event.new)];
    case 'update':
      return [
        'update',
        ...[event.schema, event.table],
        ...[ourRow(event.key), ourRow(event.old), ourRow(event.new)],
      ];
    case 'delete':
      return ['delete', event.schema, event.table, ourRow(event.key), ourRow(event.old)];
    case 'truncate':
      return [
        'truncate',
        event.relations.map(({ schema, table }) => [schema, table]),
        ...[event.cascade, event.restartIdentity],
      ];
    case 'message': {
      const content = Buffer.from(
        event.content,
        event.contentEncoding === 'utf8' ? 'utf8' : 'base64',
      );
      return ['message', event.transactional, event.prefix, content.toString('hex')];
    }
    case 'relation':
      return ['relation', event.schema, event.table];
    default:
      return [event.kind];
  }
}

const theirRow = (row: Record<string, unknown> | null): unknown =>
  row === null ? undefined : Object.entries(row).filter(([, value]) => value !== undefined);

const theirLsn = (lsn: string | null): string =>
  (lsn ?? '0/0').replaceAll(/0+(?=[0-9A-F])(?<=(?:^|\/)0+)/g, '');

const ms = (microseconds: bigint): number => Number(microseconds) / 1000;

function theirForm(message: Pgoutput.Message): unknown {
  switch (message.tag) {
    case 'begin':
      return [
        'begin',
        message.xid >>> 0,
        theirLsn(message.commitLsn),
        ms(message.commitTime.valueOf()),
      ];
    case 'commit':
      return ['commit', theirLsn(message.commitEndLsn), ms(message.commitTime.valueOf())];
    case 'insert':
      return ['insert', message.relation.schema, message.relation.name, theirRow(message.new)];
    case 'update':
      return [
        'update',
        ...[message.relation.schema, message.relation.name],
        ...[theirRow(message.key), theirRow(message.old), theirRow(message.new)],
      ];
    case 'delete':
      return [
        'delete',
        ...[message.relation.schema, message.relation.name],
        ...[theirRow(message.key), theirRow(message.old)],
      ];
    case 'truncate':
      return [
        'truncate',
        message.relations.map(({ schema, name }) => [schema, name]),
        ...[message.cascade, message.restartIdentity],
      ];
    case 'message': {
      const content = Buffer.from(message.content).toString('hex');
      return ['message', message.transactional, message.prefix, content];
    }
    case 'relation':
      return ['relation', message.schema, message.name];
    default:
      return [message.tag];
  }
}
