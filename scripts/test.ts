import process from 'node:process';
import { TIERS } from './test/tiers';
import type { Tier, TierResult } from './test/tier';

// npm test [-- TIER...]: runs the tiers one after the other, all of them when none is named, and
// ends with one line `N passed, N failed`.

const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => !TIERS.some(tier => tier.name === name));
if (unknown.length > 0) {
  console.error(`No such tier: ${unknown.join(', ')}`);
  console.error(`There are: ${TIERS.map(tier => tier.name).join(', ')}`);
  process.exit(2);
}

interface Line extends TierResult {
  readonly name: string;
  readonly seconds: number;
}

/** Who needs what cannot be fetched tries again, and says why not. */
async function fetchFor(tiers: readonly Tier[]): Promise<void> {
  for (const tier of tiers) await tier.fetch?.().catch(() => undefined);
}

const lines: Line[] = [];
const chosen = TIERS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
for (const [i, tier] of chosen.entries()) {
  if (tier.waits === true) void fetchFor(chosen.slice(i + 1));
  console.log(`\n== ${tier.name}`);
  const started = Date.now();
  let result: TierResult;
  try {
    result = await tier.run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    result = { passed: 0, failed: 1, note: 'could not run' };
  }
  lines.push({ ...result, name: tier.name, seconds: (Date.now() - started) / 1000 });
}

// The log of a whole run is long, and often only its end is kept.
for (const { failures = [] } of lines) {
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
}
console.log('');
for (const { name, passed, failed, seconds, note } of lines) {
  const counts = `${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`;
  const time = `${seconds.toFixed(1)} s`.padStart(9);
  console.log(`${name.padEnd(9)}${counts}${time}${note === '' ? '' : `   (${note})`}`);
}
const passed = lines.reduce((sum, line) => sum + line.passed, 0);
const failed = lines.reduce((sum, line) => sum + line.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
