import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { INVALID_LSN } from '../../src/base/lsn';
import { parseConsumerCommand } from '../../src/postgres/catalog/consumerOptions';
import { readCustomTypes } from '../../src/postgres/catalog/customTypes';
import { readDatabases } from '../../src/postgres/catalog/databases';
import { readOrphans } from '../../src/postgres/catalog/orphans';
import {
  missingPublications,
  readPublication,
  readPublications,
} from '../../src/postgres/catalog/publications';
import {
  failsToUpdate,
  readPublishedTablePage,
  readPublishedTables,
} from '../../src/postgres/catalog/publishedTables';
import { readServerFacts } from '../../src/postgres/catalog/serverFacts';
import { readServerSummary } from '../../src/postgres/catalog/serverSummary';
import { readSlot, readSlotPage, readSlots } from '../../src/postgres/catalog/slots';
import { ownName } from '../../src/postgres/ownName';
import { publicationNames } from '../../src/postgres/quote';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { observeOnly } from './observeOnly';
import { openSqlSession, type SqlSession } from '../../src/postgres/sqlSession';
import { openShutdownWatch, type WatchSample } from '../../src/postgres/shutdownWatch';
import { WriteGate } from '../../src/postgres/writeGate';
import { targetOf } from './targetOf';

describe.each(POSTGRES_MAJORS)('catalog of %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  beforeAll(async () => {
    cluster = await startCluster({ major, settings: { max_slot_wal_keep_size: '1GB' } });
    await cluster.adminQuery('CREATE DATABASE other');
    await cluster.adminQuery(`
      CREATE ROLE looker LOGIN REPLICATION PASSWORD '${cluster.password}';
      CREATE SCHEMA "Odd, schema";
      CREATE TABLE "Odd, schema"."t ""1""" ("id 1" int, b text, "id 2" int, secret text,
        PRIMARY KEY ("id 2", "id 1"));
      CREATE TABLE no_key (a int);
      CREATE TABLE full_row (a int); ALTER TABLE full_row REPLICA IDENTITY FULL;
      CREATE TABLE by_index (a int NOT NULL, b int NOT NULL);
      CREATE UNIQUE INDEX by_index_a ON by_index (a) INCLUDE (b);
      ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_a;
      CREATE TABLE deferred (a int PRIMARY KEY DEFERRABLE);
      CREATE TABLE parts (a int PRIMARY KEY, g int GENERATED ALWAYS AS (a * 2) STORED)
        PARTITION BY LIST (a);
      CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
      CREATE TYPE mood AS ENUM ('sad', 'ok');
      CREATE PUBLICATION "odd ""pub"", 1" FOR TABLE "Odd, schema"."t ""1""", no_key, full_row,
        by_index, deferred, parts WITH (publish_via_partition_root = true);
      CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, truncate');
    `);
    await cluster.adminQuery("SELECT pg_create_logical_replication_slot('theirs', 'pgoutput')");
    await cluster.adminQuery("SELECT pg_create_physical_replication_slot('standby_a')");
    if (major >= 15) {
      await cluster.adminQuery(
        `
        CREATE PUBLICATION filtered FOR TABLE "Odd, schema"."t ""1""" ("id 1", "id 2")
          WHERE ("id 1" > 10 AND "id 2" <> 5)`,
      );
      await cluster.adminQuery('CREATE PUBLICATION by_schema FOR TABLES IN SCHEMA public');
    }
    session = await openSqlSession(targetOf(cluster, { user: 'looker' }), {
      applicationName: 'walexplorer_test',
    });
  });
  afterAll(async () => {
    await session.close();
    await cluster.dispose();
  });

  it('reads the server as a user who may only replicate', async () => {
    const facts = await readServerFacts(session);
    expect(facts).toMatchObject({
      role: 'primary',
      walLevel: 'logical',
      effectiveWalLevel: undefined,
      maxSlots: 10,
      freeSlots: 8,
      maxSenders: 10,
      freeSenders: 10,
      maxSlotWalKeepBytes: 1024 ** 3,
      walSenderTimeoutMs: 60_000,
      synchronousStandbyNames: '',
    });
    expect(Math.floor(facts.versionNum / 10_000)).toBe(major);
    expect(facts.systemIdentifier).toMatch(/^\d{15,}$/);
    expect(facts.currentLsn).toBeGreaterThan(0n);
    expect((await readDatabases(session)).map(database => database.name)).toEqual([
      'other',
      'postgres',
    ]);
  });

  it('reads publications, tables, filters, lists and identities', async () => {
    const publications = await readPublications(session);
    const byName = new Map(publications.map(publication => [publication.name, publication]));
    expect(byName.get('everything')).toMatchObject({
      allTables: true,
      insert: true,
      update: false,
      delete: false,
      truncate: true,
      viaRoot: false,
      owner: 'postgres',
    });
    const odd = byName.get('odd "pub", 1')!;
    expect(odd.viaRoot).toBe(true);
    const tables = await readPublishedTables(session, odd.name);
    const facts = tables.map(t => [
      `${t.schema}.${t.name}`,
      t.replicaIdentity,
      t.keyColumns,
      failsToUpdate(t, odd),
    ]);
    expect(facts).toEqual([
      ['Odd, schema.t "1"', 'default', ['id 2', 'id 1'], false],
      ['public.by_index', 'index', ['a'], false],
      ['public.deferred', 'default', [], true],
      ['public.full_row', 'full', [], false],
      ['public.no_key', 'default', [], true],
      ['public.parts', 'default', ['a'], false],
    ]);
    for (const table of tables) {
      expect(table.columnList).toBeUndefined();
      expect(table.rowFilter).toBeUndefined();
    }
    if (major >= 15) {
      const [filtered] = await readPublishedTables(session, 'filtered');
      expect(filtered).toMatchObject({
        columnList: ['id 1', 'id 2'],
        rowFilter: '(("id 1" > 10) AND ("id 2" <> 5))',
      });
      expect(byName.get('by_schema')!.schemas).toEqual(['public']);
    }
    expect(await missingPublications(session, ['everything', 'nothing'])).toEqual(['nothing']);
    expect(await readPublication(session, odd.name)).toEqual(odd);
    expect(await readPublication(session, 'nothing')).toBeUndefined();
  });

  it('reads the first of many tables, in danger first, and those that are looked for', async () => {
    const page = (filter: string, limit: number) =>
      readPublishedTablePage(session, 'odd "pub", 1', { filter, limit });
    const first = await page('', 3);
    expect(first.matching).toBe(6);
    expect(first.tables.map(table => table.name)).toEqual(['deferred', 'no_key', 't "1"']);
    const found = await page('PUBLIC.n', 10);
    expect(found).toMatchObject({ matching: 1, tables: [{ name: 'no_key' }] });
    // No pattern: what is typed is looked for as it is.
    expect(await page('%', 10)).toEqual({ matching: 0, tables: [] });
    const all = await readPublishedTables(session, 'odd "pub", 1');
    const { tables } = await page('', 10);
    expect([...tables].sort((a, b) => a.oid - b.oid)).toEqual(
      [...all].sort((a, b) => a.oid - b.oid),
    );
  });

  it('reads slots with every column of the version', async () => {
    const slots = await readSlots(session);
    expect(slots.map(slot => [slot.name, slot.type, slot.health])).toEqual([
      ['standby_a', 'physical', 'unreserved'],
      ['theirs', 'logical', 'normal'],
    ]);
    const expected = await cluster.adminQuery('SELECT * FROM pg_replication_slots LIMIT 1');
    expect(Object.keys(slots[0]!.columns)).toEqual(Object.keys(expected[0]!));
    const theirs = slots[1]!;
    expect(theirs).toMatchObject({ plugin: 'pgoutput', database: 'postgres', active: false });
    expect(theirs.retainedBytes).toBeGreaterThan(0);
    expect(theirs.pendingBytes).toBeLessThanOrEqual(theirs.retainedBytes!);
    expect(await readSlot(session, 'none')).toBeUndefined();
    expect(await readServerSummary(session)).toEqual({
      slots: 2,
      lostSlots: 0,
      unsafeSlots: 0,
      retainedBytes: expect.any(Number) as number,
      publications: major >= 15 ? 4 : 2,
      subscriptions: 0,
    });
    const page = async (filter: string, limit: number) => {
      const read = await readSlotPage(session, { order: 'name', filter, limit });
      return [read.matching, ...read.slots.map(slot => slot.name)];
    };
    expect(await page('', 10)).toEqual([2, 'standby_a', 'theirs']);
    expect(await page('', 1)).toEqual([2, 'standby_a']);
    expect(await page('PGOUT', 10)).toEqual([1, 'theirs']);
    expect(await page('%', 10)).toEqual([0]);
  });

  it("shows a consumer and, to who may see it, what it asked for; finds orphans; watches a slot's cost", async () => {
    const name = ownName('tail', 'someone');
    const consumer = await openReplicationSession(targetOf(cluster), { applicationName: name });
    const gate = new WriteGate({ name: 'x', readOnly: true });
    const samples: WatchSample[] = [];
    const watch = await openShutdownWatch(targetOf(cluster, { user: 'looker' }), {
      applicationName: name,
      slot: name,
      pollMs: 50,
      onSample: sample => {
        samples.push(sample);
      },
      onGone: () => undefined,
    });
    expect(samples.at(-1)).toMatchObject({ slotExists: false, retainedBytes: undefined });
    await gate.createTemporarySlot(consumer, { name, plugin: 'pgoutput', lockTimeoutMs: 0 });
    const stream = await consumer.startLogical(
      {
        slot: name,
        startLsn: INVALID_LSN,
        options: [
          ['proto_version', '1'],
          ['publication_names', publicationNames(['odd "pub", 1', "it's", 'everything'])],
        ],
        positions: observeOnly(() => INVALID_LSN),
      },
      { onFrame: () => undefined, onEnd: () => undefined },
    );
    const admin = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
    const seen = (await readSlot(admin, name))!;
    expect(seen).toMatchObject({ active: true, temporary: true, isOurs: true });
    expect(seen.consumer).toMatchObject({ applicationName: name, client: '127.0.0.1' });
    const options = parseConsumerCommand(seen.consumer!.query!)!;
    expect(options.publications).toEqual(['odd "pub", 1', "it's", 'everything']);
    expect(options.isComplete).toBe(true);
    expect(options.options[0]).toEqual(['proto_version', '1']);
    const hidden = (await readSlot(session, name))!;
    expect(hidden.consumer).toMatchObject({ applicationName: name, query: undefined });
    expect(await readOrphans(session, new Set([name]))).toEqual([]);
    const [orphan] = await readOrphans(session, new Set());
    expect(orphan).toMatchObject({ slot: name, pid: consumer.backendPid, isWaiting: false });
    await watch.sampleNow();
    expect(samples.at(-1)).toMatchObject({ slotExists: true, maxSlotWalKeepBytes: 1024 ** 3 });
    expect(samples.at(-1)!.retainedBytes).toBeGreaterThanOrEqual(0);
    expect(await gate.endOrphan(admin, name, consumer.backendPid)).toBe(true);
    expect((await stream.stop()).kind).toMatch(/error|lost|abandoned/);
    await watch.close();
    await admin.close();
    await consumer.close();
    for (let i = 0; i < 100 && (await readSlot(session, name)) !== undefined; i++) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(await readSlot(session, name)).toBeUndefined();
  });

  it('reads custom types', async () => {
    const rows = await session.query(
      "SELECT 'public.mood'::regtype::oid AS oid, 'public.mood[]'::regtype::oid AS list",
    );
    const oids = [Number(rows[0]!.oid), Number(rows[0]!.list), 23];
    const types = await readCustomTypes(session, oids);
    expect(types).toHaveLength(2);
    expect(types.find(type => type.oid === oids[0])).toMatchObject({
      name: 'mood',
      typtype: 'e',
      category: 'E',
      elem: 0,
    });
    expect(types.find(type => type.oid === oids[1])!.elem).toBe(oids[0]);
  });

  it('calls at once when the server shuts down, and restores a lost session', async () => {
    const gone: string[] = [];
    const watch = await openShutdownWatch(targetOf(cluster), {
      applicationName: 'w',
      slot: 'theirs',
      onSample: () => undefined,
      onGone: reason => {
        gone.push(reason);
      },
    });
    const before = watch.session!.backendPid;
    watch.session!.dropForSilence();
    const deadline = Date.now() + 5000;
    while ((watch.session?.backendPid ?? before) === before && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(watch.session?.backendPid).not.toBe(before);
    expect(gone).toEqual([]);
    await watch.close();
    const second = await openShutdownWatch(targetOf(cluster), {
      applicationName: 'w',
      slot: 'theirs',
      onSample: () => undefined,
      onGone: reason => {
        gone.push(`then ${reason}`);
      },
    });
    const stopping = cluster.stop('fast');
    for (let i = 0; i < 50 && !gone.includes('then shutdown'); i++) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(gone).toContain('then shutdown');
    await stopping;
    await second.close();
    await cluster.start();
  });
});

describe('slots in danger', () => {
  it('come first, lost before used, idle before busy, and stay in their place', async () => {
    const cluster = await startCluster({
      major: 18,
      settings: { max_slot_wal_keep_size: '64MB', max_wal_size: '4GB', wal_keep_size: '0' },
    });
    const session = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
    const create = (name: string) =>
      cluster.adminQuery(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
    try {
      await create('a_lost');
      const write = () =>
        cluster.adminQuery(`
          SELECT count(pg_logical_emit_message(false, '', repeat('x', 1048576)))
          FROM generate_series(1, 128)`);
      await write();
      await cluster.adminQuery('CHECKPOINT');
      for (const name of ['z_idle', 'b_idle']) await create(name);
      const names = async (order: 'danger' | 'name') =>
        (await readSlotPage(session, { order, filter: '', limit: 10 })).slots.map(
          slot => `${slot.name} ${slot.health}`,
        );
      // One that retains next to nothing does not move when its consumer comes.
      const busy = await cluster.openAdmin();
      await busy.query("SELECT pg_create_logical_replication_slot('a_busy', 'pgoutput', true)");
      expect((await readSlot(session, 'a_busy'))?.active).toBe(true);
      expect(await names('danger')).toEqual([
        'a_lost lost',
        'a_busy normal',
        'b_idle normal',
        'z_idle normal',
      ]);
      await write();
      await create('a_new');
      // The old ones are past max_slot_wal_keep_size, and no checkpoint has taken their WAL yet.
      expect(await names('danger')).toEqual([
        'b_idle unsafe',
        'z_idle unsafe',
        'a_busy unsafe',
        'a_lost lost',
        'a_new normal',
      ]);
      expect((await names('name')).slice(0, 2)).toEqual(['a_busy unsafe', 'a_lost lost']);
      expect(await readServerSummary(session)).toMatchObject({
        slots: 5,
        lostSlots: 1,
        unsafeSlots: 3,
      });
      await busy.end();
    } finally {
      await session.close();
      await cluster.dispose();
    }
  });
});

describe('a large catalog', () => {
  // Making ten thousand tables takes longer than all else here, reading them does not.
  const count = process.env.PGWX_LONG === '1' ? 10_000 : 2_000;

  it('reads thousands of tables in a moment', async () => {
    const cluster = await startCluster({
      major: 18,
      settings: { max_locks_per_transaction: '1024' },
    });
    try {
      await cluster.adminQuery(`
        DO $$ BEGIN FOR i IN 1..${count} LOOP
          EXECUTE format('CREATE TABLE t%s (a int PRIMARY KEY)', i);
        END LOOP; END $$;
        CREATE PUBLICATION p FOR ALL TABLES;`);
      const session = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
      const started = performance.now();
      const tables = await readPublishedTables(session, 'p');
      const took = performance.now() - started;
      expect(tables).toHaveLength(count);
      console.log(`${count} tables in ${took.toFixed(0)} ms`);
      expect(took).toBeLessThan(2000);
      const page = await readPublishedTablePage(session, 'p', { filter: '', limit: 500 });
      expect(page.tables).toHaveLength(500);
      expect(page.matching).toBe(count);
      await session.close();
    } finally {
      await cluster.dispose();
    }
  });
});
