import type { SqlSession } from '../sqlSession';
import { numberOf, textOf } from './rowValues';

/** OIDs from here on are given to what users create (`FirstNormalObjectId`, src/include/access/transam.h). */
export const FIRST_CUSTOM_OID = 16_384;

/** A type as a capture keeps it, since OIDs differ between databases. Columns of pg_type. */
export interface CustomType {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly typtype: string;
  readonly category: string;
  /** OID of the element type of an array, else 0. */
  readonly elem: number;
  /** The type below a domain, or that of the bounds of a range or multirange; else 0. */
  readonly base: number;
}

/** The types with these OIDs that exist now; a dropped one is simply missing. */
export async function readCustomTypes(
  session: SqlSession,
  oids: readonly number[],
): Promise<readonly CustomType[]> {
  const custom = oids.filter(oid => oid >= FIRST_CUSTOM_OID);
  if (custom.length === 0) return [];
  const rows = await session.query(
    `SELECT t.oid, n.nspname, t.typname, t.typtype, t.typcategory, t.typelem,
       COALESCE(NULLIF(t.typbasetype, 0), r.rngsubtype, 0) AS base
     FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
       LEFT JOIN pg_catalog.pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)
     WHERE t.oid = ANY ($1::pg_catalog.oid[]) ORDER BY t.oid`,
    [`{${custom.join(',')}}`],
  );
  return rows.map(row => ({
    oid: numberOf(row, 'oid') ?? 0,
    schema: textOf(row, 'nspname') ?? '',
    name: textOf(row, 'typname') ?? '',
    typtype: textOf(row, 'typtype') ?? '',
    category: textOf(row, 'typcategory') ?? '',
    elem: numberOf(row, 'typelem') ?? 0,
    base: numberOf(row, 'base') ?? 0,
  }));
}
