import { lookup } from 'node:dns/promises';
import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { explainFailure } from '../../src/postgres/explainFailure';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { targetOf } from './targetOf';

// A name with several addresses is up to the name server, which is not the test's.
vi.mock('node:dns/promises', async importOriginal => ({
  ...(await importOriginal<object>()),
  lookup: vi.fn(),
}));

const applicationName = 'walexplorer_test';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ major: 18, hba: ['host all trusted 127.0.0.2/32 trust'] });
  await cluster.adminQuery('CREATE ROLE trusted LOGIN');
});
afterAll(() => cluster.dispose());

function named(...addresses: readonly string[]): void {
  const found = addresses.map(address => ({ address, family: 4 }));
  vi.mocked(lookup).mockResolvedValue(found as unknown as Awaited<ReturnType<typeof lookup>>);
}

it('tries the addresses of a name in turn and keeps the one that was reached', async () => {
  named('127.0.0.7', '127.0.0.1');
  const target = targetOf(cluster, { host: 'db.example' });
  const session = await openSqlSession(target, { applicationName });
  expect(session.target).toEqual({ ...target, reached: '127.0.0.1' });
  named('127.0.0.7');
  const beside = await openSqlSession(session.target, { applicationName });
  const sleep = beside.query('SELECT pg_sleep(60)').catch((error: unknown) => String(error));
  await vi.waitFor(async () => {
    const rows = await session.query('SELECT 1 FROM pg_stat_activity WHERE wait_event = $1', [
      'PgSleep',
    ]);
    expect(rows).toHaveLength(1);
  });
  await beside.cancel();
  expect(await sleep).toContain('canceling statement due to user request');
  await beside.close();
  await session.close();
});

it('stops at an address whose server refuses', async () => {
  named('127.0.0.1', '127.0.0.7');
  const target = targetOf(cluster, { host: 'db.example', password: 'wrong' });
  const error: unknown = await openSqlSession(target, { applicationName }).catch(
    (thrown: unknown) => thrown,
  );
  expect(explainFailure(error, { target }).code).toBe('password-wrong');
});

it('tells in one sentence that none of them is there', async () => {
  named('127.0.0.7', '127.0.0.8');
  const target = targetOf(cluster, { host: 'db.example' });
  const error: unknown = await openSqlSession(target, { applicationName }).catch(
    (thrown: unknown) => thrown,
  );
  const failure = explainFailure(error, { target });
  expect(failure.code).toBe('connection-refused');
  expect(failure.message).toBe(
    `Nothing listens on db.example:${String(cluster.port)}: the connection was refused.`,
  );
  expect(failure.detail).toContain('127.0.0.8');
});

it.each([
  [undefined, [true, 10_000]],
  [7, [true, 7_000]],
  [0, [true, 7_200_000]],
  ['off', undefined],
] as const)('probes a connection that is silent: %s', async (keepalivesIdle, expected) => {
  const probes = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const part = keepalivesIdle === undefined ? {} : { keepalivesIdle };
  const session = await openSqlSession(targetOf(cluster, part), { applicationName });
  expect(probes.mock.calls).toEqual(expected === undefined ? [] : [expected]);
  probes.mockRestore();
  await session.close();
});
