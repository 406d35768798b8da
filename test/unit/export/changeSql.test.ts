import { describe, expect, it } from 'vitest';
import { sqlComment } from '../../../src/base/sqlText';
import { redoSql, undoSql } from '../../../src/export/changeSql';
import type { SqlTable } from '../../../src/export/sqlConditions';
import type { EventRow, LogicalEvent } from '../../../src/logical/event';
import type { Lsn } from '../../../src/base/lsn';

const row = (values: Readonly<Record<string, string | null>>): EventRow =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const table = (replicaIdentity: string, ...keys: string[]): SqlTable => ({
  replicaIdentity,
  columns: ['id', 'total', 'note'].map((name, i) => ({
    name,
    typeOid: [20, 1700, 25][i]!,
    key: keys.includes(name) || replicaIdentity === 'full',
  })),
});
const BASE = { lsn: 1n as Lsn, schema: 'public', table: 'orders' };
const BY_KEY = table('default', 'id');
const FULL = table('full');

describe('the SQL of a change', () => {
  it('quotes names and values, whatever they are', () => {
    const hostile = `x"; DROP TABLE users; --`;
    const event: LogicalEvent = {
      ...BASE,
      kind: 'insert',
      schema: `s"`,
      table: hostile,
      new: [
        { name: `a"b`, value: `it's` },
        { name: 'c', value: `\\'; DROP TABLE users; --` },
        { name: 'd', value: null },
      ],
    };
    expect(redoSql(event, undefined)?.sql).toBe(
      `INSERT INTO "s"""."x""; DROP TABLE users; --" ("a""b", "c", "d")\n` +
        `  OVERRIDING SYSTEM VALUE\n` +
        `  VALUES ('it''s', E'\\\\''; DROP TABLE users; --', NULL);`,
    );
    expect(sqlComment('a\nDROP TABLE x;\r\u2028--')).toBe('-- a\n-- DROP TABLE x;<000D><2028>--');
  });

  it('changes what changed, and leaves the key alone', () => {
    const update: LogicalEvent = {
      ...BASE,
      kind: 'update',
      new: row({ id: '1', total: '2.50' }),
      unchanged: ['note'],
    };
    expect(redoSql(update, BY_KEY)).toEqual({
      sql: `UPDATE "public"."orders"\n  SET "total" = '2.50'\n  WHERE "id" = '1';`,
      remarks: ['"note" left out: unchanged, stored out of line, not in the WAL.'],
      complete: true,
    });
    const rekeyed: LogicalEvent = {
      ...BASE,
      kind: 'update',
      key: row({ id: '1' }),
      new: row({ id: '2', total: null, note: '' }),
    };
    expect(redoSql(rekeyed, BY_KEY)?.sql).toBe(
      `UPDATE "public"."orders"\n  SET "id" = '2',\n    "total" = NULL,\n    "note" = ''\n  WHERE "id" = '1';`,
    );
  });

  it('finds a row without a key by all its values, one of several', () => {
    const event: LogicalEvent = {
      ...BASE,
      kind: 'delete',
      old: row({ id: '1', total: '2.0', note: null }),
    };
    expect(redoSql(event, FULL)?.sql).toBe(
      `DELETE FROM "public"."orders"\n  WHERE (tableoid, ctid) = (\n` +
        `    SELECT tableoid, ctid FROM "public"."orders"\n` +
        `    WHERE "id" = '1'\n      AND concat("total") = '2.0'\n      AND "note" IS NULL\n    LIMIT 1);`,
    );
    expect(undoSql(event, FULL)?.sql).toContain(`VALUES ('1', '2.0', NULL);`);
  });

  it('undoes what is known, and does not guess the rest', () => {
    const insert: LogicalEvent = { ...BASE, kind: 'insert', new: row({ id: '1', total: '2' }) };
    expect(undoSql(insert, BY_KEY)?.sql).toBe(`DELETE FROM "public"."orders"\n  WHERE "id" = '1';`);
    const update: LogicalEvent = { ...BASE, kind: 'update', new: row({ id: '1', total: '2' }) };
    expect(undoSql(update, BY_KEY)).toEqual({
      sql: undefined,
      remarks: [
        'What "total" held before is not known: replica identity default sends no old values but those of a key that changed.',
      ],
      complete: false,
    });
    const remove: LogicalEvent = { ...BASE, kind: 'delete', key: row({ id: '1' }) };
    expect(undoSql(remove, BY_KEY)).toMatchObject({ sql: undefined, complete: false });
    expect(undoSql(remove, BY_KEY)?.remarks[0]).toContain('"total", "note"');
    const truncate: LogicalEvent = {
      kind: 'truncate',
      lsn: 1n as Lsn,
      relations: [{ schema: 'a', table: 'b' }],
      cascade: true,
      restartIdentity: true,
    };
    expect(redoSql(truncate, undefined)?.sql).toBe(
      'TRUNCATE TABLE "a"."b" RESTART IDENTITY CASCADE;',
    );
    expect(undoSql(truncate, undefined)).toMatchObject({ sql: undefined, complete: false });
  });

  it('says where a row cannot be named, and where a value is not text', () => {
    const blind: LogicalEvent = { ...BASE, kind: 'update', new: row({ id: '1' }) };
    expect(redoSql(blind, table('nothing'))).toMatchObject({ sql: undefined, complete: false });
    // What another plugin told of no key must not be looked for by its new values.
    expect(redoSql(blind, undefined)).toMatchObject({ sql: undefined, complete: false });
    const bytes: LogicalEvent = {
      ...BASE,
      kind: 'insert',
      new: [{ name: 'id', value: '/w==', base64: true }],
    };
    expect(redoSql(bytes, BY_KEY)).toMatchObject({ sql: undefined, complete: false });
    expect(undoSql(bytes, BY_KEY)?.remarks[0]).toContain('not text');
  });

  it('leaves masked values out, and says so', () => {
    const masked: SqlTable = {
      ...BY_KEY,
      columns: BY_KEY.columns.map(column =>
        column.name === 'note' ? { ...column, masked: true as const } : column,
      ),
    };
    const event: LogicalEvent = {
      ...BASE,
      kind: 'insert',
      new: row({ id: '1', total: '2', note: '•••• masked' }),
    };
    const sql = redoSql(event, masked);
    expect(sql).toMatchObject({ complete: false, remarks: ['"note" left out: masked.'] });
    expect(sql?.sql).not.toContain('masked');
    const update: LogicalEvent = { ...BASE, kind: 'update', new: event.new };
    expect(redoSql(update, masked)?.sql).toBe(
      `UPDATE "public"."orders"\n  SET "total" = '2'\n  WHERE "id" = '1';`,
    );
    const hiddenKey: SqlTable = {
      ...BY_KEY,
      columns: BY_KEY.columns.map(column =>
        column.key ? { ...column, masked: true as const } : column,
      ),
    };
    expect(undoSql(event, hiddenKey)).toMatchObject({ sql: undefined, complete: false });
  });

  it('does nothing where nothing changed', () => {
    const same = row({ id: '1', total: '2', note: null });
    const event: LogicalEvent = { ...BASE, kind: 'update', old: same, new: same };
    expect(redoSql(event, FULL)).toMatchObject({ sql: undefined, complete: true });
  });

  it('writes messages again', () => {
    const event: LogicalEvent = {
      kind: 'message',
      lsn: 1n as Lsn,
      transactional: true,
      prefix: `p'`,
      content: '/w==',
      contentEncoding: 'base64',
    };
    expect(redoSql(event, undefined)?.sql).toBe(
      `SELECT pg_logical_emit_message(true, 'p''', E'\\\\xff'::bytea);`,
    );
  });
});
