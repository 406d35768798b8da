import { describe, expect, it } from 'vitest';
import { loadCorpus } from './corpus';
import { fuzz, TARGETS } from './fuzz';

const CASES_A_WEIGHT = 100;

// Everything that was recorded, damaged, through every decoder: `npm run fuzz -- 1000000` runs more.
describe('damaged input never crashes, hangs, is read past its end or grows without bound', () => {
  const corpus = loadCorpus([14, 18]);

  it.each(TARGETS)('$name', { timeout: 300_000 }, async target => {
    const cases = target.weight * CASES_A_WEIGHT;
    const totals = await fuzz({ corpus, targets: [target], from: 1, cases });
    expect(totals.byTarget.get(target.name)).toBe(cases);
  });
});
