import { formatPlural } from '../base/quantity';
import { visibleText } from '../base/visibleText';
import type { MarkFacts } from '../shared/marks';
import type { SourceFacts } from '../shared/sourceFacts';
import type { CellValue } from '../shared/timelineRow';
import type { Who } from '../shared/who';
import type { MarkedChange, MarkedColumn, MarkedContent } from './markedChanges';

/** Most characters of a summary: as much as goes into a bug report. */
export const SUMMARY_LIMIT = 60_000;

/** Types whose values need no quotes: numbers, OIDs and booleans (src/include/catalog/pg_type.dat). */
const BARE = new Set([16, 20, 21, 23, 26, 700, 701, 1700]);

/** A value as a person writes it in SQL, save for what has no value. */
export function valueText(value: CellValue, typeOid: number): string {
  switch (value.kind) {
    case 'null':
      return 'NULL';
    case 'empty':
      return `''`;
    case 'absent':
      return '(not sent)';
    case 'unchanged':
      return '(unchanged, not in the WAL)';
    case 'masked':
      return '(masked)';
    case 'binary':
      return `\\x${value.text}${value.cut ? '…' : ''}`;
    case 'text': {
      const text = `${visibleText(value.text)}${value.cut ? '…' : ''}`;
      return BARE.has(typeOid) ? text : `'${text}'`;
    }
  }
}

/** `UPDATE public.orders`. */
export function changeName({ operation, schema, table, text }: MarkedChange): string {
  const name = visibleText(schema === '' ? table : `${schema}.${table}`);
  const verb = operation.toUpperCase();
  return operation === 'truncate' ? `${verb} ${visibleText(text)}` : `${verb} ${name}`;
}

/** One line: `UPDATE public.orders id=918: status 'new' → 'paid'`. */
export function changeLine(change: MarkedChange): string {
  const { columns, operation, text } = change;
  const name = changeName(change);
  if (operation === 'truncate') return name;
  if (columns.length === 0) return text === '' ? name : `${name}: ${visibleText(text)}`;
  const keys = columns.filter(({ key }) => key).map(column => keyText(column, operation));
  const shown = columns
    .filter(column => !column.key || (operation === 'update' && hasBoth(column) && column.changed))
    .map(column => columnText(column, operation))
    .filter(part => part !== '');
  const named = [name, ...keys].join(' ');
  // Of a row without a key its first value tells which one it is, as far as anything does.
  const [first] = columns;
  if (operation === 'update' && keys.length === 0 && first?.changed === false && hasBoth(first)) {
    shown.unshift(`${visibleText(first.name)} ${valueText(first.after, first.typeOid)}`);
  }
  return shown.length === 0 ? named : `${named}: ${shown.join(', ')}`;
}

function keyText({ name, typeOid, before, after }: MarkedColumn, operation: string): string {
  const value = operation === 'insert' || before.kind === 'absent' ? after : before;
  return `${visibleText(name)}=${valueText(value, typeOid)}`;
}

const hasBoth = ({ before, after }: MarkedColumn): boolean =>
  before.kind !== 'absent' && after.kind !== 'absent';

/** What is to say of a column in a line; empty where nothing is. */
function columnText(column: MarkedColumn, operation: string): string {
  const { name, changed, before, after } = column;
  const shown = visibleText(name);
  if (operation === 'update') {
    // Without the old row what was sent is all that is known, changed or not.
    if (before.kind === 'absent') {
      return after.kind === 'absent' || after.kind === 'unchanged'
        ? ''
        : `${shown} ${valueText(after, column.typeOid)}`;
    }
    return changed ? `${shown} ${stepText(column)}` : '';
  }
  const value = operation === 'insert' ? after : before;
  return value.kind === 'absent' ? '' : `${shown} ${valueText(value, column.typeOid)}`;
}

/** `'new' → 'paid'`, or the one value that there is. */
export function stepText({ before, after, typeOid }: MarkedColumn): string {
  if (before.kind === 'absent') return valueText(after, typeOid);
  if (after.kind === 'absent') return valueText(before, typeOid);
  return `${valueText(before, typeOid)} → ${valueText(after, typeOid)}`;
}

/** `checkout, user ada, 10.0.0.7:5123, PID 812`; empty where nobody looked. */
function whoText(who: Who | undefined): string {
  if (who === undefined) return '';
  if (!who.seen) return 'who: not seen';
  const parts = [
    who.application,
    `user ${who.user}`,
    who.client,
    who.pid === 0 ? '' : `PID ${String(who.pid)}`,
  ];
  return visibleText(parts.filter(part => part !== '').join(', '));
}

/**
 * What a mark shows, to be pasted into a bug report: a code block of Markdown, which is plain text as well.
 * `cut`: there is more than it says.
 */
export function markSummary(
  mark: MarkFacts,
  content: MarkedContent,
  source: SourceFacts,
): { readonly text: string; readonly cut: boolean } {
  const lines = headOf(mark, source);
  let size = 0;
  let left = content.left;
  const fits = (line: string): boolean => {
    size += line.length + 1;
    if (size > SUMMARY_LIMIT) return false;
    lines.push(line);
    return true;
  };
  content.transactions.forEach(({ xid, commitTime, who, changes }, i) => {
    const parts = [`${String(i + 1)}. Transaction ${String(xid)}`, `committed ${commitTime}`];
    const seen = whoText(who);
    if (fits('')) fits([...parts, ...(seen === '' ? [] : [seen])].join(' · '));
    left += changes.filter(change => !fits(`   ${changeLine(change)}`)).length;
  });
  if (left > 0)
    lines.push('', `… and ${formatPlural(left, 'more change')}: too many to be listed.`);
  const fence = fenceFor(lines);
  return { text: [`${fence}text`, ...lines, fence, ''].join('\n'), cut: left > 0 };
}

function headOf(mark: MarkFacts, { server, database, serverVersion }: SourceFacts): string[] {
  const { name, transactions, changes, from, to } = mark;
  const counts = `${formatPlural(transactions, 'transaction')}, ${formatPlural(changes, 'change')}`;
  const where = [server, database, serverVersion === '' ? '' : `PostgreSQL ${serverVersion}`];
  const until = to === undefined ? 'not stopped' : `${to.time} at ${to.lsn}`;
  return [
    `${visibleText(name)}: ${counts}`,
    visibleText(where.filter(part => part !== '').join(' · ')),
    `${from.time} at ${from.lsn} to ${until}`,
  ].filter(line => line !== '');
}

/** A fence longer than any run of backticks within. */
function fenceFor(lines: readonly string[]): string {
  const longest = lines
    .flatMap(line => line.match(/`+/g) ?? [])
    .reduce((most, run) => Math.max(most, run.length), 2);
  return '`'.repeat(longest + 1);
}
