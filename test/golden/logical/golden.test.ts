import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { recordings } from '../../fixtures/recordings';
import { LogicalFixtures } from './cases';
import { goldenTable } from './goldenTable';
import { caseNames, proveCase } from './proofs/proof';

// One test a case: the events equal what others read of the same WAL. The table in docs/golden.md is what
// this run has proved, or the last test fails. WALEXPLORER_RECORDINGS names a folder of other recordings.
const RECORDINGS = process.env['WALEXPLORER_RECORDINGS'];
const DOCUMENT = path.join(PROJECT_ROOT, 'docs/golden.md');
const [BEGIN, END] = ['<!-- table: begin -->', '<!-- table: end -->'];

const results = new Map<string, Map<string, number>>();
let cases = 0;

for (const { label, files } of recordings(RECORDINGS)) {
  const fixtures = new LogicalFixtures(files);
  const proved = new Map<string, number>();
  results.set(label, proved);

  describe(`PostgreSQL ${label}`, () => {
    const names = caseNames(fixtures);
    cases += names.length;

    it.each(names)('%s', async name => {
      const compared = await proveCase(fixtures, name);
      expect(compared).toBeGreaterThan(0);
      proved.set(name, compared);
    });
  });
}

it('the table in docs/golden.md is true', async () => {
  const table = goldenTable(results);
  const count = [...results.values()].reduce((sum, proved) => sum + proved.size, 0);
  expect(count).toBe(cases);
  if (RECORDINGS !== undefined) {
    console.log(table);
    return;
  }
  const document = readFileSync(DOCUMENT, 'utf8');
  const [head = '', rest = ''] = document.split(BEGIN);
  const [, tail = ''] = rest.split(END);
  const counted = head.replace(/\d+ cases of/, `${count} cases of`);
  const text = `${counted}${BEGIN}\n\n${table}\n${END}${tail}`;
  const options = await resolveConfig(DOCUMENT);
  const wanted = await format(text, { ...options, filepath: DOCUMENT });
  if (process.env['WALEXPLORER_WRITE_TABLE'] === '1') writeFileSync(DOCUMENT, wanted);
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(wanted);
});
