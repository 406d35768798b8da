import { linesOfTestDecoding, withoutEmptyTransactions } from '../../golden/logical/normalForm';
import type { Line } from '../../golden/logical/normalForm';
import type { Cluster } from '../../../scripts/postgres/cluster';
import type { CliEvent } from './cliProcess';

const UNCHANGED = '\u0000unchanged';

/** Events as `pgwal` printed them, in the form that test_decoding's text is brought to as well. */
export function linesOfPrinted(events: readonly CliEvent[]): Line[] {
  return withoutEmptyTransactions(
    events.filter(({ kind }) => kind !== 'relation' && kind !== 'type').map(lineOf),
  );
}

function lineOf(event: CliEvent): Line {
  const { kind, lsn, xid } = event;
  const table = event.table === undefined ? {} : { table: tableId(event.schema!, event.table) };
  const old = event.key ?? event.old;
  const oldPart = old === undefined ? {} : { old: withoutNulls(old) };
  switch (kind) {
    case 'begin':
      // Where a transaction begins, the two plugins do not agree on.
      return { what: kind, lsn: '', xid: xid! };
    case 'commit':
      return { what: kind, lsn, xid: xid! };
    case 'insert':
      return { what: kind, lsn, ...table, row: Object.entries(event.new!) };
    case 'update': {
      const unchanged = (event.unchanged ?? []).map(name => [name, UNCHANGED] as const);
      const row = [...Object.entries(event.new!), ...unchanged];
      return { what: kind, lsn, ...table, ...oldPart, row };
    }
    case 'delete':
      return { what: kind, lsn, ...table, ...oldPart };
    case 'truncate':
      return {
        what: kind,
        lsn,
        detail: event.relations!.map(relation => tableId(relation.schema, relation.table)),
      };
    default:
      return { what: kind, lsn, detail: event };
  }
}

/** What test_decoding makes of everything that a slot has pending; the slot stays as it is. */
export async function linesOfOracle(
  cluster: Cluster,
  database: string,
  slot: string,
): Promise<Line[]> {
  const rows = await cluster.adminQuery(
    `select lsn::text as lsn, xid::text as xid, data from pg_logical_slot_peek_changes('${slot}', null, null)`,
    database,
  );
  const raw = rows.map(row => ({ lsn: row['lsn']!, xid: row['xid']!, data: row['data']! }));
  return linesOfTestDecoding(raw).map(line =>
    line.what === 'truncate'
      ? { ...line, detail: (line.detail as { relations: readonly string[] }).relations }
      : line,
  );
}

function tableId(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}

function withoutNulls(row: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}
