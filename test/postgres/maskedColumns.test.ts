import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { startCluster } from '../../scripts/postgres/cluster';
import { CaptureFile } from '../../src/capture/captureFile';
import { nodeFiles } from '../../src/capture/fileAccess';
import { MASKED_TEXT } from '../../src/shared/columnMask';
import { everythingTold } from '../unit/capture/everythingTold';
import type { CliResult } from './session/cliProcess';
import { BuiltCli } from './session/cliProcess';

// Whatever is made of a table with masked columns, nothing of their values is in any byte of it.

/** Values that stand nowhere else, by type. */
const SECRETS: Readonly<Record<string, string>> = {
  text: 'zq7-text Grüße',
  'varchar(40)': 'zq7-varchar',
  'char(20)': 'zq7-char',
  name: 'zq7-name',
  bytea: '\\x7a71372d6279746561',
  json: '{"k": "zq7-json"}',
  jsonb: '{"k": "zq7-jsonb"}',
  bigint: '7310283746193000001',
  numeric: '73102837461930.55501',
  uuid: '5ec2e700-0bad-4cab-8bad-5ec2e7c0ffee',
  inet: '203.0.113.173',
  timestamptz: '1969-07-20 20:17:40.123457+00',
  'text[]': '{zq7-array,"zq7 b"}',
  feeling: 'zq7-enum',
  pair: '(731028374,zq7-composite)',
  tsvector: "'zq7-vector'",
  int8range: '[7310283746193000003,7310283746193000009)',
};
const TYPES = Object.keys(SECRETS);
const COLUMNS = TYPES.map((_, i) => `secret_${String(i)}`);
const KEY = 'zq7-key';
const TOAST = 'zq7-toast';
const MASKS = ['*.*.secret_*', 'public.vault.code'];

/** Bytes that give something away: the text of a value, the same in hexadecimal and base64, its binary form. */
const needles = (): readonly (readonly [string, Buffer])[] => {
  const texts = ['zq7', '7310283746193', '5ec2e7', '203.0.113.173', '1969-07-20', 'Grüße'];
  const bigint = Buffer.alloc(8);
  bigint.writeBigInt64BE(7310283746193000001n);
  const uuid = Buffer.from('5ec2e7000bad4cab8bad5ec2e7c0ffee', 'hex');
  const range = Buffer.alloc(8);
  range.writeBigInt64BE(7310283746193000003n);
  return [
    ...texts.map(text => [text, Buffer.from(text)] as const),
    ...[Buffer.from('zq7-'), bigint, uuid, range].flatMap(bytes => [
      [`bytes ${bytes.toString('hex')}`, bytes] as const,
      [`hex ${bytes.toString('hex')}`, Buffer.from(bytes.toString('hex'))] as const,
      [`HEX ${bytes.toString('hex')}`, Buffer.from(bytes.toString('hex').toUpperCase())] as const,
    ]),
    ['base64 zq7', Buffer.from(Buffer.from('zq7').toString('base64'))],
  ];
};

/** What of the secrets stands in these bytes. */
function found(bytes: Buffer): string[] {
  return needles()
    .filter(([, needle]) => bytes.includes(needle))
    .map(([name]) => name);
}

describe.each([14, 18] as const)('masked columns of PostgreSQL %i', major => {
  let cli: BuiltCli;
  let cluster: Cluster;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    const settings = { logical_decoding_work_mem: '64kB', synchronous_commit: 'on' };
    cluster = await startCluster({ major, settings });
    const columns = TYPES.map((type, i) => `${String(COLUMNS[i])} ${type}`).join(', ');
    await cluster.adminQuery(`
      create type feeling as enum ('zq7-enum', 'fine');
      create type pair as (a int, b text);
      create table people (id int primary key, ${columns}, note text);
      alter table people replica identity full;
      create table vault (code text primary key, secret_body text, n int);
      alter table vault alter secret_body set storage external;
      create publication everything for all tables;`);
    await cluster.adminQuery(`select pg_create_logical_replication_slot('plain', 'pgoutput')`);
    await cluster.adminQuery(`select pg_create_logical_replication_slot('text', 'test_decoding')`);
    const values = TYPES.map(type => `'${String(SECRETS[type]).replaceAll("'", "''")}'`).join(', ');
    const insert = (id: string): string => `insert into people select ${id}, ${values}, 'visible'`;
    for (const statement of [
      insert('1'),
      `update people set note = 'changed' where id = 1`,
      `update people set secret_0 = 'zq7-other', secret_3 = null where id = 1`,
      `delete from people where id = 1`,
      `insert into vault values ('${KEY}-1', '${TOAST}' || repeat('x', 20000), 1)`,
      `update vault set n = 2`,
      `update vault set code = '${KEY}-2'`,
      `delete from vault`,
      // Larger than is kept in memory: it comes in blocks.
      `${insert('g')} from generate_series(10, 160) g`,
      // Another shape of the table, in the same slot.
      `alter table people drop column secret_1; alter table people add column secret_late text default 'zq7-late'`,
      `insert into people (id, secret_0, secret_late) values (2, 'zq7-again', 'zq7-later')`,
    ]) {
      await cluster.adminQuery(statement);
    }
  }, 60_000);
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
  });

  const masks = MASKS.flatMap(mask => ['--mask', mask]);
  const file = (name: string): string => path.join(cli.folder, name);
  const peek = (...args: readonly string[]): Promise<CliResult> =>
    cli.run(['peek', '--url', cluster.url('postgres'), ...args]);

  /** All that may be read of a capture file by who opens it. */
  async function toldOf(name: string, mask: readonly string[]): Promise<Buffer> {
    const capture = await CaptureFile.open(nodeFiles, name, undefined, mask);
    try {
      return await everythingTold(capture);
    } finally {
      await capture.close();
    }
  }

  const WAYS: readonly (readonly [string, readonly string[]])[] = [
    ['pgoutput', ['--slot', 'plain', '--publication', 'everything']],
    ['pgoutput in binary form', ['--slot', 'plain', '--publication', 'everything', '--binary']],
    ['test_decoding', ['--slot', 'text']],
  ];

  it.each(major === 18 ? WAYS : WAYS.slice(0, 1))(
    'are in no byte that is made of %s',
    async (way, args) => {
      const base = way.replaceAll(' ', '-');
      const raw = file(`${base}.walcap`);
      const masked = file(`${base}-masked.walcap`);
      const redacted = file(`${base}-redacted.walcap`);
      const convert = async (...rest: readonly string[]): Promise<string> => {
        const result = await cli.run(['convert', ...rest]);
        expect(result).toMatchObject({ status: 0, stderr: '' });
        return result.stdout;
      };

      expect(await peek(...args, '--format', 'capture', '--out', raw)).toMatchObject({ status: 0 });
      // The secrets are there, so that it means something when they are not.
      expect(found(await readFile(raw)).length).toBeGreaterThan(4);
      expect(found(await toldOf(raw, [])).length).toBeGreaterThan(4);

      const streamed = await peek(...args, ...masks, '--format', 'capture', '--out', masked);
      expect(streamed).toMatchObject({ status: 0, stderr: '' });
      expect(found(await readFile(masked))).toEqual([]);
      for (const delivery of ['assembled', 'raw']) {
        const lines = await peek(...args, ...masks, '--transactions', delivery);
        expect(lines).toMatchObject({ status: 0, stderr: '' });
        expect(found(Buffer.from(lines.stdout))).toEqual([]);
        expect(lines.stdout).toContain(MASKED_TEXT);
        expect(lines.stdout).toContain('visible');
        expect(await convert(raw, ...masks, '--transactions', delivery)).toBe(lines.stdout);
        expect(await convert(masked, '--transactions', delivery)).toBe(lines.stdout);
      }

      const told = await toldOf(raw, MASKS);
      expect(found(told)).toEqual([]);
      expect(told.includes('visible')).toBe(true);
      // What was masked when it was written tells itself: no list is needed to open it.
      const own = await toldOf(masked, []);
      expect(found(own)).toEqual([]);
      for (const sign of ['{"kind":"masked"}', 'visible']) {
        expect(own.includes(sign)).toBe(true);
        expect(own.toString().split(sign).length).toBe(told.toString().split(sign).length);
      }

      await convert(
        raw,
        '--format',
        'capture',
        '--out',
        redacted,
        '--redact',
        'values',
        '--redact',
        'source',
      );
      const bytes = await readFile(redacted);
      expect(found(bytes)).toEqual([]);
      for (const name of ['visible', '127.0.0.1', 'everything']) {
        expect(bytes.includes(name), name).toBe(false);
      }
      const nothing = await toldOf(redacted, []);
      expect(found(nothing)).toEqual([]);
      expect(nothing.includes('secret_0')).toBe(true);
    },
  );

  it.each(major === 18 ? WAYS.slice(1) : WAYS.slice(0, 1))(
    'are found by no filter of %s, and NULL is',
    async (way, args) => {
      const base = `filter-${way.replaceAll(' ', '-')}`;
      const raw = file(`${base}.walcap`);
      const masked = file(`${base}-masked.walcap`);
      const capture = ['--format', 'capture', '--out'];
      expect(await peek(...args, ...capture, raw)).toMatchObject({ status: 0 });
      expect(await peek(...args, ...masks, ...capture, masked)).toMatchObject({ status: 0 });
      /** Lines of changes that pass, from the server and from captures. */
      const passing = async (filter: string, ...mask: readonly string[]): Promise<string[]> => {
        const filtered = file(`${base}-${String(filters++)}.walcap`);
        const convert = ['convert', mask.length === 0 ? raw : masked, '--filter', filter];
        await cli.run([...convert, ...capture, filtered]);
        const ways = [
          await peek(...args, ...mask, '--filter', filter),
          await cli.run(['convert', raw, ...mask, '--filter', filter]),
          await cli.run(convert),
          await cli.run(['convert', filtered]),
        ];
        const [changes = [], ...others] = ways.map(({ status, stdout, stderr }) => {
          expect([filter, status, stderr]).toEqual([filter, 0, '']);
          return stdout.split('\n').filter(line => /"kind":"(insert|update|delete)"/.test(line));
        });
        for (const other of others) expect([filter, other]).toEqual([filter, changes]);
        return changes;
      };
      let filters = 0;
      const secret = 'new.secret_0 != "x" || key.code != "x" || new.secret_7 > 0';
      expect((await passing(secret)).length).toBeGreaterThan(150);
      const placeholder = `new.secret_0 == "${MASKED_TEXT}" || has(old.secret_0)`;
      const changed = '"secret_0" in changed';
      expect(await passing(`${secret} || ${placeholder} || ${changed}`, ...masks)).toEqual([]);
      expect(await passing('new.secret_3 == null && new.id == 1', ...masks)).toHaveLength(1);
      const seen = await passing('new.note == "visible" && new.id != 1', ...masks);
      expect(seen).toHaveLength(151);
      expect(found(Buffer.from(seen.join('')))).toEqual([]);
    },
  );
});
