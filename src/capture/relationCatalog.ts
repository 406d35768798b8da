import { ByteReader, DecodeError } from '../base/byteReader';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import type { PgoutputMessage } from '../logical/pgoutput/message';
import type { NamedType, Relation } from '../logical/relation';
import { typeName } from '../logical/types/typeName';
import { NONE } from './indexChunk';
import type { RelationVersions } from './relationVersions';

/** The relation versions of a capture, decoded when first asked for. */
export class RelationCatalog {
  readonly #versions: RelationVersions;
  readonly #decoded: (PgoutputMessage | undefined)[] = [];
  readonly #ids: (string | undefined)[] = [];
  readonly #types = new Map<number, NamedType>();
  #typesSeen = 0;

  constructor(versions: RelationVersions) {
    this.#versions = versions;
  }

  /** Undefined where the version does not exist, is a type, or could not be read. */
  relation(version: number): Relation | undefined {
    const message = this.#message(version);
    return message?.kind === 'relation' ? message.relation : undefined;
  }

  /** The version of a table that was in force when message `seq` arrived, for a further OID of it. */
  relationAt(oid: number, seq: number): Relation | undefined {
    const found = this.#versions.all.findLast(entry => entry.oid === oid && entry.seq <= seq);
    return found === undefined ? undefined : this.relation(found.version);
  }

  /** The id of a version's table in filters and facets; empty where it is not known. */
  tableId(version: number): string {
    if (version === NONE) return '';
    let id = this.#ids[version];
    if (id === undefined) {
      const relation = this.relation(version);
      id = relation === undefined ? '' : tableIdOf(relation);
      this.#ids[version] = id;
    }
    return id;
  }

  /** As format_type() prints it, with the names that the capture's Type messages give. */
  typeName(oid: number, modifier: number): string {
    const { all } = this.#versions;
    for (; this.#typesSeen < all.length; this.#typesSeen++) {
      if (all[this.#typesSeen]?.oid !== 0) continue;
      const message = this.#message(this.#typesSeen);
      if (message?.kind === 'type') this.#types.set(message.type.oid, message.type);
    }
    return typeName(oid, modifier, named => this.#types.get(named));
  }

  #message(version: number): PgoutputMessage | undefined {
    const known = this.#decoded[version];
    if (known !== undefined) return known;
    const entry = this.#versions.get(version);
    if (entry === undefined) return undefined;
    try {
      const message = decodeMessage(new ByteReader(entry.message), false);
      this.#decoded[version] = message;
      return message;
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }
}

/** `schema.table`, with quotes where a dot in a name would make two tables look alike. */
export function tableIdOf(relation: { readonly schema: string; readonly name: string }): string {
  return `${quoted(relation.schema)}.${quoted(relation.name)}`;
}

function quoted(name: string): string {
  return /[."]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
