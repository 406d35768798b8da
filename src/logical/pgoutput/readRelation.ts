import type { ByteReader } from '../../base/byteReader';
import type { NamedType, Relation, RelationColumn, ReplicaIdentity } from '../relation';

/**
 * The layouts of Relation and Type after their letter and xid (`logicalrep_write_rel`,
 * `logicalrep_write_typ`, src/backend/replication/logical/proto.c).
 */

export function readRelation(reader: ByteReader): Relation {
  const oid = reader.u32('relation OID', 'OID of the relation');
  const schema = catalogName(reader.cstring('schema', 'Namespace (empty string for pg_catalog)'));
  const name = reader.cstring('name', 'Relation name');
  const identity = reader.letter(
    'replica identity',
    'relreplident of pg_class: which old values UPDATE and DELETE send',
    IDENTITY_LABELS,
  );
  const count = reader.u16('number of columns');
  const columns: RelationColumn[] = [];
  for (let i = 0; i < count; i++) {
    reader.open('column', 'A column that is published', i);
    const key = (reader.flags('flags', 'Column options', { 1: 'part of the key' }) & 1) !== 0;
    columns.push({
      key,
      name: reader.cstring('name', 'Name of the column'),
      typeOid: reader.u32('type OID', "OID of the column's data type"),
      typeModifier: reader.i32('type modifier', 'Type modifier of the column (atttypmod)'),
    });
    reader.close();
  }
  const replicaIdentity = IDENTITIES[String.fromCharCode(identity)] ?? 'unknown';
  return { oid, schema, name, replicaIdentity, columns };
}

export function readType(reader: ByteReader): NamedType {
  return {
    oid: reader.u32('type OID', 'OID of the data type'),
    schema: catalogName(reader.cstring('schema', 'Namespace (empty string for pg_catalog)')),
    name: reader.cstring('name', 'Name of the data type'),
  };
}

/** The walsender sends the name of pg_catalog as an empty string (`logicalrep_write_namespace`). */
const catalogName = (schema: string): string => (schema === '' ? 'pg_catalog' : schema);

const IDENTITIES: Readonly<Record<string, ReplicaIdentity>> = {
  d: 'default',
  n: 'nothing',
  f: 'full',
  i: 'index',
};
const IDENTITY_LABELS = {
  d: 'default (primary key)',
  n: 'nothing',
  f: 'full (all columns)',
  i: 'index',
} as const;
