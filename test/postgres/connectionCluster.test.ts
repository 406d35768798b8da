import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { readServerFacts } from '../../src/postgres/catalog/serverFacts';
import { readSlots } from '../../src/postgres/catalog/slots';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { targetOf } from './targetOf';

describe('test servers', () => {
  const clusters: Cluster[] = [];
  afterAll(async () => {
    for (const cluster of clusters) await cluster.dispose();
    for (const cluster of clusters) expect(existsSync(cluster.folder)).toBe(false);
  });

  it.each(POSTGRES_MAJORS)('starts, is killed, starts again, has a standby: %i', async major => {
    const cluster = await startCluster({ major });
    clusters.push(cluster);
    await cluster.adminQuery('CREATE TABLE t AS SELECT 1 AS a');
    await cluster.restart();
    const rows = await cluster.adminQuery('SHOW server_version_num');
    expect(Math.floor(Number(rows[0]?.server_version_num) / 10000)).toBe(major);
    expect(await cluster.adminQuery('SELECT a FROM t')).toEqual([{ a: '1' }]);
    if (major !== 14 && major !== 18) return;
    await cluster.kill9();
    await cluster.start();
    const standby = await cluster.addStandby({}, 'standby');
    expect(await standby.adminQuery('SELECT pg_is_in_recovery() AS r')).toEqual([{ r: 't' }]);
    const session = await openSqlSession(targetOf(standby), { applicationName: 'x' });
    const facts = await readServerFacts(session);
    expect(facts.role).toBe('standby');
    expect(facts.currentLsn).toBeGreaterThan(0n);
    expect(await readSlots(session)).toEqual([]);
    await session.close();
    const primary = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
    const own = await readServerFacts(primary);
    expect(own.systemIdentifier).toBe(facts.systemIdentifier);
    expect(own.freeSenders).toBe(own.maxSenders - 1);
    const [slot] = await readSlots(primary);
    expect(slot).toMatchObject({ name: 'standby', type: 'physical', active: true });
    expect(slot?.consumer?.applicationName).toBe('standby');
    await primary.close();
  });
});
