import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { quoteIdentifier, quoteLiteral } from '../../../src/postgres/quote';
import { openSqlSession } from '../../../src/postgres/sqlSession';
import { parseEvents } from '../session/cliProcess';
import { createSlot, run, SHOP, startShop, untilStreaming } from '../session/shopCluster';
import { targetOf } from '../targetOf';
import { changesOf, expectNothingLeft, failureOf, pgwal, PgwalCall } from './pgwalHere';

/** Each is a schema, a table, a column, a publication and a value. */
const HOSTILE = [
  '"; drop table plain; --',
  '<img src=x onerror=alert(1)>',
  '😀🎉',
  '\u202Elive\u202C',
  'x'.repeat(63),
  'é'.repeat(31),
  '\u001b[31mred\u001b[0m\u0007',
  'a\nb\tc\r',
  '\u0001\u007f\u009b',
  "it's",
  '\\',
  ' ',
  '${x}',
  '%s%n',
  '=1+1',
  '__proto__',
];

/** Databases that a connection string has to quote in one way or another. */
const DATABASES = [`a b'c"d=e;%f`, '\u001b[31mred', '\u202Erl', '<img src=x>', 'x'.repeat(63)];

const COLUMNS = 1600;

// Names and values that mean something to SQL, to a terminal, to a page or to a connection string.
describe('hostile names, values and sizes', () => {
  let cluster: Cluster;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-hostile-'));
    cluster = await startShop(18, { synchronous_commit: 'on', max_replication_slots: '20' });
    url = cluster.url(SHOP, 'looker');
  });
  afterAll(async () => {
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('come through a stream, a capture and an export as they are', async () => {
    await run(
      cluster,
      HOSTILE.map(quoteIdentifier).flatMap(name => [
        `create schema ${name}`,
        `create table ${name}.${name} (${name} text primary key, v text)`,
        `create publication ${name} for table ${name}.${name}`,
      ]),
    );
    const file = path.join(folder, 'hostile.walcap');
    const names = HOSTILE.flatMap(name => ['--publication', name]);
    const limit = ['--limit', String(HOSTILE.length)];
    const out = ['--format', 'capture', '--out', file];
    const tail = new PgwalCall(['tail', '--url', url, ...names, ...out, ...limit]);
    await untilStreaming(cluster);
    await run(
      cluster,
      HOSTILE.map(text => {
        const [name, value] = [quoteIdentifier(text), quoteLiteral(text)];
        return `insert into ${name}.${name} values (${value}, ${value})`;
      }),
    );
    expect(await tail.ended).toMatchObject({ status: 0, stderr: '' });
    expect(await changesOf(file)).toBe(HOSTILE.length);
    const events = path.join(folder, 'hostile.jsonl');
    expect((await pgwal('convert', file, '--out', events)).status).toBe(0);
    const inserts = parseEvents(await readFile(events, 'utf8')).filter(
      ({ kind }) => kind === 'insert',
    );
    expect(
      inserts.map(({ schema, table, new: row }) => [schema, table, ...Object.entries(row ?? {})]),
    ).toEqual(HOSTILE.map(text => [text, text, [text, text], ['v', text]]));
    await expectNothingLeft(cluster);
  });

  it('cannot command a terminal that lists them', async () => {
    const { status, stdout } = await pgwal('publications', '--url', url);
    expect(status).toBe(0);
    // A line each, below the head; the shop has one publication more.
    expect(stdout.split('\n')).toHaveLength(HOSTILE.length + 3);
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|[\u202a-\u202e]/u);
    expect(stdout).toContain('␛[31mred␛[0m␇');
    const json = await pgwal('publications', '--url', url, '--json');
    const listed = JSON.parse(json.stdout) as readonly { readonly name: string }[];
    expect(new Set(listed.map(({ name }) => name))).toEqual(new Set([...HOSTILE, 'everything']));
  });

  it('are databases that can be connected to, and names that a message shows', async () => {
    for (const [index, database] of DATABASES.entries()) {
      const slot = `odd_${String(index)}`;
      await cluster.adminQuery(`create database ${quoteIdentifier(database)}`);
      const session = await openSqlSession(targetOf(cluster, { database }), {
        applicationName: 'test',
      });
      await session.query(
        `create table public.t (a text); create publication p for table public.t`,
      );
      await session.query('select pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
      await session.query('insert into public.t values ($1)', [database]);
      await session.close();
      const at = cluster.url(database, 'looker');
      // The slot's own database is found from any other.
      for (const from of [at, url]) {
        const { status, stdout } = await pgwal('peek', '--url', from, '--slot', slot);
        expect(status).toBe(0);
        expect(parseEvents(stdout).find(({ kind }) => kind === 'insert')?.new).toEqual({
          a: database,
        });
      }
      const failed = pgwal('tail', '--url', at, '--publication', database);
      expect(await failureOf(failed)).not.toMatch(/[^\P{Cc}]|[\u202a-\u202e]/u);
    }
    const nobody = cluster.url('\u001b[2Jno\u202Edb', '\u0007nobody');
    expect(await failureOf(pgwal('tail', '--url', nobody, '--publication', 'p'))).toMatch(
      /^127\.0\.0\.1:\d+ did not accept the password of user "␇nobody"\. /,
    );
    const { stdout } = await pgwal('slots', '--url', url);
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|[\u202a-\u202e]/u);
  });

  it('1,600 columns, also of the longest names', async () => {
    const short = Array.from({ length: COLUMNS }, (_, index) => `c${String(index)}`);
    const long = short.map(name => '😀'.repeat(14) + name.padStart(7, '_'));
    await run(cluster, [
      ...[short, long].map(
        (names, index) =>
          `create table wide${String(index)} (${names.map(name => `${quoteIdentifier(name)} bool`).join(', ')})`,
      ),
      'create publication wide for table wide0, wide1',
    ]);
    await createSlot(cluster, 'wide');
    const values = short.map((_, index) => (index % 2 === 0 ? 'true' : 'null')).join(', ');
    await run(cluster, [
      `insert into wide0 values (${values})`,
      `insert into wide1 values (${values})`,
    ]);
    const peek = await pgwal('peek', '--url', url, '--slot', 'wide', '--publication', 'wide');
    expect(peek).toMatchObject({ status: 0, stderr: '' });
    const rows = parseEvents(peek.stdout).filter(({ kind }) => kind === 'insert');
    expect(rows.map(row => Object.entries(row.new ?? {}))).toEqual(
      [short, long].map(names =>
        names.map((name, index) => [name, index % 2 === 0 ? 't' : null] as const),
      ),
    );
  });
});
