import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { BuiltCli, eventually, type RunningCli } from './session/cliProcess';
import { SHOP, startShop } from './session/shopCluster';

let a: Cluster;
let b: Cluster;
let cli: BuiltCli;
let tail: RunningCli | undefined;
beforeAll(async () => {
  cli = await BuiltCli.build();
  a = await startShop(18);
  await a.adminQuery('CREATE TABLE notes (id int PRIMARY KEY)', SHOP);
  b = await a.addStandby({}, 'standby');
});
afterAll(async () => {
  // Without its server it would try for ever.
  tail?.child.kill('SIGKILL');
  await a.dispose();
  await cli.dispose();
});

it('a tail follows the primary from one host of its list to the other', async () => {
  const hosts = [b, a].map(({ port }) => `127.0.0.1:${String(port)}`).join(',');
  const url = `postgresql://looker:${a.password}@${hosts}/${SHOP}?target_session_attrs=primary`;
  const running = cli.start(['tail', '--url', url, '--publication', 'everything']);
  tail = running;
  const notes = (): readonly string[] =>
    running.events().flatMap(event => (event.kind === 'insert' ? [event.new?.['id'] ?? ''] : []));
  const sessions = (server: Cluster): Promise<number> =>
    server
      .adminQuery(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name LIKE 'walexplorer_tail%'",
      )
      .then(([row]) => Number(row?.['n']));
  const streaming = (server: Cluster): Promise<boolean> =>
    server
      .adminQuery(
        "SELECT 1 FROM pg_stat_replication WHERE application_name LIKE 'walexplorer_tail%' AND state = 'streaming'",
      )
      .then(rows => rows.length === 1);
  await eventually(() => streaming(a), 'the tail streams from the primary', 30_000);
  expect(await sessions(b)).toBe(0);
  await a.adminQuery('INSERT INTO notes VALUES (1)', SHOP);
  await eventually(() => notes().includes('1'), 'the first note comes');
  await eventually(
    async () => (await b.adminQuery('SELECT 1 FROM notes WHERE id = 1', SHOP)).length === 1,
    'the standby has it too',
  );
  await a.stop('immediate');
  await b.adminQuery('SELECT pg_promote()');
  await eventually(() => streaming(b), 'the tail streams from the new primary', 60_000);
  await b.adminQuery('INSERT INTO notes VALUES (2)', SHOP);
  await eventually(() => notes().includes('2'), 'the second note comes');
  expect(notes()).toEqual(['1', '2']);
  expect(running.events().filter(event => event.kind === 'gap')).toHaveLength(1);
  running.child.kill('SIGINT');
  expect((await running.ended).status).toBe(0);
  expect(await sessions(b)).toBe(0);
});
