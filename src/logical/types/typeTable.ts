import type { CustomType } from '../../shared/customType';
import { FIRST_CUSTOM_OID } from '../../shared/customType';

/** The types that are not built in, as far as they are known, by OID. */
export class TypeTable {
  readonly #types = new Map<number, CustomType>();

  constructor(types: readonly CustomType[] = []) {
    this.add(types);
  }

  /** All that are known, by OID upwards. */
  get all(): CustomType[] {
    return [...this.#types.values()].sort((a, b) => a.oid - b.oid);
  }

  /** Takes in types; what they say replaces what was known of them. */
  add(types: readonly CustomType[]): void {
    for (const type of types) this.#types.set(type.oid, type);
  }

  readonly find = (oid: number): CustomType | undefined => this.#types.get(oid);

  /** Those of the OIDs that are not built in and not known, each once. */
  missing(oids: Iterable<number>): number[] {
    const missing = new Set<number>();
    for (const oid of oids) {
      if (oid >= FIRST_CUSTOM_OID && !this.#types.has(oid)) missing.add(oid);
    }
    return [...missing];
  }
}
