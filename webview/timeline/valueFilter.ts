import type { ChangeDetail } from '../../src/shared/changeDetail';
import type { CellValue } from '../../src/shared/timelineRow';
import { FILTER_LIMIT } from '../../src/shared/viewSpec';
import { celMember, celString } from './celText';

/** What of a change a menu is about. */
export type FilterTarget =
  | { readonly seq: number; readonly of: 'operation' | 'table' | 'transaction' }
  | {
      readonly seq: number;
      readonly of: 'value';
      /** By name or by place in the table. */
      readonly column: string | number;
      readonly side: 'before' | 'after';
    };

/** An expression, or why there is none. */
export type Condition = string | { readonly problem: string };

/** Lets through what is like the target; or everything else, where `exclude` is set. */
export function conditionOf(
  detail: ChangeDetail,
  target: FilterTarget,
  exclude: boolean,
): Condition {
  switch (target.of) {
    case 'transaction': {
      const xid = detail.transaction?.xid ?? detail.xid;
      if (xid === 0) return { problem: 'This message does not belong to a transaction.' };
      return `xid ${exclude ? '!=' : '=='} ${String(xid)}`;
    }
    case 'operation':
      if (detail.operation === 'other') return { problem: 'This message is not a change.' };
      return `op ${exclude ? '!=' : '=='} ${celString(detail.operation)}`;
    case 'table':
      return tableCondition(detail, exclude);
    case 'value':
      return valueCondition(detail, target, exclude);
  }
}

/** Both have to pass. */
export function withCondition(filter: string, condition: string): Condition {
  const before = filter.trim();
  const isPlain = before === '' || !/\|\||\?/.test(before);
  const both = before === '' ? condition : `${isPlain ? before : `(${before})`} && ${condition}`;
  return both.length <= FILTER_LIMIT ? both : { problem: 'The expression would be too long.' };
}

function tableCondition({ operation, schema, table }: ChangeDetail, exclude: boolean): Condition {
  if (operation === 'message') return `prefix ${exclude ? '!=' : '=='} ${celString(table)}`;
  if (table === '') return { problem: 'The table of this change is not known.' };
  const same = `schema == ${celString(schema)} && table == ${celString(table)}`;
  return exclude ? `!(${same})` : same;
}

function valueCondition(
  { columns }: ChangeDetail,
  { column, side }: Extract<FilterTarget, { readonly of: 'value' }>,
  exclude: boolean,
): Condition {
  const found = typeof column === 'number' ? columns[column] : columns.find(c => c.name === column);
  if (found === undefined) return { problem: 'This is not a value of a row.' };
  const literal = literalOf(found[side]);
  if (typeof literal !== 'string') return literal;
  const member = celMember(side === 'before' ? 'old' : 'new', found.name);
  if (!exclude) return `${member} == ${literal}`;
  // Rows without this column, or without a value, are something else too.
  return literal === 'null'
    ? `(!has(${member}) || ${member} != null)`
    : `(!has(${member}) || ${member} == null || ${member} != ${literal})`;
}

function literalOf(value: CellValue): Condition {
  switch (value.kind) {
    case 'text':
      return value.cut
        ? { problem: 'This value is too long to filter by.' }
        : celString(value.text);
    case 'empty':
      return '""';
    case 'null':
      return 'null';
    case 'masked':
      return { problem: 'This value is masked: it cannot be filtered by.' };
    case 'binary':
      return { problem: 'A value in binary form cannot be filtered by.' };
    case 'absent':
    case 'unchanged':
      return { problem: 'There is no value here to filter by.' };
  }
}
