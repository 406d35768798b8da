import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { CaptureFile } from '../../src/capture/captureFile';
import { nodeFiles } from '../../src/capture/fileAccess';
import { RelationCatalog } from '../../src/capture/relationCatalog';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { CUSTOM_TYPES, LITERALS, TEXT_ONLY } from './valueLiterals';

// What a stream in binary form gives must be what the same changes give in text form, byte by byte.

const VALUES = { ...LITERALS, ...TEXT_ONLY };
const TYPES = Object.keys(VALUES);

describe.each([14, 18] as const)('a stream in binary form of %i', major => {
  let cli: BuiltCli;
  let cluster: Cluster;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    // A peek ends at what is flushed: all that was written is, when the first one begins.
    const settings = { logical_decoding_work_mem: '64kB', synchronous_commit: 'on' };
    cluster = await startCluster({ major, settings });
    await cluster.adminQuery(CUSTOM_TYPES);
    const tables = TYPES.map(
      (type, i) => `CREATE TABLE t${String(i)} (id int, v ${type}, note text);
        ALTER TABLE t${String(i)} REPLICA IDENTITY FULL;`,
    );
    await cluster.adminQuery(tables.join('\n'));
    await cluster.adminQuery('CREATE PUBLICATION everything FOR ALL TABLES');
    await cluster.adminQuery("SELECT pg_create_logical_replication_slot('watched', 'pgoutput')");
    await cluster.adminQuery(writes());
  }, 60_000);
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
  });

  /** Inserts every value, updates and deletes some; one transaction is larger than what is kept in memory. */
  function writes(): string {
    const inserts = TYPES.map((type, i) => {
      // Before 16 the server prints a "char" beyond ASCII as that byte, which is no text.
      const literals = VALUES[type]!.filter(text => type !== '"char"' || text !== '\\377');
      const rows = literals.map((text, n) => `(${String(n)}, E'${escaped(text)}', 'n')`);
      return `INSERT INTO t${String(i)} VALUES ${rows.join(',')}, (100, NULL, 'null');
        UPDATE t${String(i)} SET note = NULL WHERE id = 0; DELETE FROM t${String(i)} WHERE id = 100;`;
    });
    const many = TYPES.map(
      (_, i) =>
        `INSERT INTO t${String(i)} SELECT g, v, repeat('x', 100) FROM t${String(i)}, generate_series(1, 5) g WHERE id = 0;`,
    );
    return `${inserts.join('\n')} BEGIN; ${many.join('\n')} COMMIT;`;
  }

  const file = (name: string): string => path.join(cli.folder, `${String(major)}-${name}`);
  const peek = (...more: string[]): ReturnType<BuiltCli['run']> =>
    cli.run(['peek', '--url', cluster.url(), '--slot', 'watched', ...more]);

  it('prints the same lines as in text form, also of streamed transactions', async () => {
    const text = await peek();
    expect(text).toMatchObject({ status: 0 });
    expect(parseEvents(text.stdout).filter(({ kind }) => kind === 'insert').length).toBeGreaterThan(
      400,
    );
    const binary = await peek('--binary');
    expect(binary.status).toBe(0);
    expect(differences(binary.stdout, text.stdout)).toEqual([]);
    const raw = await peek('--transactions', 'raw');
    const rawBinary = await peek('--binary', '--transactions', 'raw');
    expect(differences(rawBinary.stdout, raw.stdout)).toEqual([]);
    expect(raw.stdout).toContain('"kind":"streamStart"');
  });

  it('keeps the types with a capture: what it is converted to equals the text form', async () => {
    const text = await peek();
    const capture = file('peek.walcap');
    expect((await peek('--binary', '--format', 'capture', '--out', capture)).status).toBe(0);
    const converted = await cli.run(['convert', capture]);
    expect(converted.status).toBe(0);
    expect(differences(converted.stdout, text.stdout)).toEqual([]);
    const copy = file('copy.walcap');
    await cli.run(['convert', capture, '--format', 'capture', '--out', copy]);
    expect(differences((await cli.run(['decode', copy])).stdout, text.stdout)).toEqual([]);
    const opened = await CaptureFile.open(nodeFiles, copy);
    expect(opened.holdsBinary).toBe(true);
    const named = opened.meta.types.map(({ name }) => name);
    // Also what others are made of: the composite below its array, what a domain stands on.
    expect(named).toEqual(expect.arrayContaining(['mood', 'nested', 'pair', '_mood', 'hstore']));
    expect(opened.meta.types.find(({ name }) => name === 'mood')).toMatchObject({
      schema: 'public',
      typtype: 'e',
      category: 'E',
      elem: 0,
    });
    await opened.close();
  });

  it('goes through the SQL functions as well', async () => {
    const lines = async (...more: string[]): Promise<string> =>
      (await peek('--method', 'sql', ...more)).stdout;
    expect(differences(await lines('--binary'), await lines())).toEqual([]);
  });

  it('a tail learns a type that is made while it runs', async () => {
    const until = ['--url', cluster.url(), '--publication', 'everything', '--limit', '2'];
    const capture = file('tail.walcap');
    const tails = [
      cli.start(['tail', ...until, '--binary']),
      cli.start(['tail', ...until]),
      cli.start(['tail', ...until, '--binary', '--format', 'capture', '--out', capture]),
    ];
    await eventually(async () => {
      const [row] = await cluster.adminQuery(
        `SELECT count(*)::text AS n FROM pg_stat_replication WHERE state = 'streaming'`,
      );
      return row?.['n'] === '3';
    }, 'all three are streaming');
    await cluster.adminQuery(`CREATE TYPE late AS ENUM ('now'); CREATE TABLE later (v late[]);
      INSERT INTO later VALUES ('{now}'); INSERT INTO later VALUES (NULL);`);
    const [binary, text, kept] = await Promise.all(tails.map(tail => tail.ended));
    expect([binary!.status, text!.status, kept!.status]).toEqual([0, 0, 0]);
    expect(parseEvents(text!.stdout).find(({ kind }) => kind === 'insert')?.new).toEqual({
      v: '{now}',
    });
    expect(differences(changes(binary!.stdout), changes(text!.stdout))).toEqual([]);
    const converted = await cli.run(['convert', capture]);
    expect(parseEvents(converted.stdout).find(({ kind }) => kind === 'insert')?.new).toEqual({
      v: '{now}',
    });
  });

  it('names the types of a capture in text form too', async () => {
    const capture = file('text.walcap');
    expect((await peek('--format', 'capture', '--out', capture)).status).toBe(0);
    const opened = await CaptureFile.open(nodeFiles, capture);
    const { relations, holdsBinary } = opened;
    const catalog = new RelationCatalog(opened);
    const names = relations.all.flatMap(({ version }) => {
      const relation = catalog.relation(version);
      const column = relation?.columns.find(({ name }) => name === 'v');
      return column === undefined ? [] : [catalog.typeName(column.typeOid, column.typeModifier)];
    });
    await opened.close();
    expect(holdsBinary).toBe(false);
    expect(names).toEqual(
      expect.arrayContaining(['mood', 'mood[]', 'positive', 'pair[]', 'nested', 'hstore[]']),
    );
  });

  it('is refused for a plugin that writes text', async () => {
    await cluster.adminQuery("SELECT pg_create_logical_replication_slot('texts', 'test_decoding')");
    const { status, stderr } = await cli.run([
      ...['peek', '--url', cluster.url(), '--slot', 'texts', '--binary'],
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/decoded by test_decoding, which sends values as text only/);
  });

  it('leaves what only the catalog can print as bytes, and says so', async () => {
    await cluster.adminQuery('CREATE TABLE names (id int PRIMARY KEY, v regclass)');
    await cluster.adminQuery("SELECT pg_create_logical_replication_slot('names', 'pgoutput')");
    await cluster.adminQuery("INSERT INTO names VALUES (1, 'pg_class')");
    const { stdout } = await cli.run([
      ...['peek', '--url', cluster.url(), '--slot', 'names', '--binary'],
    ]);
    expect(stdout).toContain('"new":{"id":"1","v":"AAAE6w=="},"encoding":{"v":"base64"}');
  });
});

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "''");
}

/** Without descriptions of tables and types: a server may send one again at any time, to one of two streams. */
function changes(lines: string): string {
  const described = /^\{"kind":"(?:relation|type)"/;
  return lines
    .split('\n')
    .filter(line => !described.test(line))
    .join('\n');
}

/** Lines that are not the same, the first few. */
function differences(ours: string, expected: string): string[] {
  const [mine, theirs] = [ours.split('\n'), expected.split('\n')];
  const wrong = theirs.flatMap((line, i) =>
    line === mine[i] ? [] : [`${line}\n${mine[i] ?? ''}`],
  );
  return [...wrong.slice(0, 5), ...(mine.length === theirs.length ? [] : [`${mine.length} lines`])];
}
