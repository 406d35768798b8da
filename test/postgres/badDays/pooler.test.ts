import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { startShop, SHOP } from '../session/shopCluster';
import { Bouncer } from './bouncer';
import { expectNothingLeft, failureOf, pgwal } from './pgwalHere';

let cluster: Cluster;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-pooler-'));
  cluster = await startShop(18);
});
afterAll(async () => {
  await cluster.dispose();
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ['as it comes', []],
  ['with our settings ignored', ['ignore_startup_parameters = options']],
  ['with replication ignored too', ['ignore_startup_parameters = options,replication']],
])('a PgBouncer in the way, %s', async (_, extra) => {
  const bouncer = await Bouncer.start(folder, cluster, [...extra, 'pool_mode = transaction']);
  try {
    const at = `127.0.0.1:${String(bouncer.port)}`;
    const url = `postgresql://looker:${cluster.password}@${at}/${SHOP}`;
    expect(await failureOf(pgwal('tail', '--url', url, '--publication', 'everything'))).toBe(
      `${at} does not speak the replication protocol: a connection pooler stands in the way. Connect to the Postgres server itself, past PgBouncer or the like.`,
    );
  } finally {
    await bouncer.stop();
  }
  await expectNothingLeft(cluster);
});
