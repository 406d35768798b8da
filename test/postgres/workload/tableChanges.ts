import type { Draw } from './draw';
import { identifier, literal } from './sqlText';
import type { Table } from './tableModel';
import { drawColumn, drawTable, nameOf } from './tableModel';

/** A change of a table's definition: its SQL, and the table as it is then. */
export interface TableChange {
  readonly sql: readonly string[];
  /** Absent: the table is gone. */
  readonly after?: Table;
  /** Undefined where the change makes a table. */
  readonly before?: Table;
}

/** A random change in mid-run. `number` is one that no name has had yet. */
export function drawTableChange(
  draw: Draw,
  tables: readonly Table[],
  number: number,
  major: number,
): TableChange {
  const before = draw.pick(tables);
  const table = nameOf(before);
  const droppable = before.columns.filter(({ name }) => name !== 'Big');
  const column = droppable.length > 0 ? draw.pick(droppable) : undefined;
  const others = before.columns.filter(other => other !== column);
  const way = draw.weighted({
    add: 30,
    addWithDefault: 15,
    drop: column === undefined ? 0 : 15,
    rename: column === undefined ? 0 : 15,
    type: column === undefined ? 0 : 15,
    // pgoutput does not tell the new name of a root of partitions for which it publishes: its cache is that of
    // the partitions, which nothing happened to (14 to 18).
    renameTable: before.partitioned ? 0 : 10,
    full: before.partitioned || before.identity === 'nothing' ? 0 : 10,
    newTable: 10,
    dropTable: tables.length > 3 ? 4 : 0,
  });
  const change = (sql: string, after?: Partial<Table>): TableChange => ({
    sql: [sql],
    before,
    ...(after === undefined ? {} : { after: { ...before, ...after } }),
  });
  switch (way) {
    case 'add':
    case 'addWithDefault': {
      const added =
        way === 'add' ? drawColumn(draw, number) : { name: `c${String(number)}`, type: 'text' };
      const value = literal(`default ' of ${String(number)}`);
      const rest = way === 'add' ? '' : ` not null default ${value}`;
      const sql = `alter table ${table} add column ${identifier(added.name)} ${added.type}${rest}`;
      // One that must not be NULL keeps its default: what is drawn for columns may be NULL.
      return change(sql, way === 'add' ? { columns: [...before.columns, added] } : {});
    }
    case 'drop':
      return change(`alter table ${table} drop column ${identifier(column!.name)}`, {
        columns: others,
      });
    case 'rename': {
      const name = `renamed "${String(number)}`;
      const sql = `alter table ${table} rename column ${identifier(column!.name)} to ${identifier(name)}`;
      return change(sql, { columns: [...others, { ...column!, name }] });
    }
    case 'type': {
      const name = identifier(column!.name);
      const sql = `alter table ${table} alter column ${name} type text using ${name}::text`;
      return change(sql, { columns: [...others, { ...column!, type: 'text' }] });
    }
    case 'renameTable': {
      const name = `renamed ${String(number)}`;
      return change(`alter table ${table} rename to ${identifier(name)}`, { name });
    }
    case 'full':
      return change(`alter table ${table} replica identity full`, { identity: 'full' });
    case 'newTable': {
      const after = drawTable(draw, number, major);
      return { sql: after.creation, after };
    }
    case 'dropTable':
      return change(`drop table ${table}`);
  }
}
