import fc from 'fast-check';

/** SQL that both the source and its copy have before any table: extensions and types of their own. */
export const TYPE_SETUP: readonly string[] = [
  'create extension hstore',
  'create extension citext',
  'create extension ltree',
  `create type mood as enum ('sad', 'it''s "fine"', 'a,b', '', 'ünïcode 😀')`,
  `create domain posint as int check (value > 0)`,
  `create domain label as text check (length(value) < 100000)`,
  `create type "odd ""pair" as ("a b" int, "c""d" text, moods mood[])`,
  `create domain moods as mood[]`,
  `create type float8range_ as range (subtype = float8)`,
];

/** Texts that have led decoders astray. */
const TEXTS = [
  '',
  ' ',
  'null',
  'NULL',
  `it's`,
  `''`,
  '"quoted"',
  '\\',
  '\\x00',
  'a\nb\r\nc\td',
  '{"a": 1}',
  'unchanged-toast-datum',
  `old-key: a[integer]:1 new-tuple: b[integer]:2`,
  'ünïcödé 😀 \u202etxet\u202c',
  '\u0001\u007f\u2028',
  '__proto__',
];

const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: 'binary', maxLength: 30 }).map(value => value.replaceAll('\0', '')),
  fc.string({ maxLength: 60 }),
);

const from = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const digits = fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n });

/** Random values of a type, in a text that Postgres reads; it prints them as it likes. */
export const COLUMN_TYPES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  bool: from('t', 'f'),
  int2: fc.integer({ min: -32768, max: 32767 }).map(String),
  int4: fc.integer().map(String),
  int8: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  numeric: fc.oneof(
    from('0', '0.000', '-0.0000001', '1e100', 'NaN', 'Infinity', '-Infinity', '9007199254740993'),
    fc.tuple(digits, fc.nat(40)).map(([all, scale]) => `${String(all)}e-${String(scale)}`),
  ),
  'numeric(20,3)': fc
    .bigInt({ min: -(10n ** 18n), max: 10n ** 18n })
    .map(value => `${String(value)}e-3`),
  float4: fc.oneof(from('NaN', 'Infinity', '-0', '1e-45'), fc.float({ noNaN: true }).map(String)),
  float8: fc.oneof(
    from('NaN', '-Infinity', '-0', '5e-324', '9007199254740993'),
    fc.double({ noNaN: true }).map(String),
  ),
  text,
  label: text,
  citext: text,
  'varchar(40)': text.map(value => Array.from(value).slice(0, 40).join('')),
  'char(12)': text.map(value => Array.from(value).slice(0, 12).join('')),
  name: fc.string({ maxLength: 20 }),
  '"char"': from('', 'a', '"', '\\377'),
  bytea: fc.uint8Array({ maxLength: 40 }).map(bytes => `\\x${Buffer.from(bytes).toString('hex')}`),
  date: from('infinity', '-infinity', '2026-11-21', '4713-01-01 BC', '5874897-12-31', '2024-02-29'),
  time: from('00:00:00', '24:00:00', '23:59:59.999999'),
  timetz: from('00:00:00+15:59', '23:59:59.999999-08', '12:00:00+00:00:01'),
  timestamp: from(
    'infinity',
    '4713-01-01 00:00:00 BC',
    '294276-12-31 23:59:59.999999',
    '2000-01-01',
  ),
  timestamptz: from(
    '-infinity',
    '2026-03-29 02:30:00 Europe/Berlin',
    '0001-12-31 23:59:59.000001 BC',
    '1999-12-31 23:59:59.999999+14',
  ),
  interval: from(
    '0',
    '1 year -2 mons +3 days -04:05:06.789',
    '-00:00:00.000001',
    '178000000 years',
  ),
  uuid: fc.uuid(),
  json: fc.json({ maxDepth: 3 }).map(value => value.replaceAll('\\u0000', '')),
  jsonb: fc.oneof(
    from('{"n": 12345678901234567890.12345678901234567890, "a": [null, {}]}', '"\\ud83d\\ude00"'),
    fc.json({ maxDepth: 3 }).map(value => value.replaceAll('\\u0000', '')),
  ),
  inet: from('0.0.0.0/0', '192.168.1.5/24', '::1', '2001:db8::ff00:42:8329/64', '255.255.255.255'),
  cidr: from('10.0.0.0/8', '::/0'),
  macaddr: from('08:00:2b:01:02:03'),
  macaddr8: from('08:00:2b:01:02:03:04:05'),
  'bit(5)': from('10101', '00000'),
  varbit: from('', '1', '0000000001111111111'),
  money: from('0', '-92233720368547758.08', '12.34'),
  oid: from('0', '4294967295'),
  pg_lsn: from('0/0', 'FFFFFFFF/FFFFFFFF'),
  point: from('(1,2)', '(NaN,-Infinity)', '(1e300,-0)'),
  line: from('{1,-1,0.5}'),
  lseg: from('[(1,2),(3,4)]'),
  box: from('(3,4),(1,2)'),
  path: from('[(0,0),(1,1)]', '((0,0),(1,1),(2,0))'),
  polygon: from('((0,0),(1,1),(2,0))'),
  circle: from('<(1,2),3>'),
  tsvector: from(`'a':1A 'b c':2,3B '''':5`, ''),
  tsquery: from(`'a' & !'b' | 'c':*AB <2> 'd'`),
  int4range: from('empty', '[1,5)', '(,)', '[-2147483648,2147483647)'),
  numrange: from('(0.5,1e10]', '[NaN,]'),
  tstzrange: from('["2026-01-01 00:00:00+00",infinity)', '(,"2000-01-01 00:00:00+00")'),
  int8multirange: from('{}', '{[1,3),[5,8)}', '{(,)}'),
  datemultirange: from('{[2026-01-01,2026-02-01),[2026-03-01,infinity)}'),
  float8range_: from('[0.1,0.3)', '[-Infinity,NaN]'),
  'int4[]': from('{}', '{1,NULL,-3}', '{{1,2},{3,4}}', '[-1:1]={7,8,9}'),
  'text[]': from('{}', '{"",NULL,"NULL","a,b","\\"","\\\\","{}"," x "}', '{{a},{b}}'),
  'numeric[]': from('{NaN,1.10,-0.000,Infinity}'),
  'timestamptz[]': from('{"2026-01-01 00:00:00.5+00",infinity}'),
  'jsonb[]': from('{"{\\"a\\": [1, null]}","\\"x\\""}'),
  mood: from('sad', `it's "fine"`, 'a,b', '', 'ünïcode 😀'),
  'mood[]': from('{}', '{sad,"a,b","",NULL,"it\'s \\"fine\\""}'),
  moods: from('{sad,sad}', '{}'),
  posint: fc.integer({ min: 1 }).map(String),
  '"odd ""pair"': from(
    '(1,"x ""y"", z",{sad})',
    '(,,)',
    '(-5,"",{})',
    '(0,"(,)","{""a,b"",NULL}")',
  ),
  '"odd ""pair"[]': from('{"(1,a,{sad})",NULL,"(,\\"x,y\\",)"}'),
  hstore: from('', '"a"=>"1", "b c"=>NULL, "q"=>"it\'s \\"x\\""'),
  ltree: from('', 'Top.Science.Astronomy'),
};

/** Types of which a unique key can be made, with a text for each number. */
export const KEY_TYPES: Readonly<Record<string, (n: number) => string>> = {
  int4: n => String(n),
  int8: n => String(BigInt(n) * 4_294_967_311n - 2n ** 62n),
  numeric: n => `${String(n)}.50`,
  text: n => `key '${String(n)}" \\ ü`,
  uuid: n => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
  timestamptz: n => new Date(946_684_800_000 + n * 1001).toISOString(),
  citext: n => `KeY ${String(n)}`,
  posint: n => String(n + 1),
};
