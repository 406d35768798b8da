import { expect } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { identifier } from './sqlText';

/** Expects that two databases have the same tables with the same rows, byte by byte; the sum of their rows. */
export async function expectSameContents(
  cluster: Cluster,
  source: string,
  copy: string,
): Promise<number> {
  const tables = await tablesOf(cluster, source);
  expect(await tablesOf(cluster, copy)).toEqual(tables);
  let rows = 0;
  for (const table of tables) {
    const expected = await rowsOf(cluster, source, table);
    expect({ table, rows: await rowsOf(cluster, copy, table) }).toEqual({ table, rows: expected });
    rows += expected.length;
  }
  return rows;
}

async function tablesOf(cluster: Cluster, database: string): Promise<string[]> {
  const rows = await cluster.adminQuery(
    `select n.nspname as schema, c.relname as name from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
      order by 1, 2`,
    database,
  );
  return rows.map(({ schema, name }) => `${identifier(schema ?? '')}.${identifier(name ?? '')}`);
}

async function rowsOf(cluster: Cluster, database: string, table: string): Promise<unknown[]> {
  const rows = await cluster.adminQuery(
    `set timezone = 'UTC'; set extra_float_digits = 3;
     select left(x::text, 300) as start, md5(x::text) as hash from ${table} x order by x::text`,
    database,
  );
  return rows.map(({ start, hash }) => `${hash ?? ''} ${start ?? ''}`);
}
