import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdminSession } from '../../scripts/postgres/adminSession';
import type { Cluster } from '../../scripts/postgres/cluster';
import { startCluster } from '../../scripts/postgres/cluster';
import { fromHex } from '../../src/base/hex';
import { parseLsn } from '../../src/base/lsn';
import { redoSql, undoSql } from '../../src/export/changeSql';
import type { ChangeSql } from '../../src/export/changeSql';
import type { SqlTable } from '../../src/export/sqlConditions';
import type { LogicalEvent } from '../../src/logical/event';
import { EventDecoder } from '../../src/logical/eventDecoder';
import { TYPE_SETUP } from './workload/columnTypes';
import { Draw } from './workload/draw';
import { expectSameContents } from './workload/sameContents';
import { Statements } from './workload/statements';
import type { Table } from './workload/tableModel';
import { drawTable, nameOf } from './workload/tableModel';

const MAJOR = 17;
const SEED = Number(process.env['PGWX_SEED'] ?? '7');
const TABLES = 9;
const STATEMENTS = 600;

interface Change {
  readonly event: LogicalEvent;
  readonly table: SqlTable | undefined;
}

describe('the SQL of a change', () => {
  let cluster: Cluster;
  let tables: readonly Table[];
  let changes: readonly Change[];

  beforeAll(async () => {
    cluster = await startCluster({ major: MAJOR, name: 'changesql', settings: {} });
    const draw = new Draw(SEED);
    tables = Array.from({ length: TABLES }, (_, n) => drawTable(draw, n, MAJOR));
    await cluster.adminQuery('create database source');
    const creation = tables.flatMap(table => table.creation);
    await cluster.adminQuery(
      ['create schema "Odd ""Schema"', ...TYPE_SETUP, ...creation].join(';\n'),
      'source',
    );
    await cluster.adminQuery(dropIdentities(tables), 'source');
    const statements = new Statements(draw, MAJOR);
    await write(draw, statements, STATEMENTS / 4);
    for (const copy of ['start', 'redone', 'undone']) {
      await cluster.adminQuery(`create database ${copy} template source`);
    }
    await cluster.adminQuery('create publication p for all tables', 'source');
    await cluster.adminQuery(
      `select pg_create_logical_replication_slot('s', 'pgoutput')`,
      'source',
    );
    await write(draw, statements, STATEMENTS);
    changes = await read();
  });
  afterAll(() => cluster.dispose());

  /** Each statement a transaction of its own; what fails, such as a key that is there, is not there. */
  async function write(draw: Draw, statements: Statements, count: number): Promise<void> {
    const session = await cluster.openAdmin('source');
    // What is not flushed is not decoded yet.
    await session.query(`set timezone = 'UTC'; set synchronous_commit = on`);
    for (let n = 0; n < count; n++) {
      await session.query(statements.small(draw.pick(tables))).catch(() => undefined);
    }
    await session.end();
  }

  async function read(): Promise<Change[]> {
    const rows = await cluster.adminQuery(
      `set timezone = 'UTC'; set extra_float_digits = 3;
       select lsn::text, encode(data, 'hex') as data from pg_logical_slot_get_binary_changes(
         's', null, null, 'proto_version', '1', 'publication_names', 'p')`,
      'source',
    );
    const found: Change[] = [];
    const described = new Map<string, SqlTable>();
    const decoder = new EventDecoder({
      delivery: 'raw',
      spill: {
        open: () => {
          throw new Error('nothing is held');
        },
      },
      sink: event => {
        if (event.kind === 'relation') described.set(`${event.schema}.${event.table}`, event);
        if (event.kind === 'insert' || event.kind === 'update' || event.kind === 'delete') {
          found.push({ event, table: described.get(`${event.schema}.${event.table}`) });
        }
      },
    });
    for (const { lsn, data } of rows) {
      await decoder.push(parseLsn(lsn ?? '')!, fromHex(data ?? '')!);
    }
    return found;
  }

  async function run(session: AdminSession, change: ChangeSql | undefined): Promise<void> {
    if (change?.sql === undefined) return;
    const sql = change.sql.replace(/;$/, '');
    // One row each: more or none would be another row than the one that was meant.
    const rows = await session
      .query(`with done as (${sql} returning 1) select count(*)::text as n from done`)
      .catch((error: unknown) => {
        throw new Error(`${String(error)} in ${sql}`);
      });
    expect({ sql, rows: rows[0]?.['n'] }).toEqual({ sql, rows: '1' });
  }

  async function settled(database: string): Promise<AdminSession> {
    const session = await cluster.openAdmin(database);
    await session.query(`set timezone = 'UTC'; set extra_float_digits = 3`);
    return session;
  }

  it('redoes every change on a copy, which is equal to the source then', async () => {
    expect(changes.length).toBeGreaterThan(STATEMENTS / 5);
    const session = await settled('redone');
    // Where standard_conforming_strings is off a backslash means something else in a plain literal.
    await session.query('set standard_conforming_strings = off; set escape_string_warning = off');
    for (const { event, table } of changes) {
      const redo = redoSql(event, table);
      expect(redo?.complete, JSON.stringify(redo?.remarks)).toBe(true);
      await run(session, redo);
    }
    await session.end();
    await expectSameContents(cluster, 'source', 'redone');
  });

  it('undoes them in reverse order, where the old rows are known, and says so where they are not', async () => {
    const session = await settled('undone');
    for (const { event, table } of changes) await run(session, redoSql(event, table));
    const full = new Set<string>();
    const rest = new Set<string>();
    for (const { event, table } of changes) {
      if (!('table' in event)) continue;
      const undo = undoSql(event, table);
      if (undo?.complete !== true) {
        rest.add(`${event.schema}.${event.table}`);
        expect(event.kind).not.toBe('insert');
        expect('old' in event ? event.old : undefined).toBeUndefined();
        expect(undo?.remarks.join(' ')).toMatch(/not known/);
      }
    }
    for (const { event, table } of changes.toReversed()) {
      if (!('table' in event) || rest.has(`${event.schema}.${event.table}`)) continue;
      full.add(`${event.schema}.${event.table}`);
      await run(session, undoSql(event, table));
    }
    await session.end();
    // Each draw has tables of both kinds.
    expect({ full: full.size > 1, rest: rest.size > 1 }).toEqual({ full: true, rest: true });
    for (const table of tables) {
      if (table.partitioned || rest.has(`${table.schema}.${table.name}`)) continue;
      expect({ table: nameOf(table), rows: await rowsOf('undone', table) }).toEqual({
        table: nameOf(table),
        rows: await rowsOf('start', table),
      });
    }
  });

  async function rowsOf(database: string, table: Table): Promise<unknown> {
    return cluster.adminQuery(
      `set timezone = 'UTC'; set extra_float_digits = 3;
       select md5(x::text) as hash from ${nameOf(table)} x order by 1`,
      database,
    );
  }
});

/**
 * The stream does not tell which columns are GENERATED ALWAYS AS IDENTITY: an UPDATE of all columns, as
 * there is without old values, would set them, which the server refuses.
 */
function dropIdentities(tables: readonly Table[]): string {
  return tables
    .filter(({ identity }) => identity !== 'full')
    .map(
      table => `do $do$ begin
        alter table ${nameOf(table)} alter column counted drop identity if exists;
      exception when undefined_column then null; end $do$`,
    )
    .concat('select 1')
    .join(';\n');
}
