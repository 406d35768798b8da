import { formatLsn, toLsn } from '../base/lsn';
import type { Relation, RelationColumn } from '../logical/relation';
import type { RelationDetail, RelationVersionDetail } from '../shared/changeTextApi';
import type { CaptureFile } from './captureFile';
import { CHUNK_MASK, CHUNK_SHIFT, NONE, ROW } from './indexChunk';
import type { RelationCatalog } from './relationCatalog';
import type { RelationVersion } from './relationVersions';
import { transactionRecord } from './transactionRecord';

/** Most descriptions of one table that are listed: the latest. */
const VERSIONS_LIMIT = 200;

/** The table of a message as it was then, and every description of it, with what each changed. */
export async function relationDetail(
  file: CaptureFile,
  catalog: RelationCatalog,
  seq: number,
): Promise<RelationDetail> {
  const row = await file.row(seq);
  const own = (row.flags & ROW.ownFrame) !== 0;
  const relation = own || row.relation === NONE ? undefined : catalog.relation(row.relation);
  if (relation === undefined) return none('This message is not about a table.');
  if (catalog.textPlugin !== undefined) {
    return none(`The texts of ${catalog.textPlugin} describe no tables.`, relation);
  }
  // A table that was dropped and made again has the name, and another OID.
  const all = file.relations.all.filter(({ oid, version }) => {
    if (oid === relation.oid) return true;
    const other = oid === 0 ? undefined : catalog.relation(version);
    return other?.schema === relation.schema && other.name === relation.name;
  });
  const versions: RelationVersionDetail[] = [];
  let before: Relation | undefined;
  for (const version of all) {
    const described = catalog.relation(version.version);
    if (described === undefined) continue;
    versions.push({
      ...(await arrival(file, version)),
      current: version.version === row.relation,
      changes: before === undefined ? [] : differences(before, described, catalog),
    });
    before = described;
  }
  return {
    schema: relation.schema,
    table: relation.name,
    oid: relation.oid,
    replicaIdentity: relation.replicaIdentity,
    columns: relation.columns.map(({ name, typeOid, typeModifier, key }) => ({
      name,
      type: catalog.typeName(typeOid, typeModifier),
      typeOid,
      typeModifier,
      key: key && relation.replicaIdentity !== 'full',
    })),
    versions: versions.slice(-VERSIONS_LIMIT),
    problem: '',
  };
}

async function arrival(
  file: CaptureFile,
  { seq }: RelationVersion,
): Promise<Pick<RelationVersionDetail, 'seq' | 'lsn' | 'time'>> {
  const chunk = await file.chunk(seq >>> CHUNK_SHIFT);
  const row = chunk.row(seq & CHUNK_MASK);
  const record =
    row.transaction === NONE
      ? undefined
      : transactionRecord(await file.transactionChunk(row.transaction), row.transaction);
  return {
    seq,
    lsn: row.lsn === 0n ? '' : formatLsn(toLsn(row.lsn)),
    time: record?.commitTime ?? '',
  };
}

/** What is new in a description against the one before, a phrase each. */
export function differences(
  before: Relation,
  now: Relation,
  types: Pick<RelationCatalog, 'typeName'>,
): string[] {
  const changes: string[] = [];
  if (before.oid !== now.oid) {
    changes.push(`another table of this name: OID ${String(before.oid)} → ${String(now.oid)}`);
  }
  if (before.schema !== now.schema || before.name !== now.name) {
    changes.push(`renamed ${before.schema}.${before.name} → ${now.schema}.${now.name}`);
  }
  if (before.replicaIdentity !== now.replicaIdentity) {
    changes.push(`replica identity ${before.replicaIdentity} → ${now.replicaIdentity}`);
  }
  const typeOf = (column: RelationColumn): string =>
    types.typeName(column.typeOid, column.typeModifier);
  const known = new Map(before.columns.map(column => [column.name, column]));
  const names = new Set(now.columns.map(({ name }) => name));
  const added = now.columns.filter(({ name }) => !known.has(name));
  const dropped = before.columns.filter(({ name }) => !names.has(name));
  for (const column of dropped) {
    const renamed = renamedTo(before, now, column, added);
    if (renamed === undefined) changes.push(`column ${column.name} dropped`);
    else {
      added.splice(added.indexOf(renamed), 1);
      changes.push(`column ${column.name} → ${renamed.name} (same place and type: renamed)`);
    }
  }
  for (const column of added) changes.push(`column ${column.name} ${typeOf(column)} added`);
  for (const column of now.columns) {
    const was = known.get(column.name);
    if (was === undefined) continue;
    if (typeOf(was) !== typeOf(column)) {
      changes.push(`column ${column.name} ${typeOf(was)} → ${typeOf(column)}`);
    }
    const counts = before.replicaIdentity !== 'full' && now.replicaIdentity !== 'full';
    if (counts && was.key !== column.key) {
      changes.push(`column ${column.name} ${column.key ? 'joined' : 'left'} the key`);
    }
  }
  if (changes.length === 0) changes.push('the columns stand in another order');
  return changes;
}

/** A column cannot be added but at the end: one that stands where another was has its place. */
function renamedTo(
  before: Relation,
  now: Relation,
  column: RelationColumn,
  added: readonly RelationColumn[],
): RelationColumn | undefined {
  if (before.columns.length !== now.columns.length) return undefined;
  const there = now.columns[before.columns.indexOf(column)];
  return there !== undefined && added.includes(there) && there.typeOid === column.typeOid
    ? there
    : undefined;
}

function none(problem: string, relation?: Relation): RelationDetail {
  return {
    schema: relation?.schema ?? '',
    table: relation?.name ?? '',
    oid: 0,
    replicaIdentity: 'unknown',
    columns: [],
    versions: [],
    problem,
  };
}
