import type { CustomType } from '../../shared/customType';
import { FIRST_CUSTOM_OID } from '../../shared/customType';
import type { SqlRow, SqlSession } from '../sqlSession';
import { numberOf, textOf } from './rowValues';

/**
 * The types with these OIDs that exist now, and those they are made of, down to what is built in:
 * elements, what domains stand on, columns of composites, bounds of ranges. A dropped one is simply
 * missing.
 */
export async function readCustomTypes(
  session: SqlSession,
  oids: readonly number[],
): Promise<readonly CustomType[]> {
  const custom = oids.filter(oid => oid >= FIRST_CUSTOM_OID);
  if (custom.length === 0) return [];
  const rows = await session.query(
    `WITH RECURSIVE wanted (oid) AS (
       SELECT pg_catalog.unnest($1::pg_catalog.oid[])
       UNION
       SELECT below.oid
         FROM wanted JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
           LEFT JOIN pg_catalog.pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)
           CROSS JOIN LATERAL (
             SELECT t.typelem UNION ALL SELECT t.typbasetype
             UNION ALL SELECT r.rngsubtype
             UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
               WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
           ) AS below (oid)
         WHERE below.oid >= ${String(FIRST_CUSTOM_OID)}
     )
     SELECT t.oid, n.nspname, t.typname, t.typtype, t.typcategory, t.typelem, t.typdelim,
       COALESCE(NULLIF(t.typbasetype, 0), r.rngsubtype, 0) AS base, p.proname AS send
     FROM wanted JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
       JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
       LEFT JOIN pg_catalog.pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)
       LEFT JOIN pg_catalog.pg_proc p ON t.typtype = 'b' AND t.typcategory <> 'A' AND p.oid = t.typsend
     ORDER BY t.oid`,
    [`{${custom.join(',')}}`],
  );
  return rows.map(typeOf);
}

function typeOf(row: SqlRow): CustomType {
  const delimiter = textOf(row, 'typdelim') ?? ',';
  const base = numberOf(row, 'base') ?? 0;
  const send = textOf(row, 'send');
  return {
    oid: numberOf(row, 'oid') ?? 0,
    schema: textOf(row, 'nspname') ?? '',
    name: textOf(row, 'typname') ?? '',
    typtype: textOf(row, 'typtype') ?? '',
    category: textOf(row, 'typcategory') ?? '',
    elem: numberOf(row, 'typelem') ?? 0,
    ...(base === 0 ? {} : { base }),
    ...(delimiter === ',' ? {} : { delimiter }),
    ...(send === undefined ? {} : { send }),
  };
}
