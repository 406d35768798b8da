import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import type { CliEvent } from './session/cliProcess';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { createSlot, ownSlots, run, SHOP, startShop, untilStreaming } from './session/shopCluster';

let cli: BuiltCli;
let folder: string;
beforeAll(async () => {
  cli = await BuiltCli.build();
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-text-'));
});
afterAll(async () => {
  await cli.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Values that a text plugin quotes, cuts or writes in its own way, one a column. */
const HOSTILE = `
  create type mood as enum ('it''s', 'so "so"', 'new-tuple: [x]:');
  create type pair as (a int, "b ]" text);
  create domain price as numeric(10, 2);
  create schema "Odd, ""name"": INSERT:";
  create table "Odd, ""name"": INSERT:"."t: [1]" (
    id bigint primary key, "c [text]:'" text, flag boolean, bits bit varying, one bit(3), raw bytea,
    feeling mood, couple pair, cost price, list text[], grid int[][], span int4range, spans nummultirange,
    moment timestamptz, day date, gap interval, doc jsonb, words tsvector, net inet, place point,
    ratio double precision, small real, amount numeric, who name, letter "char", cash money, xid8 xid8);
  create table "whole" (a int, b text, c text);
  alter table "whole" replica identity full;
  create table bare (a int);
  alter table bare replica identity nothing;
  create table big (id int primary key, small int, body text);
  alter table big alter body set storage external`;

const WIDE = `create table wide (${Array.from({ length: 1600 }, (_, i) => `c${String(i)} int`).join(', ')})`;

const WRITES = [
  `insert into "Odd, ""name"": INSERT:"."t: [1]" values
    (9007199254740993, E'it''s\nnew-tuple: a[b]:''c'' \\\\ é€😀', true, b'0101', b'101', '\\x00ff27',
     'it''s', row(1, 'x, "y"'), 12.50, array['a "b"', null, 'c''d'], array[[1,2],[3,4]], '[1,5)',
     '{[1.5,2],[3,4)}', '2026-11-20 13:00:00.123456+00', '0044-03-15 BC', '1 mon -2 days 03:00:00',
     '{"k": [1, "it''s"]}', to_tsvector('simple', 'a fat cat''s'), '10.0.0.1/8', '(1.5,-2)',
     'NaN', 0.1, 'Infinity'::float8::text::numeric, 'n''ame', 'x', 12.34, '18446744073709551615'),
    (-1, '', false, b'', b'000', '\\x', 'so "so"', row(null, ''), 0, '{}', '{}', 'empty', '{}',
     'infinity', '-infinity', '0', 'null', '', '::1', '(0,0)', '-Infinity', '-0', 1e-20, '', '', -1, '0'),
    (0, null, null, null, null, null, 'new-tuple: [x]:', null, null, null, null, null, null, null,
     null, null, null, null, null, null, null, null, null, null, null, null, null)`.replace(
    "'Infinity'::float8::text::numeric",
    '1e30',
  ),
  `update "Odd, ""name"": INSERT:"."t: [1]" set id = 7 where id = -1`,
  `update "Odd, ""name"": INSERT:"."t: [1]" set "c [text]:'" = null where id = 7`,
  `delete from "Odd, ""name"": INSERT:"."t: [1]" where id = 0`,
  `insert into "whole" values (1, 'x', null)`,
  `update "whole" set c = 'now' where a = 1`,
  `delete from "whole"`,
  'insert into bare values (1)',
  `insert into big values (1, 1, repeat('long ', 20000))`,
  'update big set small = 2',
  `begin; select pg_logical_emit_message(true, 'it''s', 'in it'); insert into bare values (2); commit`,
  `select pg_logical_emit_message(false, 'p', 'alone')`,
  `insert into wide (c0, c1599) values (1, 1600)`,
  'truncate bare, big restart identity cascade',
];

/** What an event says, without what only one of the plugins tells. */
function said(event: CliEvent): unknown {
  const { kind, xid, schema, table, relations, prefix, content, new: row, unchanged } = event;
  // An old row says no more than the key here, or than its columns that are not NULL.
  const old = event.old ?? event.key;
  const values = Object.entries(old ?? {}).filter(([, value]) => value !== null);
  return {
    kind,
    xid,
    ...(schema === undefined ? {} : { schema, table }),
    ...(relations === undefined ? {} : { relations }),
    ...(prefix === undefined ? {} : { prefix, content }),
    ...(row === undefined ? {} : { new: row }),
    ...(values.length === 0 ? {} : { old: Object.fromEntries(values) }),
    ...(unchanged === undefined ? {} : { unchanged }),
  };
}

/** Without descriptions, and without transactions that changed nothing here, which 14 tells too. */
function changesOf(events: readonly CliEvent[]): CliEvent[] {
  const changes = events.filter(({ kind }) => kind !== 'relation' && kind !== 'type');
  return changes.filter(
    ({ kind }, n) =>
      !(kind === 'begin' && changes[n + 1]?.kind === 'commit') &&
      !(kind === 'commit' && changes[n - 1]?.kind === 'begin'),
  );
}

describe.each([14, 18] as const)('texts of test_decoding on PostgreSQL %i', major => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startShop(major);
    await run(cluster, ['drop publication everything', ...HOSTILE.split(';\n'), WIDE]);
  });
  afterAll(() => cluster.dispose());

  const looker = (): string => cluster.url(SHOP, 'looker');

  it('a peek, and a tail without a publication, tell the values that pgoutput tells', async () => {
    await createSlot(cluster, 'texts', 'test_decoding');
    const out = path.join(folder, `tail${String(major)}.jsonl`);
    const tail = cli.start(['tail', '--url', looker(), '--read-only', '--out', out]);
    await untilStreaming(cluster);
    await run(cluster, ['create publication everything for all tables']);
    await createSlot(cluster, 'binary');
    await run(cluster, WRITES);
    const peek = async (slot: string) => {
      const { status, stdout, stderr } = await cli.run(['peek', '--url', looker(), '--slot', slot]);
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      return changesOf(parseEvents(stdout)).map(said);
    };
    const texts = await peek('texts');
    const expected = await peek('binary');
    expect(expected.length).toBeGreaterThan(30);
    expect(texts).toEqual(expected);
    const tailed = await eventually(async () => {
      const whole = (await readFile(out, 'utf8')).split('\n').slice(0, -1);
      const events = changesOf(parseEvents(whole.join('\n'))).map(said);
      return events.length >= expected.length ? events : undefined;
    }, 'all changes in the tail');
    tail.child.kill('SIGINT');
    expect(await tail.ended).toMatchObject({ status: 0 });
    expect(tailed).toEqual(expected);
    expect(tail.stderr).toContain('following all tables through test_decoding');
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('where there are publications one is to be named, or the plugin', async () => {
    expect(await cli.run(['tail', '--url', looker()])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        '--publication is missing: the database has "everything"; --plugin test_decoding follows all tables without one',
      ) as string,
    });
    const tail = cli.start([
      'tail',
      '--url',
      looker(),
      '--plugin',
      'test_decoding',
      '--limit',
      '1',
    ]);
    await untilStreaming(cluster);
    await run(cluster, ['insert into bare values (3)']);
    const { status, stdout } = await tail.ended;
    expect(status).toBe(0);
    const [insert] = parseEvents(stdout).filter(({ kind }) => kind === 'insert');
    expect(insert).toMatchObject({ table: 'bare', new: { a: '3' } });
  });

  it('a capture of them holds the same, and a slot of them can be consumed', async () => {
    const capture = path.join(folder, `peek${String(major)}.walcap`);
    const url = cluster.url(SHOP);
    const peeked = await cli.run([
      ...['peek', '--url', looker(), '--slot', 'texts'],
      ...['--format', 'capture', '--out', capture],
    ]);
    expect(peeked.status).toBe(0);
    const converted = path.join(folder, `peek${String(major)}.jsonl`);
    await cli.run(['convert', capture, '--format', 'jsonl', '--out', converted]);
    const consumed = await cli.run([
      ...['tail', '--url', url, '--slot', 'texts', '--consume', '--idle', '2'],
      ...['--no-reconnect'],
    ]);
    expect(consumed).toMatchObject({ status: 0 });
    const events = parseEvents(consumed.stdout).filter(({ kind }) => kind !== 'continued');
    expect(parseEvents(await readFile(converted, 'utf8')).map(said)).toEqual(events.map(said));
    const again = await cli.run(['peek', '--url', looker(), '--slot', 'texts']);
    expect(again).toMatchObject({ status: 0, stdout: '' });
  });
});
