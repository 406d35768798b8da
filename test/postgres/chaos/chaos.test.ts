import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_MAJORS } from '../../../scripts/postgres/embeddedServers';
import { BuiltCli } from '../session/cliProcess';
import type { CampaignPlan } from './campaign';
import { campaign, drawDisasters } from './campaign';
import { NO_FINDINGS } from './compare';

// PGWX_CHAOS=N is for long runs: so many rounds, ten a campaign, with versions and formats in turn.
// PGWX_SEED=N begins with that seed. CONTRIBUTING.md tells more.
const LONG = Number(process.env['PGWX_CHAOS'] ?? '0');
const SEED = Number(process.env['PGWX_SEED'] ?? (LONG > 0 ? Math.floor(Math.random() * 1e9) : 1));
const ROUNDS = 10;

function plans(): CampaignPlan[] {
  if (LONG === 0) {
    return [
      {
        major: 14,
        seed: SEED,
        stream: 'consume',
        format: 'capture',
        disasters: ['process killed', 'server killed', 'bytes split', 'connection cut'],
      },
      {
        major: 18,
        seed: SEED + 1,
        stream: 'consume',
        format: 'jsonl',
        disasters: ['server restarted', 'process killed', 'connection stalled'],
      },
      {
        major: 17,
        seed: SEED + 2,
        stream: 'tail',
        format: 'jsonl',
        disasters: ['walsender ended', 'server killed', 'connection cut'],
      },
    ];
  }
  return Array.from({ length: Math.ceil(LONG / ROUNDS) }, (_, n) => {
    const seed = SEED + n;
    const stream = n % 3 === 2 ? 'tail' : 'consume';
    return {
      major: POSTGRES_MAJORS[seed % POSTGRES_MAJORS.length] ?? 18,
      seed,
      stream,
      format: n % 2 === 0 ? 'jsonl' : 'capture',
      disasters: drawDisasters(seed, ROUNDS, stream),
    };
  });
}

describe('chaos', () => {
  let cli: BuiltCli;
  beforeAll(async () => {
    cli = await BuiltCli.build();
  });
  afterAll(() => cli.dispose());

  it.each(plans())(
    'PostgreSQL $major, seed $seed: after $disasters.length disasters a $stream has everything once in its $format, but for what its gaps say',
    async plan => {
      const report = await campaign(cli, plan);
      if (LONG > 0) console.log(JSON.stringify({ ...plan, disasters: undefined, ...report }));
      expect(report).toMatchObject(NO_FINDINGS);
      expect(report.transactions).toBeGreaterThan(20);
      if (plan.stream === 'consume') expect(report).toMatchObject({ gaps: [], missed: 0 });
    },
    600_000,
  );
});
