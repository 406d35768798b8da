import type { Line } from './normalForm';
import { withoutEmptyTransactions } from './normalForm';

/**
 * What each case's publication lets through, applied to an oracle that sees everything: the rules of
 * schema.sql, stated here once more and independently of the server.
 */
type Project = (line: Line) => Line | undefined;

const id = (schema: string, table: string): string => JSON.stringify([schema, table]);
const PARTITIONS = ['part', 'part_1', 'part_2', 'part_3', 'part_3a', 'part_def'].map(name =>
  id('public', name),
);

const PARTITIONED = [id('public', 'part'), id('public', 'part_3')];

/**
 * `FOR ALL TABLES`: generated columns are not published by default, nor is the truncate of a partitioned
 * table itself, which has no rows of its own.
 */
const all: Project = line => {
  if (line.what === 'truncate') {
    const detail = line.detail as { relations: string[] };
    const relations = detail.relations.filter(table => !PARTITIONED.includes(table));
    return { ...line, detail: { ...detail, relations } };
  }
  return line.table === id('public', 'gen') ? pick(line, ['id', 'a']) : line;
};

const withoutMessages =
  (project: Project): Project =>
  line =>
    line.what === 'message' ? undefined : project(line);

const tables = (...names: string[]): Project => {
  const ids = names.map(name => id('public', name));
  return line => (line.table === undefined || ids.includes(line.table) ? line : undefined);
};

const insertsOf = (...names: string[]): Project => {
  const project = tables(...names);
  return line => (isEdge(line) || line.what === 'insert' ? project(line) : undefined);
};

/** publish_via_partition_root: the root's name and column order; only its own truncate. */
const root: Project = line => {
  if (line.what === 'truncate') {
    const detail = line.detail as { relations: string[] };
    if (!detail.relations.includes(PARTITIONS[0]!)) return undefined;
    return { ...line, detail: { ...detail, relations: [PARTITIONS[0]] } };
  }
  if (line.table === undefined) return line;
  if (!PARTITIONS.includes(line.table)) return undefined;
  const named = { ...line, table: PARTITIONS[0]! };
  return named.row ? pick(named, ['id', 'v']) : named;
};

const INSERTED_BY_PUBLICATION = ['ri_default', 'ri_full', 'nopk', 'tr_p'];

/** Row filter `val > 10` on filt, column list (id, pub) on collist. */
const filtered: Project = line => {
  if (line.table === id('public', 'collist')) return pick(line, ['id', 'pub']);
  if (line.table !== id('public', 'filt')) return isEdge(line) ? line : undefined;
  const passes = (value: string | null | undefined): boolean =>
    typeof value === 'string' && Number(value) > 10;
  const before = passes(line.old?.['val']);
  const after = passes(line.row?.find(([name]) => name === 'val')?.[1]);
  if (line.what !== 'update') return before || after ? line : undefined;
  if (before && after) return line;
  const { lsn, table } = line;
  if (after) return { what: 'insert', lsn, table, row: line.row! };
  return before ? { what: 'delete', lsn, table, old: line.old! } : undefined;
};

const PROJECTIONS: Readonly<Record<string, Project>> = {
  v1: withoutMessages(all),
  'v4-origin-none': withoutMessages(all),
  'v1-insertonly': insertsOf(...INSERTED_BY_PUBLICATION),
  'v1-root': withoutMessages(root),
  'v1-twopubs': line => {
    if (line.table !== undefined && PARTITIONS.includes(line.table)) return root(line);
    return line.what === 'truncate' ? root(line) : insertsOf(...INSERTED_BY_PUBLICATION)(line);
  },
  'v1-filter': filtered,
  'v1-schema': withoutMessages(line =>
    isEdge(line) || line.table?.startsWith('["Sché ma"') === true ? line : undefined,
  ),
  'v4-generated': line => {
    if (isEdge(line)) return line;
    return line.table === id('public', 'gen') ? pick(line, ['id', 'a', 'twice']) : undefined;
  },
};

/** The oracle's lines as the publication of a case lets them through. */
export function published(name: string, lines: readonly Line[]): Line[] {
  const project = PROJECTIONS[name] ?? all;
  return withoutEmptyTransactions(
    lines.flatMap(line => {
      const kept = project(line);
      return kept === undefined ? [] : [kept];
    }),
  );
}

const isEdge = (line: Line): boolean => line.what === 'begin' || line.what === 'commit';

function pick(line: Line, names: readonly string[]): Line {
  const row = line.row;
  if (row === undefined) return line;
  return {
    ...line,
    row: names.flatMap(name => row.filter(([column]) => column === name)),
  };
}
