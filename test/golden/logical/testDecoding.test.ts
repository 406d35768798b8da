import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeRows, LogicalFixtures, VERSIONS } from './cases';
import { linesOfEvents, linesOfTestDecoding } from './normalForm';
import { published } from './publications';

// Every case in text form against test_decoding's reading of the same WAL: the same transactions in the
// same order, with the same positions, rows and values.
for (const major of VERSIONS) {
  describe(`PostgreSQL ${major}`, () => {
    const fixtures = new LogicalFixtures(major);
    const everything = linesOfTestDecoding(fixtures.rows('oracle-test_decoding'));
    const local = linesOfTestDecoding(fixtures.rows('oracle-test_decoding-localonly'));
    const cases = fixtures.names('sql-peek').filter(name => !name.includes('binary'));

    it.each(cases)('%s equals test_decoding', async name => {
      const oracle = name === 'v4-origin-none' ? local : everything;
      const events = await decodeRows(fixtures.rows(name), { delivery: 'assembled' });
      // The local oracle was recorded without commit times.
      const lines = linesOfEvents(events).map(({ detail, ...line }) =>
        detail === undefined || (oracle === local && line.what === 'commit')
          ? line
          : { ...line, detail },
      );
      const expected = published(name, oracle);
      expect(lines.length).toBe(expected.length);
      // One by one: a difference of two long lists says nothing.
      const first = lines.findIndex((line, i) => !isDeepStrictEqual(line, expected[i]));
      expect(lines[first], `line ${first}`).toEqual(expected[first]);
    });
  });
}
