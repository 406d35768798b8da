import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { INVALID_LSN } from '../../../src/base/lsn';
import { watchStream } from '../../../src/session/streamWatch';
import { SessionStatus } from '../../../src/session/sessionStatus';
import type { StreamEnd } from '../../../src/session/sessionRequest';
import type { StreamPlan } from '../../../src/session/streamPlan';
import type { SessionSnapshot } from '../../../src/shared/session';
import { targetOf } from '../targetOf';
import { eventually } from './cliProcess';
import { createSlot, SHOP, startShop } from './shopCluster';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startShop(18, { max_slot_wal_keep_size: '1MB' });
});
afterAll(() => cluster.dispose());

it('says that a temporary slot went by max_slot_wal_keep_size, when a look finds it missing first', async () => {
  const slot = 'stands_for_a_temporary_one';
  await createSlot(cluster, slot);
  const target = targetOf(cluster, { database: SHOP });
  const plan: StreamPlan = {
    target,
    facts: {
      source: {
        title: slot,
        server: 'test',
        database: SHOP,
        serverVersion: '18',
        kind: 'tail',
        slot,
        publications: [],
        plugin: 'pgoutput',
      },
      serverVersionNum: 180_000,
      systemIdentifier: '',
      pluginOptions: {},
    },
    slot,
    makeSlot: () => Promise.resolve(undefined),
    startLsn: INVALID_LSN,
    confirm: 'written',
    synchronousStandbyNames: '',
    retainedBudget: Infinity,
    completeMessage: '',
  };
  const ends: StreamEnd[] = [];
  const { signal } = new AbortController();
  const watch = await watchStream(plan, {
    applicationName: 'walexplorer_test',
    status: new SessionStatus({ notes: [] } as unknown as SessionSnapshot, () => undefined),
    signal,
    finish: end => ends.push(end),
    sampled: () => undefined,
  });
  try {
    await eventually(() => watch.sample?.slotExists, 'the slot is seen');
    // In one transaction's time: more WAL than the server keeps, and the slot is gone.
    await cluster.adminQuery(
      `select pg_drop_replication_slot('${slot}');
       select pg_logical_emit_message(false, '', repeat('x', 3000000))`,
      SHOP,
    );
    const end = await eventually(() => ends[0], 'the look that misses it');
    expect(end).toMatchObject({ reason: 'slot-lost', failure: { code: 'slot-lost' } });
    expect(end.message).toMatch(/needed more WAL than max_slot_wal_keep_size \(1 MB\) keeps$/);
  } finally {
    await watch.close();
  }
});
