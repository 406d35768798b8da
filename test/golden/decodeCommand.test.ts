import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeRawFile } from '../../src/cli/decode';
import { LogicalFixtures, VERSIONS } from './logical/cases';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'decode-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Decoded {
  readonly kinds: string[];
  readonly errors: string[];
}

async function decode(
  text: Buffer | string,
  options: Pick<Parameters<typeof decodeRawFile>[0], 'plugin' | 'delivery'>,
): Promise<Decoded> {
  const file = path.join(folder, 'raw.jsonl');
  writeFileSync(file, text);
  const kinds: string[] = [];
  const errors: string[] = [];
  await decodeRawFile({
    ...options,
    path: file,
    write: line => {
      kinds.push((JSON.parse(line) as { kind: string }).kind);
    },
    onError: error => errors.push(error.replace(`${file}: `, '')),
  });
  return { kinds, errors };
}

// The command's own reading of files, over everything that was recorded.
describe.each(VERSIONS)('pgwal decode of what PostgreSQL %i sent', major => {
  const fixtures = new LogicalFixtures(major);
  const names = [...fixtures.names('sql-peek'), ...fixtures.names('oracle')];

  it.each(names)('%s', async name => {
    const file = fixtures.files.get(`${name}.jsonl`)!;
    const rows = fixtures.rows(name).length;
    const plugin = name.startsWith('oracle-wal2json')
      ? 'wal2json'
      : name.startsWith('oracle')
        ? 'test_decoding'
        : 'pgoutput';
    const raw = await decode(file, { plugin, delivery: 'raw' });
    expect(raw.kinds.length).toBe(rows);
    const hidden = raw.errors.filter(error => !error.includes('stream-changes'));
    expect(hidden).toEqual([]);

    const assembled = await decode(file, { plugin, delivery: 'assembled' });
    const count = (wanted: string): number =>
      assembled.kinds.filter(kind => kind === wanted).length;
    expect(count('begin')).toBeGreaterThan(0);
    expect(count('commit')).toBe(count('begin'));
    const parts = assembled.kinds.filter(kind => /^stream|repare/.test(kind));
    // test_decoding hides what it streamed: of one that was prepared then, only the commit is told.
    expect(parts.filter(kind => kind !== 'commitPrepared' || plugin === 'pgoutput')).toEqual([]);

    // One line is damaged: it is named by its number, and the rest is what it was.
    const lines = file.toString('utf8').trimEnd().split('\n');
    const broken = Math.floor(lines.length / 2);
    lines[broken] = `{"lsn": ${lines[broken]!.slice(0, 10)}`;
    const damaged = await decode(lines.join('\n'), { plugin, delivery: 'raw' });
    expect(damaged.errors).toContain(`line ${broken + 1}: not a JSON object`);
    expect(damaged.kinds.length).toBe(rows - 1);
  });
});
