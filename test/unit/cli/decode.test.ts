import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeRawFile } from '../../../src/cli/decode';
import { begin, commit, insert, relation } from '../logical/messageBuilder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'decode-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const line = (bytes: Uint8Array): string =>
  JSON.stringify({ lsn: '0/10', xid: '5', data: hex(bytes) });
const LINES = [
  line(begin({ xid: 5, finalLsn: 0x20n, time: 0n })),
  line(relation({ oid: 1, name: 't', columns: [{ name: 'a' }] })),
  line(insert({ oid: 1, row: ['x'] })),
  line(commit({ commitLsn: 0x20n, endLsn: 0x30n, time: 0n })),
];

async function decode(text: string, more: Partial<Parameters<typeof decodeRawFile>[0]> = {}) {
  const file = path.join(folder, 'raw.jsonl');
  writeFileSync(file, text);
  const lines: string[] = [];
  const errors: string[] = [];
  const totals = await decodeRawFile({
    path: file,
    delivery: 'assembled',
    write: one => {
      lines.push(one);
    },
    onError: error => errors.push(error.replace(file, 'FILE')),
    ...more,
  });
  return { lines, errors, totals };
}

describe('decodeRawFile', () => {
  it('writes the events of a file, whatever ends its lines', async () => {
    for (const text of [LINES.join('\n'), `${LINES.join('\r\n')}\r\n\r\n`]) {
      const { lines, errors, totals } = await decode(text);
      expect(lines.map(one => (JSON.parse(one) as { kind: string }).kind)).toEqual([
        'begin',
        'relation',
        'insert',
        'commit',
      ]);
      expect(errors).toEqual([]);
      expect(totals).toEqual({ messages: 4, events: 4, errors: 0 });
    }
  });

  it('names each bad line once and goes on', async () => {
    const bad = [
      '{',
      '[]',
      '{"lsn":"x","data":""}',
      '{"lsn":"0/1"}',
      '{"lsn":"0/1","data":"4x"}',
      '7',
    ];
    const { lines, errors, totals } = await decode(
      [
        LINES[0],
        ...bad,
        LINES[1],
        LINES[2]!.replace('"lsn":"0/10"', '"lsn":"0/0000ABC"'),
        LINES[3],
      ].join('\n'),
    );
    expect(lines.length).toBe(4);
    expect(lines[2]).toContain('"lsn":"0/ABC"');
    expect(errors).toEqual([
      'FILE: line 2: not a JSON object',
      'FILE: line 3: "lsn" is not a position such as 0/16B6C50',
      'FILE: line 4: "lsn" is not a position such as 0/16B6C50',
      'FILE: line 5: "data" is missing',
      'FILE: line 6: "data" is not hexadecimal',
      'FILE: line 7: not a JSON object',
    ]);
    expect(totals.errors).toBe(6);
  });

  it('counts a message that cannot be read as an error, and shows its bytes', async () => {
    const half = line(insert({ oid: 1, row: ['x'] }).subarray(0, 9));
    const { lines, errors } = await decode([LINES[0], half, LINES[3]].join('\n'));
    expect(JSON.parse(lines[1]!)).toMatchObject({ kind: 'unknown', lsn: '0/10' });
    expect(errors.length).toBe(1);
    expect(errors[0]).toMatch(/^FILE: line 2: message at 0\/10: /);
  });

  it('waits for a slow writer', async () => {
    let writing = 0;
    let most = 0;
    const { totals } = await decode(Array.from({ length: 50 }, () => LINES.join('\n')).join('\n'), {
      write: async () => {
        most = Math.max(most, ++writing);
        await new Promise(resolve => setImmediate(resolve));
        writing--;
      },
    });
    expect(totals.events).toBe(200);
    expect(most).toBeLessThan(3);
  });

  it.each(['text', 'hexadecimal'])('reads the texts of other plugins as %s', async form => {
    const row = (lsn: string, text: string): string =>
      JSON.stringify({ lsn, xid: '5', data: form === 'text' ? text : hex(Buffer.from(text)) });
    const rows = [
      row('0/10', 'BEGIN 5'),
      row('0/10', "table public.t: INSERT: a[integer]:1 b[text]:'x''y'"),
      row('0/18', 'table public.t: INSERT: a[integer'),
      row('0/20', 'COMMIT 5 (at 2026-11-20 13:00:00.5+05:30)'),
    ];
    const { lines, errors } = await decode(rows.join('\n'), { plugin: 'test_decoding' });
    expect(lines.map(text => (JSON.parse(text) as { kind: string }).kind)).toEqual([
      'begin',
      'insert',
      'unknown',
      'commit',
    ]);
    expect(lines[1]).toContain('"new":{"a":"1","b":"x\'y"}');
    expect(lines[3]).toContain('"commitTime":"2026-11-20T07:30:00.500000Z"');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/message at 0\/18: the end of a type expected/);
  });

  it('refuses a file that is not there', async () => {
    await expect(decode('', { path: path.join(folder, 'none') })).rejects.toThrow('ENOENT');
  });
});
