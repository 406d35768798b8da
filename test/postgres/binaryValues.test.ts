import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { binaryText } from '../../src/logical/types/binary/binaryText';
import { readCustomTypes } from '../../src/postgres/catalog/customTypes';
import { openSqlSession, type SqlSession } from '../../src/postgres/sqlSession';
import type { CustomType } from '../../src/shared/customType';
import { targetOf } from './targetOf';
import { CUSTOM_TYPES, LITERALS } from './valueLiterals';

// The oracle is the server itself: one value in both forms. record_send wraps any value with its type,
// as a row of one column does.

describe.each([14, 18] as const)('values in binary form of %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  let types: ReadonlyMap<number, CustomType>;
  beforeAll(async () => {
    cluster = await startCluster({ major });
    await cluster.adminQuery(CUSTOM_TYPES);
    session = await openSqlSession(targetOf(cluster), { applicationName: 'test' });
    await session.query("SET lc_monetary = 'C'; SET search_path = public, pg_catalog");
    const oids = await session.query('SELECT oid FROM pg_type WHERE oid >= 10000');
    const rows = await readCustomTypes(
      session,
      oids.map(row => Number(row['oid'])),
    );
    types = new Map(rows.map(row => [row.oid, row]));
  }, 60_000);
  afterAll(async () => {
    await session.close();
    await cluster.dispose();
  });

  /** Both forms of each literal: what we make of the bytes, and what the server prints. */
  async function bothForms(
    type: string,
    literals: readonly string[],
  ): Promise<{ ours: (string | undefined)[]; server: (string | null)[] }> {
    const list = literals.map(
      text => `(E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}')`,
    );
    const rows = await session.query(
      `SELECT pg_catalog.encode(pg_catalog.record_send(ROW(v::${type})), 'hex') AS binary_form, pg_catalog.format('%s', v::${type}) AS text_form
         FROM (VALUES ${list.join(',')}) AS literals (v)`,
    );
    return {
      ours: rows.map(row => oursOf(String(row['binary_form']))),
      server: rows.map(row => row['text_form'] ?? null),
    };
  }

  function oursOf(record: string): string | undefined {
    const bytes = Buffer.from(record, 'hex');
    const length = bytes.readInt32BE(8);
    return binaryText(bytes.readUInt32BE(4), bytes.subarray(12, 12 + length), oid =>
      types.get(oid),
    );
  }

  it.each(Object.keys(LITERALS))('%s', async type => {
    const { ours, server } = await bothForms(type, LITERALS[type]!);
    // Before 16 the server prints the byte itself, which is not UTF-8.
    const skip = type === '"char"' && major < 16 ? 2 : -1;
    expect(ours.filter((_, i) => i !== skip)).toEqual(server.filter((_, i) => i !== skip));
  });

  it('random numbers, dates and intervals', async () => {
    const doubles = fc.sample(fc.double({ noNaN: true }), 2000);
    const floats = fc.sample(fc.float({ noNaN: true }), 2000);
    // Halves of intervals at powers of two and of ten, where the shortest digits are decided.
    for (let e = -300; e < 300; e += 1) doubles.push(2 ** e, 10 ** e, 3 * 2 ** e, 1.5 * 10 ** e);
    for (let e = -149; e < 128; e += 1) floats.push(2 ** e);
    for (let e = -44; e < 38; e += 1) floats.push(Math.fround(10 ** e), Math.fround(3.3 * 10 ** e));
    const numerics = fc
      .sample(
        fc.tuple(
          fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
          fc.integer({ min: 0, max: 45 }),
        ),
        1000,
      )
      .map(([n, scale]) => {
        const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
        const at = digits.length - scale;
        return `${n < 0n ? '-' : ''}${digits.slice(0, at)}${scale > 0 ? '.' : ''}${digits.slice(at)}`;
      });
    const days = fc
      .sample(fc.integer({ min: -2_451_545, max: 2_145_031_000 }), 1000)
      .map(day => day);
    await same('float8', doubles.map(String));
    await same('float4', floats.map(String));
    await same('numeric', numerics);
    await same('date', await texts(days.map(day => `'2000-01-01'::date + ${String(day)}`)));
    const stamps = fc.sample(fc.bigInt({ min: -211_000_000_000n, max: 9_000_000_000_000n }), 1000);
    await same(
      'timestamp',
      await texts(
        stamps.map(s => `'2000-01-01'::timestamp + make_interval(secs => ${String(s)}.123456)`),
      ),
    );
    const intervals = fc.sample(
      fc.tuple(
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
      ),
      1000,
    );
    await same(
      'interval',
      intervals.map(([m, d, s]) => `${String(m)} months ${String(d)} days ${String(s)}.25 seconds`),
    );
  });

  async function same(type: string, literals: readonly string[]): Promise<void> {
    const { ours, server } = await bothForms(type, literals);
    const wrong = ours.flatMap((text, i) =>
      text === server[i] ? [] : [{ ours: text, server: server[i] }],
    );
    expect(wrong.slice(0, 10)).toEqual([]);
  }

  async function texts(expressions: readonly string[]): Promise<string[]> {
    const rows = await session.query(
      `SELECT v::text AS v FROM (VALUES ${expressions.map(e => `(${e})`).join(',')}) AS x (v)`,
    );
    return rows.map(row => String(row['v']));
  }

  it('leaves what it does not know, and what is not of its type, as bytes', () => {
    const none = (): undefined => undefined;
    expect(binaryText(4_000_000_000, new Uint8Array(4), none)).toBeUndefined();
    expect(binaryText(2205, new Uint8Array(4), none)).toBeUndefined(); // regclass
    expect(binaryText(23, new Uint8Array(5), none)).toBeUndefined();
    expect(binaryText(23, new Uint8Array(3), none)).toBeUndefined();
    expect(binaryText(25, Uint8Array.of(0xff), none)).toBeUndefined();
    expect(
      binaryText(
        1007,
        Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 127, 255, 255, 255, 0, 0, 0, 1),
        none,
      ),
    ).toBeUndefined();
  });

  it('does not stumble over any bytes', () => {
    const oids = fc.constantFrom(
      16,
      1000,
      1700,
      1082,
      1186,
      869,
      602,
      604,
      1560,
      3614,
      3615,
      1007,
      1009,
      3904,
      4451,
      2249,
      2970,
      1231,
      3802,
      30,
    );
    fc.assert(
      fc.property(oids, fc.uint8Array({ maxLength: 200 }), (oid, bytes) => {
        const text = binaryText(oid, bytes, () => undefined);
        return text === undefined || typeof text === 'string';
      }),
      { numRuns: 3000 },
    );
  });
});
