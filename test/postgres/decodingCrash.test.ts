import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { BuiltCli, parseEvents } from './session/cliProcess';
import { createSlot, ownSlots, run, SHOP, startShop } from './session/shopCluster';

let cli: BuiltCli;
let cluster: Cluster;
beforeAll(async () => {
  cli = await BuiltCli.build();
  // 18.4, which crashes in test_decoding where a large transaction with subtransactions was rolled back.
  cluster = await startShop(18, { logical_decoding_work_mem: '64kB', max_wal_size: '2GB' });
  await run(cluster, ['create table filler (id int, body text)']);
  await run(cluster, ['alter table filler alter body set storage external']);
});
afterAll(async () => {
  await cli.dispose();
  await cluster.dispose();
});

/** What a server of 18.0 to 18.6 does not survive in test_decoding with little memory. */
const ROLLED_BACK = [
  'begin',
  'savepoint a',
  `insert into filler select g, repeat('y', 300) from generate_series(1, 20) g`,
  'release a',
  `insert into filler select g, repeat('x', 300) from generate_series(1, 3000) g`,
  'rollback',
];

describe('a server that can crash in test_decoding', () => {
  it('does not, whatever way we look or consume', async () => {
    await createSlot(cluster, 'texts', 'test_decoding');
    await run(cluster, [...ROLLED_BACK, `insert into filler values (1, 'stays')`]);
    const at = ['--url', cluster.url(SHOP), '--slot', 'texts'];
    const end = ['--idle', '2', '--no-reconnect'];
    for (const command of [
      ['peek', ...at],
      ['peek', ...at, '--method', 'sql'],
      ['tail', ...at, '--consume', ...end],
    ]) {
      const { status, stdout, stderr } = await cli.run(command);
      expect({ command, status, stderr }).toMatchObject({ command, status: 0 });
      const rows = parseEvents(stdout).filter(({ kind }) => kind === 'insert');
      expect(rows.map(row => row.new)).toEqual([{ id: '1', body: 'stays' }]);
    }
    expect(cluster.log()).not.toContain('was terminated by signal');
    await cluster.adminQuery(`select pg_drop_replication_slot('texts')`);
  });

  it('is not asked to decode so much WAL that it might, unless that is wanted', async () => {
    await createSlot(cluster, 'much', 'test_decoding');
    // 16 MB each, most of them empty.
    for (let n = 0; n < 34; n++) {
      await run(cluster, [`insert into filler values (2, 'w')`, 'select pg_switch_wal()']);
    }
    const at = ['--url', cluster.url(SHOP), '--slot', 'much'];
    for (const command of [
      ['peek', ...at],
      ['peek', ...at, '--method', 'sql'],
      ['tail', ...at, '--consume'],
    ]) {
      const { status, stdout, stderr } = await cli.run(command);
      expect({ command, status, stdout }).toEqual({ command, status: 1, stdout: '' });
      expect(stderr).toMatch(/can crash when test_decoding meets .* WAL is too much/);
      expect(stderr).toContain('--force of pgwal goes on all the same');
    }
    expect(await ownSlots(cluster)).toEqual([]);
    const { status, stdout } = await cli.run(['peek', ...at, '--force']);
    expect(status).toBe(0);
    expect(parseEvents(stdout).filter(({ kind }) => kind === 'insert')).toHaveLength(34);
  });
});
