import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../scripts/postgres/cluster';
import { ChangeCancelled } from '../../../src/postgres/changes/changeResult';
import { readChangeFacts } from '../../../src/postgres/changes/changeFacts';
import {
  readPublishableSchemas,
  readPublishableTables,
} from '../../../src/postgres/changes/publishable';
import type {
  CreatePublication,
  PublicationOperation,
} from '../../../src/postgres/changes/publicationChange';
import { PUBLICATION_OPERATIONS } from '../../../src/postgres/changes/publicationChange';
import { readPublicationPreview } from '../../../src/postgres/changes/publicationPreview';
import { quoteIdentifier } from '../../../src/postgres/quote';
import { openSqlSession, type SqlSession } from '../../../src/postgres/sqlSession';
import { WriteGate } from '../../../src/postgres/writeGate';
import { eventually } from '../session/cliProcess';
import { targetOf } from '../targetOf';

const gate = new WriteGate({ name: 'dev', readOnly: false });

/** Names that a careless client would stumble over. */
const HOSTILE = [
  `"; drop table good; --`,
  `it's \\ here`,
  '🐘 slön',
  '\u202eמסד',
  'ü'.repeat(31) + 'x',
  '<img onerror=alert(1)>',
  'line\nfeed\ttab',
  'select',
];

describe.each([14, 15, 18] as const)('creating publications on %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  beforeAll(async () => {
    cluster = await startCluster({
      major,
      settings: { max_locks_per_transaction: '10', synchronous_commit: 'on' },
    });
    session = await openSqlSession(targetOf(cluster), { applicationName: 'walexplorer_test' });
    for (const sql of [
      'CREATE TABLE public.good (id int primary key)',
      'CREATE TABLE public.keyless (a int)',
      'CREATE TABLE public.fully (a int)',
      'ALTER TABLE public.fully REPLICA IDENTITY FULL',
      'CREATE TABLE public.none (id int primary key)',
      'ALTER TABLE public.none REPLICA IDENTITY NOTHING',
      'CREATE UNLOGGED TABLE public.unlogged (a int)',
      'CREATE VIEW public.view AS SELECT 1 AS a',
      'CREATE TABLE public.parted (a int) PARTITION BY RANGE (a)',
      'CREATE SCHEMA parts',
      'CREATE TABLE parts.p1 PARTITION OF public.parted FOR VALUES FROM (0) TO (10)',
      'CREATE TABLE parts.own (a int primary key)',
    ]) {
      await cluster.adminQuery(sql);
    }
  });
  afterAll(async () => {
    await session.close();
    await cluster.dispose();
  });
  const draft = (part: Partial<CreatePublication>): CreatePublication => ({
    kind: 'create-publication',
    name: 'p',
    scope: { kind: 'all' },
    operations: PUBLICATION_OPERATIONS,
    viaPartitionRoot: false,
    ...part,
  });
  const tables = (...names: string[]): Partial<CreatePublication> => ({
    scope: { kind: 'tables', tables: names.map(name => ({ schema: 'public', name })) },
  });
  const failing = async (part: Partial<CreatePublication>) => {
    const preview = await readPublicationPreview(session, draft(part));
    expect(preview.failingCount).toBe(preview.failing.length);
    return preview.failing.map(({ schema, name, reason }) => `${schema}.${name}: ${reason}`);
  };
  const dropAll = async () => {
    const rows = await session.query('SELECT pubname FROM pg_publication');
    for (const { pubname } of rows)
      await cluster.adminQuery(`DROP PUBLICATION ${quoteIdentifier(pubname!)}`);
  };
  /** Whether writing to the table fails, tried on the server. */
  const fails = async (table: string, sql: string) =>
    cluster
      .adminQuery(`INSERT INTO ${table} VALUES (1); ${sql.replace('TABLE', table)}`)
      .then(() => false)
      .catch((error: unknown) => /replica identity/.test(String(error)));

  it('lists the very tables on which UPDATE and DELETE start to fail', async () => {
    const all = [
      'parts.p1: no primary key',
      'public.keyless: no primary key',
      'public.none: REPLICA IDENTITY NOTHING',
    ];
    expect(await failing({})).toEqual(all);
    expect(await failing({ operations: ['insert', 'truncate'] })).toEqual([]);
    expect(await failing(tables('good', 'fully'))).toEqual([]);
    // A partition holds the rows, so it is what fails.
    expect(await failing(tables('parted'))).toEqual(['parts.p1: no primary key']);
    const refusal = { code: 'tables-would-fail', overridable: true };
    await expect(gate.change(session, draft({}))).rejects.toMatchObject(refusal);
    await expect(gate.change(session, draft({}))).rejects.toThrow(
      /fail on 3 tables .*"public"\."none" \(REPLICA IDENTITY NOTHING\)/,
    );
    expect(await fails('public.keyless', 'UPDATE TABLE SET a = 2')).toBe(false);
    await gate.change(session, draft({ acceptFailing: true }));
    for (const [table, column] of [
      ['parts.p1', 'a'],
      ['public.keyless', 'a'],
      ['public.none', 'id'],
    ] as const) {
      expect(await fails(table, `UPDATE TABLE SET ${column} = 2`)).toBe(true);
      expect(await fails(table, 'DELETE FROM TABLE')).toBe(true);
    }
    expect(await fails('public.fully', 'UPDATE TABLE SET a = 2')).toBe(false);
    expect(await fails('public.good', 'UPDATE TABLE SET id = 2')).toBe(false);
    // They fail already: another publication makes nothing worse.
    expect(await failing({ name: 'again' })).toEqual([]);
    await dropAll();
    await cluster.adminQuery(`CREATE PUBLICATION u FOR TABLE keyless WITH (publish = 'update')`);
    expect(await failing({ ...tables('keyless'), operations: ['update'] })).toEqual([]);
    expect(await failing({ ...tables('keyless'), operations: ['delete'] })).toHaveLength(1);
    await dropAll();
  });

  it('publishes what was asked for, and nothing else', async () => {
    const operations: readonly PublicationOperation[] = ['delete', 'insert'];
    const result = await gate.change(
      session,
      draft({
        ...tables('good', 'parted'),
        operations,
        viaPartitionRoot: true,
        acceptFailing: true,
      }),
    );
    expect(result.statements).toEqual([
      `CREATE PUBLICATION "p" FOR TABLE "public"."good", "public"."parted" WITH (publish = 'insert, delete', publish_via_partition_root = true)`,
    ]);
    const [row] = await session.query('SELECT * FROM pg_publication');
    expect(row).toMatchObject({
      pubinsert: 't',
      pubupdate: 'f',
      pubdelete: 't',
      pubtruncate: 'f',
      pubviaroot: 't',
      puballtables: 'f',
    });
    await expect(gate.change(session, draft(tables('good')))).rejects.toMatchObject({
      code: 'name-taken',
    });
    await dropAll();
    const schemas = draft({ scope: { kind: 'schemas', schemas: ['parts'] }, acceptFailing: true });
    if (major < 15) {
      await expect(gate.change(session, schemas)).rejects.toMatchObject({ code: 'version' });
    } else {
      expect(await failing({ scope: schemas.scope })).toEqual(['parts.p1: no primary key']);
      expect((await readPublicationPreview(session, schemas)).coveredCount).toBe(2);
      await gate.change(session, schemas);
      const covered = await session.query('SELECT tablename FROM pg_publication_tables ORDER BY 1');
      expect(covered.map(each => each.tablename)).toEqual(['own', 'p1']);
    }
    await dropAll();
  });

  it('names what the server would not publish', async () => {
    const named = tables('view', 'unlogged', 'no"such', 'good');
    const { refused } = await readPublicationPreview(session, draft(named));
    expect(refused.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      'no"such: does not exist',
      'unlogged: an unlogged table',
      'view: a view',
    ]);
    await expect(gate.change(session, draft(named))).rejects.toMatchObject({
      code: 'tables-refused',
    });
    const system = {
      kind: 'tables',
      tables: [{ schema: 'pg_catalog', name: 'pg_class' }],
    } as const;
    await expect(gate.change(session, draft({ scope: system }))).rejects.toThrow(/a system table/);
  });

  it('takes any name as it is', async () => {
    for (const name of HOSTILE) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
      const quoted = quoteIdentifier(name);
      await cluster.adminQuery(`CREATE SCHEMA ${quoted}`);
      await cluster.adminQuery(`CREATE TABLE ${quoted}.${quoted} (a int)`);
      const scope = { kind: 'tables', tables: [{ schema: name, name }] } as const;
      expect(await failing({ name, scope })).toHaveLength(1);
      await gate.change(session, draft({ name, scope, acceptFailing: true }));
    }
    const made = await session.query(
      'SELECT pubname, schemaname, tablename FROM pg_publication_tables',
    );
    expect(made.map(each => each.pubname).sort()).toEqual([...HOSTILE].sort());
    for (const each of made)
      expect([each.schemaname, each.tablename]).toEqual([each.pubname, each.pubname]);
    if (major >= 15) {
      const scope = { kind: 'schemas', schemas: HOSTILE } as const;
      await gate.change(session, draft({ name: 'schemas', scope, acceptFailing: true }));
    }
    const facts = await readChangeFacts(session);
    expect(facts.publicationNames).toEqual(expect.arrayContaining(HOSTILE));
    expect(facts.hasSchemaPublications).toBe(major >= 15);
    expect([...(await readPublishableSchemas(session))].sort()).toEqual(
      [...HOSTILE, 'parts', 'public'].sort(),
    );
    const publishable = (await readPublishableTables(session)).map(({ name }) => name);
    expect(publishable).toEqual(expect.arrayContaining([...HOSTILE, 'good', 'parted', 'own']));
    for (const not of ['p1', 'view', 'unlogged']) expect(publishable).not.toContain(not);
    await expect(gate.change(session, draft({ name: 'x'.repeat(64) }))).rejects.toMatchObject({
      code: 'bad-name',
    });
    await dropAll();
  });

  it('waits for whom has locked a table, and leaves nothing when it is given up', async () => {
    const locker = await cluster.openAdmin('postgres', 'migration');
    await locker.query('BEGIN; ALTER TABLE public.good ADD COLUMN b int');
    const controller = new AbortController();
    const waits: string[] = [];
    const creating = gate
      .change(session, draft(tables('good')), {
        signal: controller.signal,
        onWait: ({ message }) => waits.push(message),
      })
      .catch((error: unknown) => error);
    await eventually(() => waits.some(each => each.includes('migration')), 'whom it waits for');
    controller.abort();
    expect(await creating).toBeInstanceOf(ChangeCancelled);
    await locker.query('ROLLBACK');
    await locker.end();
    expect(await session.query('SELECT FROM pg_publication')).toEqual([]);
  });

  it('leaves nothing when it is given up while it waits for a synchronous standby', async () => {
    await cluster.adminQuery(`ALTER SYSTEM SET synchronous_standby_names = 'gone'`);
    cluster.reload();
    await eventually(async () => {
      const [row] = await session.query('SHOW synchronous_standby_names');
      return row?.synchronous_standby_names === 'gone';
    }, 'the setting counts');
    const controller = new AbortController();
    const creating = gate
      .change(session, draft(tables('good')), {
        signal: controller.signal,
        onWait: ({ message }) => {
          if (message.includes('synchronous standby')) controller.abort();
        },
      })
      .catch((error: unknown) => error);
    expect(await creating).toBeInstanceOf(ChangeCancelled);
    expect(await session.query('SELECT FROM pg_publication')).toEqual([]);
    await cluster.adminQuery('ALTER SYSTEM RESET synchronous_standby_names');
    cluster.reload();
  });

  it('takes no locks that the sessions of others need, unless told otherwise', async () => {
    await cluster.adminQuery(`DO $$ BEGIN FOR i IN 1..210 LOOP
      EXECUTE pg_catalog.format('CREATE TABLE public.many%s (a int primary key)', i); END LOOP; END $$`);
    const many = draft(tables(...Array.from({ length: 210 }, (_, i) => `many${String(i + 1)}`)));
    await expect(gate.change(session, many)).rejects.toMatchObject({
      code: 'too-many-locks',
      overridable: true,
      message: expect.stringMatching(
        /^To publish 210 tables .* room for about 400 locks/,
      ) as string,
    });
    expect(await session.query('SELECT FROM pg_publication')).toEqual([]);
    await gate.change(session, { ...many, override: true });
    await gate.change(session, { ...draft({}), name: 'everything', acceptFailing: true });
    await dropAll();
  });
});
