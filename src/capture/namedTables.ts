import type { RelationVersions } from './relationVersions';

/** 'n' of our own: the first byte of a table that is known by its name alone; schema and name follow. */
const NAMED = 0x6e;

/**
 * The tables of an output plugin that writes text: it names the table in each message and describes none.
 * They stand among the relation versions of a capture, with numbers of their own in the place of OIDs.
 */
export class NamedTables {
  readonly #relations: RelationVersions;
  readonly #versions = new Map<string, number>();
  /** How many of the relation versions are in the map. */
  #known = 0;

  constructor(relations: RelationVersions) {
    this.#relations = relations;
  }

  /** The version that stands for a table, which message `seq` names. */
  versionOf(schema: string, table: string, seq: number): number {
    const { all } = this.#relations;
    for (; this.#known < all.length; this.#known++) {
      const before = readNamedTable(all[this.#known]?.message ?? new Uint8Array());
      if (before !== undefined) {
        this.#versions.set(keyOf(before.schema, before.table), this.#known);
      }
    }
    const found = this.#versions.get(keyOf(schema, table));
    if (found !== undefined) return found;
    const message = utf8.encode(`n${schema}\0${table}\0`);
    return this.#relations.add(all.length + 1, seq, message, 0, message.length, 0);
  }
}

/** Reads what {@link NamedTables} keeps; undefined where it is something else. */
export function readNamedTable(
  message: Uint8Array,
): { readonly schema: string; readonly table: string } | undefined {
  if (message[0] !== NAMED) return undefined;
  const [schema = '', table = ''] = new TextDecoder().decode(message.subarray(1)).split('\0');
  return { schema, table };
}

function keyOf(schema: string, table: string): string {
  return `${schema}\0${table}`;
}

const utf8 = new TextEncoder();
