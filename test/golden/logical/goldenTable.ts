/** How much of each case was compared, by version. */
export type GoldenResults = ReadonlyMap<string, ReadonlyMap<string, number>>;

const AGAINST: readonly (readonly [RegExp, string])[] = [
  [/^err-/, "the server's own words"],
  [/^physical/, "pg_waldump, the records' checksums"],
  [/^oracle-wal2json/, 'test_decoding'],
  [/^oracle-.*stream/, 'a second parser'],
  [/^oracle-/, 'a second parser, pgoutput'],
  [/\.wire$/, 'the SQL function'],
  [/binary/, 'the same in text form'],
  [/^(v1-messages|v2-|v4-parallel|v4-origin-any)/, 'test_decoding, wal2json'],
  [/./, 'test_decoding'],
];

/** The table of docs/golden.md: a row a case, a column a version. */
export function goldenTable(results: GoldenResults): string {
  const versions = [...results.keys()];
  const cases = [...new Set([...results.values()].flatMap(proved => [...proved.keys()]))].sort();
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = cases.map(name => [
    `\`${name}\``,
    AGAINST.find(([pattern]) => pattern.test(name))?.[1] ?? '',
    ...versions.map(version => cell(results.get(version)?.get(name))),
  ]);
  const head = ['case', 'compared with', ...versions];
  const table = [head, head.map((_, i) => (i < 2 ? '---' : '--:')), ...rows];
  return `${table.map(line).join('\n')}\n`;
}

const cell = (compared: number | undefined): string =>
  compared === undefined ? '' : `✓ ${compared.toLocaleString('en-US')}`;
