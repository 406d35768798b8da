import { expect, it } from 'vitest';
import { textTable } from '../../../src/cli/textTable';

it('aligns columns, numbers to the right', () => {
  const rows = [
    ['debezium', '36 kB', 'yes'],
    ['x', '', ''],
    ['longer_than_both', '1200 kB', 'no'],
  ];
  expect(textTable(['slot', 'retained', 'active'], rows)).toBe(
    [
      'slot              retained  active',
      'debezium             36 kB  yes',
      'x',
      'longer_than_both   1200 kB  no',
      '',
    ].join('\n'),
  );
});
