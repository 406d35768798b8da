/**
 * OIDs from here on differ between servers or databases: what users create has 16384 and up, what initdb
 * makes of SQL less (`FirstGenbkiObjectId`, src/include/access/transam.h).
 */
export const FIRST_CUSTOM_OID = 10_000;

/**
 * A type that is not built in, as a capture keeps it, since OIDs differ between databases: columns of
 * pg_type and pg_range. It says how values in binary form are read, and what the type is called.
 */
export interface CustomType {
  readonly oid: number;
  /** Absent where it is not known, as in files of others. */
  readonly schema?: string;
  /** `typname`. */
  readonly name: string;
  /** `typtype`: b(ase), c(omposite), d(omain), e(num), r(ange), m(ultirange). */
  readonly typtype: string;
  /** `typcategory`; `A` is an array. */
  readonly category: string;
  /** OID of the element type of an array, else 0. */
  readonly elem: number;
  /** The type below a domain, or that of the bounds of a range or multirange; absent or 0: none. */
  readonly base?: number;
  /** `typdelim`, between the elements of an array of the type; absent: a comma. */
  readonly delimiter?: string;
  /** Name of the function that makes the binary form (`typsend`) of a base type. */
  readonly send?: string;
}
