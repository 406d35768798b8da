import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_MAJORS } from '../../../scripts/postgres/embeddedServers';
import { BuiltCli } from '../session/cliProcess';
import type { CampaignPlan } from './campaign';
import { campaign } from './campaign';
import { NO_FINDINGS } from './compare';

// PGWX_CHAOS=N is for long runs: so many rounds, ten a campaign, with versions and formats in turn.
// PGWX_SEED=N begins with that seed. CONTRIBUTING.md tells more.
const LONG = Number(process.env['PGWX_CHAOS'] ?? '0');
const SEED = Number(process.env['PGWX_SEED'] ?? (LONG > 0 ? Math.floor(Math.random() * 1e9) : 1));
const ROUNDS = 10;

function plans(): CampaignPlan[] {
  if (LONG === 0) {
    return [
      { major: 14, seed: SEED, rounds: 3, stream: 'consume', format: 'capture' },
      { major: 18, seed: SEED + 1, rounds: 3, stream: 'consume', format: 'jsonl' },
      { major: 17, seed: SEED + 2, rounds: 3, stream: 'tail', format: 'jsonl' },
    ];
  }
  return Array.from({ length: Math.ceil(LONG / ROUNDS) }, (_, n) => ({
    major: POSTGRES_MAJORS[(SEED + n) % POSTGRES_MAJORS.length] ?? 18,
    seed: SEED + n,
    rounds: ROUNDS,
    stream: n % 3 === 2 ? 'tail' : 'consume',
    format: n % 2 === 0 ? 'jsonl' : 'capture',
  }));
}

describe('chaos', () => {
  let cli: BuiltCli;
  beforeAll(async () => {
    cli = await BuiltCli.build();
  });
  afterAll(() => cli.dispose());

  it.each(plans())(
    'PostgreSQL $major, seed $seed: after $rounds disasters a $stream has everything once in its $format, but for what its gaps say',
    async plan => {
      const report = await campaign(cli, plan);
      if (LONG > 0) console.log(JSON.stringify({ ...plan, ...report }));
      expect(report).toMatchObject(NO_FINDINGS);
      expect(report.transactions).toBeGreaterThan(20);
      if (plan.stream === 'consume') expect(report).toMatchObject({ gaps: [], missed: 0 });
    },
    600_000,
  );
});
