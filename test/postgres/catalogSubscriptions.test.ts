import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { readSubscriptions } from '../../src/postgres/catalog/subscriptions';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { targetOf } from './targetOf';

const SECRET = 'very-secret-word';

describe.each(POSTGRES_MAJORS)('subscriptions of %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ major });
    await cluster.adminQuery('CREATE DATABASE "there"');
    await cluster.adminQuery(`CREATE ROLE looker LOGIN PASSWORD '${cluster.password}'`);
    await cluster.adminQuery('CREATE TABLE orders (id int PRIMARY KEY)');
    await cluster.adminQuery('CREATE TABLE orders (id int PRIMARY KEY)', 'there');
    await cluster.adminQuery('CREATE PUBLICATION "all, of it" FOR ALL TABLES');
    // Publisher and subscriber are one server: then the slot has to be there before.
    await cluster.adminQuery("SELECT pg_create_logical_replication_slot('live', 'pgoutput')");
    await cluster.adminQuery(
      `CREATE SUBSCRIPTION "live" CONNECTION
         'host=127.0.0.1 port=${cluster.port} user=postgres password=${cluster.password} dbname=postgres'
       PUBLICATION "all, of it" WITH (create_slot = false)`,
      'there',
    );
    for (const [name, connection] of [
      ['resting', `host=db.example user=ada password=${SECRET}`],
      ['two hosts', `host=a,b port=1,2 password=${SECRET}`],
      ['unreadable', `host=a sslcrldir=b password=${SECRET}`],
    ]) {
      await cluster.adminQuery(
        `CREATE SUBSCRIPTION "${name}" CONNECTION '${connection}' PUBLICATION a, "b, c"
         WITH (connect = false, slot_name = NONE)`,
      );
    }
  });
  afterAll(async () => {
    await cluster.dispose();
  });

  it('tell their state and their publisher, never a password', async () => {
    const session = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
    try {
      let all = await readSubscriptions(session);
      const deadline = Date.now() + 20_000;
      while (all.at(-1)?.receivedLsn === undefined && Date.now() < deadline) {
        await new Promise(resolve => setTimeout(resolve, 50));
        all = await readSubscriptions(session);
      }
      expect(all.map(each => [each.database, each.name, each.state, each.publisher])).toEqual([
        ['postgres', 'resting', 'disabled', 'ada@db.example'],
        ['postgres', 'two hosts', 'disabled', 'a,b:1,2'],
        ['postgres', 'unreadable', 'disabled', undefined],
        ['there', 'live', 'running', `postgres@127.0.0.1:${cluster.port}/postgres`],
      ]);
      const [resting, , unreadable, live] = all;
      expect(resting).toMatchObject({ slot: undefined, publications: ['a', 'b, c'] });
      expect(unreadable!.publisherHidden).toBe('unreadable');
      expect(live).toMatchObject({ slot: 'live', publications: ['all, of it'], owner: 'postgres' });
      expect(live!.workerPid).toBeGreaterThan(0);
      expect(live!.receivedLsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
      expect(live!.lastMessageAt).toMatch(/\+00$/);
      expect(live!.applyErrors).toBe(major >= 15 ? 0 : undefined);
      const catalog = await cluster.adminQuery('SELECT * FROM pg_subscription LIMIT 1');
      expect(Object.keys(live!.columns)).toEqual(
        Object.keys(catalog[0]!).filter(column => column !== 'subconninfo'),
      );
      const shown = JSON.stringify(all);
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain(cluster.password);
    } finally {
      await session.close();
    }
  });

  it('are readable without privileges, but for the connection', async () => {
    const session = await openSqlSession(targetOf(cluster, { user: 'looker' }), {
      applicationName: 'x',
    });
    try {
      const all = await readSubscriptions(session);
      expect(all.map(each => each.name)).toEqual(['resting', 'two hosts', 'unreadable', 'live']);
      expect(all.every(each => each.publisher === undefined)).toBe(true);
      expect(all.every(each => each.publisherHidden === 'privilege')).toBe(true);
    } finally {
      await session.close();
    }
  });
});
