import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { startCluster } from '../../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../../scripts/postgres/embeddedServers';
import { workloadRound } from './workloadRound';

// PGWX_SEED=N runs that seed alone, PGWX_WORKLOADS=N so many random ones a version, PGWX_STEPS=N longer ones,
// PGWX_MAJOR=N one version only. CONTRIBUTING.md tells more.
const numberOf = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
};
const MANY = numberOf('PGWX_WORKLOADS');
const SEED = numberOf('PGWX_SEED');
const STEPS = numberOf('PGWX_STEPS') ?? 160;
const FIRST = SEED ?? (MANY === undefined ? 1 : Math.floor(Math.random() * 1e9));
const SEEDS = Array.from({ length: SEED === undefined ? (MANY ?? 1) : 1 }, (_, n) => FIRST + n);
const MAJORS = POSTGRES_MAJORS.filter(major => major === (numberOf('PGWX_MAJOR') ?? major));

describe.each(MAJORS)('random workloads, PostgreSQL %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({
      major,
      name: `workload${String(major)}`,
      settings: { logical_decoding_work_mem: '64kB', max_prepared_transactions: '20' },
    });
  });
  afterAll(() => cluster.dispose());

  it.each(SEEDS)(
    'seed %i: decoded in every way and applied to an empty copy, it gives the same tables',
    async seed => {
      const report = await workloadRound(cluster, seed, STEPS);
      expect(report.transactions).toBeGreaterThan(STEPS / 20);
      if (MANY !== undefined) console.log(JSON.stringify({ major, seed, ...report }));
    },
    300_000,
  );
});
