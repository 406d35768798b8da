import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { binaryText } from '../../src/logical/types/binary/binaryText';
import { readCustomTypes } from '../../src/postgres/catalog/customTypes';
import { openSqlSession, type SqlSession } from '../../src/postgres/sqlSession';
import type { CustomType } from '../../src/shared/customType';
import { targetOf } from './targetOf';

// The oracle is the server itself: one value in both forms. record_send wraps any value with its type,
// as a row of one column does.

const LITERALS: Readonly<Record<string, readonly string[]>> = {
  bool: ['t', 'f'],
  bytea: ['\\x', '\\x00ff10', '\\xdeadbeef'],
  '"char"': ['', 'a', '\\377', '"'],
  name: ['', 'a b', 'ü😀'],
  text: ['', 'NULL', 'a"b\\c', '\u{202e}ü😀\n\t'],
  'varchar(10)': ['ä'],
  'char(5)': ['ab'],
  int2: ['-32768', '32767'],
  int4: ['-2147483648', '2147483647', '0'],
  int8: ['-9223372036854775808', '9223372036854775807'],
  oid: ['0', '4294967295'],
  xid: ['4294967295'],
  cid: ['7'],
  xid8: ['18446744073709551615'],
  tid: ['(4294967295,65535)'],
  pg_lsn: ['0/0', 'FFFFFFFF/FFFFFFFF', '1/A'],
  pg_snapshot: ['10:20:', '10:20:10,14,15'],
  txid_snapshot: ['10:20:10,14,15'],
  refcursor: ['c 1'],
  float4:
    '0 -0 1 -1 0.1 1e-4 1e-5 99999 100000 999999 1e6 1234567 16777216 3.4028235e38 1.1754944e-38 1e-45 NaN Infinity -Infinity 9.5367431640625e-07 0.3 33554432 8388609'.split(
      ' ',
    ),
  float8:
    '0 -0 1 0.1 1e-4 1e-5 123456789012345 999999999999999 1e15 1e16 1e21 1e22 1e23 9007199254740993 9007199254740991 4503599627370497.5 5e-324 1.7976931348623157e308 2.2250738585072014e-308 NaN Infinity -Infinity 0.3 5.684341886080802e-14 9.5367431640625e-07 2e23 8.41e21 9223372036854775807'.split(
      ' ',
    ),
  numeric:
    '0 0.00 -0.001 1 10000 100000000 12345678901234567890.12345678901234567890 0.0000000000000001 1e-30 1e30 NaN Infinity -Infinity 9999.9999 -10000.5 123e50 0.00010002'.split(
      ' ',
    ),
  'numeric(10,2)': ['12.5', '-0.01'],
  money: ['0', '-0.01', '1234567.89', '-92233720368547758.08', '999', '1000'],
  date: [
    '2000-01-01',
    '1999-12-31',
    '0001-01-01',
    '0001-12-31 BC',
    '4713-01-01 BC',
    '2024-02-29',
    '1900-03-01',
    '5874897-12-31',
    'infinity',
    '-infinity',
    '0044-03-15 BC',
    '0005-02-29 BC',
  ],
  time: ['00:00:00', '24:00:00', '23:59:59.999999', '01:02:03.1'],
  timetz: [
    '00:00:00+00',
    '12:34:56.789-05:30',
    '12:00:00+15:59:59',
    '12:00:00-00:00:30',
    '1:2:3+01',
  ],
  timestamp: [
    '2000-01-01',
    '1999-12-31 23:59:59.999999',
    '294276-12-31 23:59:59.999999',
    '4713-01-01 00:00:00 BC',
    'infinity',
    '-infinity',
    '2024-02-29 12:00:00.5',
    '0001-12-31 23:59:59.5 BC',
  ],
  timestamptz: [
    '2024-01-01 00:00:00+05:30',
    '0044-03-15 12:00:00+00 BC',
    'infinity',
    '-infinity',
    '1970-01-01',
  ],
  interval: [
    '0',
    '1 year 2 mons 3 days 04:05:06.789',
    '-1 year',
    '-1 year +2 days',
    '1 day -1 hour',
    '-1 mon 2 days -03:04:05.6',
    '178000000 years',
    '1 day',
    '-0.5 seconds',
    '100 hours',
    '-2 days 1 second',
    '1 mon -1 day',
    '-1 day -1 second',
    '2147483647 days',
    '1 year -1 mon',
  ],
  uuid: ['00000000-0000-0000-0000-000000000000', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  json: ['{"a" : 1}', '"x"'],
  jsonb: ['{"a": [1, null, "ü"]}', '"x"', '1e100'],
  jsonpath: ['$.a[*] ? (@ > 1)'],
  xml: ['<a>ü</a>', '<?xml version="1.0"?><a/>'],
  inet: [
    '127.0.0.1',
    '10.0.0.1/8',
    '0.0.0.0/0',
    '::',
    '::1',
    '::ffff:1.2.3.4',
    '::1.2.3.4',
    '1::',
    '2001:db8::8a2e:370:7334/64',
    '1:0:0:2:0:0:0:3',
    '0:0:0:1::',
    '::2',
    '1:2:3:4:5:6:7:8',
    '1:0:2:3:4:5:6:7',
    '::ffff:0:0',
    '::ffff:0:1',
    '64:ff9b::1.2.3.4',
  ],
  cidr: ['10.0.0.0/8', '192.168.1.1', '::/0', '2001:db8::/32', '::1'],
  macaddr: ['08:00:2b:01:02:03'],
  macaddr8: ['08:00:2b:01:02:03:04:05'],
  point: ['(1.5,-2)', '(NaN,Infinity)', '(1e300,1e-300)'],
  line: ['{1,2,3}', '{-1,0,0.1}'],
  lseg: ['[(0,0),(1.5,2)]'],
  box: ['(0,0),(1,1)', '(5,-5),(2,9)'],
  path: ['[(0,0),(1,1)]', '((0,0),(1,1),(2,2.5))'],
  polygon: ['((0,0),(1,1),(2,0))'],
  circle: ['<(1,2),3.5>'],
  'bit(5)': ['10101'],
  'bit(8)': ['11111111'],
  varbit: ['', '1', '101010101'],
  tsvector: ['', "'a' 'b c':1A,2B,3C,4 'it''s':16383 'x\\\\y'"],
  tsquery: [
    '',
    'a',
    '!a & b | c',
    'a & (b | c)',
    'a <-> b <3> c',
    'a <-> (b <-> c)',
    '!(a | b)',
    '!!a',
    "'it''s':*AB & x:D",
    'a <-> (b & c)',
    '(a | b) <-> c',
    'a:*',
    '(a <-> b) & !c <2> d',
    'a & b & c',
    'a & (b & c)',
  ],
  int2vector: ['', '1 2 -3'],
  oidvector: ['1 4294967295'],
  'int4[]': [
    '{}',
    '{1,NULL,-3}',
    '{{1,2},{3,4}}',
    '[0:1]={1,2}',
    '[-2:-1][5:6]={{1,2},{3,4}}',
    '{{{1},{2}},{{3},{4}}}',
  ],
  'text[]': ['{"",NULL,"NULL","null",a,"a b","a,b","a\\"b","a\\\\b","{}","\t",ü}'],
  'box[]': ['{(1,1),(0,0);(2,2),(1,1)}'],
  'numeric(6,2)[]': ['{1.5,NULL}'],
  'jsonb[]': ['{"{\\"a\\": \\"b c\\"}"}'],
  'timestamptz[]': ['{2024-01-01,infinity}'],
  int4range: ['empty', '[1,5)', '(,5)', '[1,)', '(,)'],
  int8range: ['[1,5)'],
  numrange: ['[1.5,2.50]', '(1,2)', '[NaN,]'],
  daterange: ['[2024-01-01,2024-02-01)', '[0044-03-15 BC,)'],
  tsrange: ['[2024-01-01,2024-01-02 03:04:05.6)'],
  tstzrange: ['["2024-01-01 00:00:00+00",)', '[infinity,infinity]'],
  'int4range[]': ['{"[1,3)",empty}'],
  int4multirange: ['{}', '{[1,3),[5,)}'],
  nummultirange: ['{[1.5,2],(3,4)}'],
  tstzmultirange: ['{[2024-01-01,2024-01-02)}'],
  datemultirange: ['{[2024-01-01,2024-01-02)}'],
  'int4multirange[]': ['{"{[1,3)}"}'],
  mood: ['red', 'it\'s "so"'],
  'mood[]': ['{red,NULL}'],
  pair: ['(1,a)', '(,"")', '(5,"a ""b"" (c),\\\\d")', '(,)'],
  nested: ['("(1,\\"x y\\")","{1,2}")'],
  'pair[]': ['{"(1,\\"a b\\")",NULL}'],
  positive: ['5'],
  'positive[]': ['{1,2}'],
  short_text: ['', 'a,b'],
  textrange: ['[a,b)', '["a b","c,d"]', '["","\\\\"]', '(,)'],
  textmultirange: ['{[a,b),[c,)}'],
};

describe.each([14, 18] as const)('values in binary form of %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  let types: ReadonlyMap<number, CustomType>;
  beforeAll(async () => {
    cluster = await startCluster({ major });
    await cluster.adminQuery(`
      CREATE TYPE mood AS ENUM ('red', 'it''s "so"');
      CREATE TYPE pair AS (x int, y text);
      CREATE TYPE nested AS (p pair, a int[]);
      CREATE DOMAIN positive AS int CHECK (VALUE > 0);
      CREATE DOMAIN short_text AS varchar(10);
      CREATE TYPE textrange AS RANGE (subtype = text);`);
    session = await openSqlSession(targetOf(cluster), { applicationName: 'test' });
    await session.query("SET lc_monetary = 'C'; SET search_path = public, pg_catalog");
    const oids = await session.query('SELECT oid FROM pg_type WHERE oid >= 16384');
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
