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

it('lets no cell command the terminal or end its line', () => {
  expect(textTable(['name', 'n'], [['\u001b[2Ja\n\u202Eb', '1']])).toBe(
    'name           n\n␛[2Ja␊‹202E›b  1\n',
  );
});
