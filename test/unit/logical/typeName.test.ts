import { describe, expect, it } from 'vitest';
import { typeName } from '../../../src/logical/types/typeName';

describe('typeName', () => {
  // Taken from format_type(oid, typmod) of a server.
  it.each([
    [23, -1, 'integer'],
    [20, -1, 'bigint'],
    [16, -1, 'boolean'],
    [25, -1, 'text'],
    [18, -1, '"char"'],
    [701, -1, 'double precision'],
    [1043, -1, 'character varying'],
    [1043, 24, 'character varying(20)'],
    [1042, -1, 'bpchar'],
    [1042, 9, 'character(5)'],
    [1560, 5, 'bit(5)'],
    [1560, -1, '"bit"'],
    [1562, 8, 'bit varying(8)'],
    [1700, -1, 'numeric'],
    [1700, 655366, 'numeric(10,2)'],
    [1700, 133121, 'numeric(2,-3)'],
    [1114, -1, 'timestamp without time zone'],
    [1114, 3, 'timestamp(3) without time zone'],
    [1184, 0, 'timestamp(0) with time zone'],
    [1083, 6, 'time(6) without time zone'],
    [1266, 1, 'time(1) with time zone'],
    [1186, -1, 'interval'],
    [1186, 2147418115, 'interval(3)'],
    [1186, 470351871, 'interval day to second'],
    [1186, 268435458, 'interval second(2)'],
    [1007, -1, 'integer[]'],
    [1231, 655366, 'numeric(10,2)[]'],
    [1015, 24, 'character varying(20)[]'],
    [30, -1, 'oidvector'],
    [3904, -1, 'int4range'],
    [4451, -1, 'int4multirange'],
    [3802, -1, 'jsonb'],
    [3220, -1, 'pg_lsn'],
  ])('%d with modifier %d is %s', (oid, modifier, name) => {
    expect(typeName(oid, modifier)).toBe(name);
  });

  it('names other types as they were announced, and else says the OID', () => {
    const named = (oid: number) =>
      new Map([
        [16421, { oid: 16421, schema: 'public', name: 'mood' }],
        [16422, { oid: 16422, schema: 'My "s"', name: 'Mood' }],
        [16423, { oid: 16423, schema: 'pg_catalog', name: 'int4' }],
      ]).get(oid);
    expect(typeName(16421, -1, named)).toBe('mood');
    expect(typeName(16422, -1, named)).toBe('"My ""s"""."Mood"');
    expect(typeName(16423, -1, named)).toBe('integer');
    expect(typeName(4294967295, -1, named)).toBe('oid 4294967295');
  });
});
