import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { formatLsn, parseLsn } from '../../../src/base/lsn';
import { formatPgTime } from '../../../src/base/time';
import type { EventRow, LogicalEvent } from '../../../src/logical/event';
import type { RawRow } from './cases';
import type { OracleColumn } from './testDecoding';
import { parseTestDecoding, UNCHANGED } from './testDecoding';

/** One line of a transaction in a form that both test_decoding and our events can be brought to. */
export interface Line {
  readonly what: string;
  readonly lsn: string;
  readonly xid?: number;
  readonly table?: string;
  /** Old columns that are not NULL: test_decoding leaves NULLs out of an old row. */
  readonly old?: Readonly<Record<string, string>>;
  /** In order; unchanged TOAST that an old row does not tell is `UNCHANGED`. */
  readonly row?: readonly (readonly [string, string | null])[];
  readonly detail?: unknown;
}

/** Since 15 pgoutput sends Begin late, with the position of the first change that it publishes. */
const NO_LSN = '';
const UNCHANGED_TEXT = '\u0000unchanged';
const printLsn = (lsn: Lsn): string => formatLsn(lsn);
const tableId = (schema: string, table: string): string => JSON.stringify([schema, table]);

/** Events of `assembled` delivery, without those that test_decoding has no word for. */
export function linesOfEvents(events: readonly LogicalEvent[]): Line[] {
  const lines: Line[] = [];
  for (const event of events) {
    switch (event.kind) {
      case 'begin':
        lines.push({ what: 'begin', lsn: NO_LSN, xid: event.xid! });
        break;
      case 'commit':
        lines.push({
          what: 'commit',
          lsn: printLsn(event.lsn),
          xid: event.xid!,
          ...(event.commitTime === undefined ? {} : { detail: formatPgTime(event.commitTime) }),
        });
        break;
      case 'insert':
        lines.push({
          what: 'insert',
          lsn: printLsn(event.lsn),
          table: tableId(event.schema, event.table),
          row: rowOf(event.new),
        });
        break;
      case 'update': {
        const old = event.key ?? event.old;
        const unchanged = new Set(event.unchanged);
        lines.push({
          what: 'update',
          lsn: printLsn(event.lsn),
          table: tableId(event.schema, event.table),
          ...(old ? { old: oldOf(old) } : {}),
          row: [
            ...rowOf(event.new),
            ...[...unchanged].map(name => [name, UNCHANGED_TEXT] as const),
          ],
        });
        break;
      }
      case 'delete':
        lines.push({
          what: 'delete',
          lsn: printLsn(event.lsn),
          table: tableId(event.schema, event.table),
          old: oldOf(event.key ?? event.old ?? []),
        });
        break;
      case 'truncate':
        lines.push({
          what: 'truncate',
          lsn: printLsn(event.lsn),
          detail: {
            relations: event.relations.map(r => tableId(r.schema, r.table)),
            cascade: event.cascade,
            restartIdentity: event.restartIdentity,
          },
        });
        break;
      case 'message':
        lines.push({
          what: 'message',
          lsn: printLsn(event.lsn),
          detail: {
            transactional: event.transactional,
            prefix: event.prefix,
            // What was recorded of bytes that are not text is not all there: compare the length.
            content:
              event.contentEncoding === 'utf8'
                ? event.content
                : Buffer.from(event.content, 'base64').length,
          },
        });
        break;
      case 'relation':
      case 'type':
        break;
      default:
        throw new Error(`unexpected event ${event.kind}`);
    }
  }
  return withoutEmptyTransactions(lines);
}

export function linesOfTestDecoding(rows: readonly RawRow[]): Line[] {
  const lines = rows.map((row): Line => {
    const lsn = formatLsn(parseLsn(row.lsn)!);
    const item = parseTestDecoding(row.data);
    switch (item.kind) {
      case 'begin':
        return { what: 'begin', lsn: NO_LSN, xid: item.xid };
      case 'commit':
        return {
          what: 'commit',
          lsn,
          xid: item.xid,
          ...(item.time === undefined ? {} : { detail: item.time }),
        };
      case 'truncate':
        return {
          what: 'truncate',
          lsn,
          detail: {
            relations: item.relations.map(r => tableId(r.schema, r.table)),
            cascade: item.cascade,
            restartIdentity: item.restartIdentity,
          },
        };
      case 'message': {
        const { transactional, prefix, content, size } = item;
        const whole = Buffer.byteLength(content) === size;
        return {
          what: 'message',
          lsn,
          detail: { transactional, prefix, content: whole ? content : size },
        };
      }
      default: {
        const known = new Map<string, OracleColumn['value']>(
          item.old?.map(column => [column.name, column.value]),
        );
        return {
          what: item.kind,
          lsn,
          table: tableId(item.schema, item.table),
          ...(item.old ? { old: Object.fromEntries(item.old.map(oracleOld)) } : {}),
          ...(item.row ? { row: oracleRow(item.row, known) } : {}),
        };
      }
    }
  });
  return withoutEmptyTransactions(lines);
}

const oracleOld = (column: OracleColumn): [string, string] => {
  if (typeof column.value !== 'string') throw new Error(`old ${column.name} has no value`);
  return [column.name, column.value];
};

/** The new row, with unchanged TOAST at the end as `unchanged` stands, or taken from the old row. */
function oracleRow(
  columns: readonly OracleColumn[],
  known: ReadonlyMap<string, OracleColumn['value']>,
): (readonly [string, string | null])[] {
  const row: (readonly [string, string | null])[] = [];
  const unchanged: (readonly [string, string])[] = [];
  for (const { name, value } of columns) {
    if (value !== UNCHANGED) row.push([name, value]);
    else if (known.has(name)) row.push([name, known.get(name) as string]);
    else unchanged.push([name, UNCHANGED_TEXT]);
  }
  return [...row, ...unchanged];
}

const rowOf = (row: EventRow): (readonly [string, string | null])[] =>
  row.map(column => [column.name, column.value] as const);

const oldOf = (row: EventRow): Record<string, string> =>
  Object.fromEntries(
    row.flatMap(column => (column.value === null ? [] : [[column.name, column.value]])),
  );

/** 15 and later do not send empty transactions, test_decoding does. */
export function withoutEmptyTransactions(lines: readonly Line[]): Line[] {
  const kept: Line[] = [];
  for (const line of lines) {
    if (line.what === 'commit' && kept.at(-1)?.what === 'begin') kept.pop();
    else kept.push(line);
  }
  return kept;
}

/** One by one: a difference of two long lists says nothing. */
export function expectSameLines(lines: readonly Line[], expected: readonly Line[]): void {
  const first = lines.findIndex((line, i) => !isDeepStrictEqual(line, expected[i]));
  expect(lines[first], `line ${first}`).toEqual(expected[first]);
  expect(lines.length).toBe(expected.length);
}
