import { ByteReader, DecodeError } from '../base/byteReader';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import type { PgoutputMessage } from '../logical/pgoutput/message';
import type { NamedType, Relation } from '../logical/relation';
import { typeName } from '../logical/types/typeName';
import type { FindType } from '../logical/types/binary/binaryText';
import type { TypeTable } from '../logical/types/typeTable';
import { isTextPlugin } from '../shared/textPlugin';
import type { TextPlugin } from '../shared/textPlugin';
import type { ColumnMask } from '../shared/columnMask';
import { NO_MASK } from '../shared/columnMask';
import type { CaptureMeta } from './captureMeta';
import { NONE } from './indexChunk';
import { readNamedTable } from './namedTables';
import type { RelationVersions } from './relationVersions';

/** What a capture describes; the types may become more while it is written. */
export interface DescribedTables {
  readonly relations: RelationVersions;
  readonly types: TypeTable;
  readonly meta: Pick<CaptureMeta, 'source'>;
  /** Which columns are marked as masked; absent: none. May become another one. */
  readonly mask?: ColumnMask;
}

/** The relation versions of a capture, decoded when first asked for, and its types. */
export class RelationCatalog {
  readonly #source: DescribedTables;
  readonly #versions: RelationVersions;
  #decoded: (PgoutputMessage | undefined)[] = [];
  /** The mask that the decoded tables are marked by. */
  #marked = NO_MASK;
  readonly #ids: (string | undefined)[] = [];
  readonly #types = new Map<number, NamedType>();
  #typesSeen = 0;
  /** The plugin whose texts the messages are; undefined where they are no texts that we read. */
  readonly textPlugin: TextPlugin | undefined;

  constructor(source: DescribedTables) {
    this.#source = source;
    this.#versions = source.relations;
    const { plugin } = source.meta.source;
    this.textPlugin = isTextPlugin(plugin) ? plugin : undefined;
  }

  /** Knows the types that are not built in. */
  readonly findType: FindType = oid => this.#source.types.find(oid);

  /** Which columns are masked. */
  get mask(): ColumnMask {
    return this.#source.mask ?? NO_MASK;
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

  /**
   * As format_type() prints it, with the names that the server's catalog gave, else with those of the
   * capture's Type messages.
   */
  typeName(oid: number, modifier: number): string {
    const type = this.#source.types.find(oid);
    if (type?.category === 'A' && type.elem !== 0 && type.elem !== oid) {
      return `${this.typeName(type.elem, modifier)}[]`;
    }
    if (type?.schema !== undefined) {
      const { schema, name } = type;
      return typeName(oid, modifier, () => ({ oid, schema, name }));
    }
    const { all } = this.#versions;
    for (; this.#typesSeen < all.length; this.#typesSeen++) {
      if (all[this.#typesSeen]?.oid !== 0) continue;
      const message = this.#message(this.#typesSeen);
      if (message?.kind === 'type') this.#types.set(message.type.oid, message.type);
    }
    return typeName(oid, modifier, named => this.#types.get(named));
  }

  #message(version: number): PgoutputMessage | undefined {
    const { mask } = this;
    if (mask !== this.#marked) {
      this.#marked = mask;
      this.#decoded = [];
    }
    const known = this.#decoded[version];
    if (known !== undefined) return known;
    const entry = this.#versions.get(version);
    if (entry === undefined) return undefined;
    const named = readNamedTable(entry.message);
    if (named !== undefined) {
      const { schema, table: name } = named;
      const relation = { oid: 0, schema, name, replicaIdentity: 'unknown', columns: [] } as const;
      return (this.#decoded[version] = { kind: 'relation', relation });
    }
    try {
      const message = marked(decodeMessage(new ByteReader(entry.message), false), mask);
      this.#decoded[version] = message;
      return message;
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }
}

/** A description with its masked columns marked. */
function marked(message: PgoutputMessage, mask: ColumnMask): PgoutputMessage {
  if (message.kind !== 'relation' || mask.isEmpty) return message;
  return { ...message, relation: withMaskedColumns(message.relation, mask) };
}

/** A table with those columns marked whose values are masked. */
export function withMaskedColumns(relation: Relation, mask: ColumnMask): Relation {
  if (mask.isEmpty) return relation;
  const { schema, name } = relation;
  const columns = relation.columns.map(column =>
    mask.has(schema, name, column.name) ? { ...column, masked: true as const } : column,
  );
  return { ...relation, columns };
}

/** `schema.table`, with quotes where a dot in a name would make two tables look alike. */
export function tableIdOf(relation: { readonly schema: string; readonly name: string }): string {
  return `${quoted(relation.schema)}.${quoted(relation.name)}`;
}

function quoted(name: string): string {
  return /[."]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
