import { visibleText } from '../base/visibleText';
import type { FilterExpression } from '../filter/filterExpression';
import { parseFilter } from '../filter/filterExpression';
import type { FilterProblem } from '../shared/filterApi';
import { UsageError } from './cliError';
import type { OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';

export const FILTER_OPTION: OptionSpec = {
  name: 'filter',
  value: 'EXPR',
  help: `Write only the changes that pass, and what begins and ends their transactions; such as 'op == "update" && table == "orders" && new.total > 100'. The language: docs/filter-expressions.md.`,
};

/** The expression of `--filter`. Throws {@link UsageError} where it cannot be read. */
export function askedFilter(args: CommandArguments): FilterExpression | undefined {
  const text = args.text('filter');
  if (text === undefined) return undefined;
  const { filter, problem } = parseFilter(text);
  if (filter !== undefined) return filter;
  throw new UsageError(`--filter: ${problem.message}`, pointer(text, problem));
}

/** What can be read and yet lets nothing pass: a line, and below it the place in the expression. */
export function filterHint(text: string, hint: FilterProblem): readonly [string, ...string[]] {
  // Names of the server stand in it.
  return [`--filter: ${visibleText(hint.message)}`, ...pointer(text, hint).split('\n')];
}

/** Columns of a terminal for the part of the expression that is shown. */
const WIDTH = 76;

/** The expression, and a line of carets under what is wrong in it. */
function pointer(text: string, { from, to }: Pick<FilterProblem, 'from' | 'to'>): string {
  const start = text.length <= WIDTH ? 0 : Math.max(0, Math.min(from - 20, text.length - WIDTH));
  const shown = text.slice(start, start + WIDTH);
  const indent = columnsOf(plain(text.slice(start, from)));
  const length = Math.max(1, columnsOf(plain(text.slice(from, Math.min(to, start + WIDTH)))));
  const [head, tail] = [start > 0 ? '…' : '', start + WIDTH < text.length ? '…' : ''];
  return `  ${head}${plain(shown)}${tail}\n  ${' '.repeat(head.length + indent)}${'^'.repeat(length)}`;
}

/** What takes no known room in a line becomes a blank. */
function plain(text: string): string {
  return Array.from(text, point => (visibleText(point) === point ? point : ' ')).join('');
}

/** Columns of a terminal that a text takes: two for a character of East Asia or an emoji, none for a mark upon another. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const point of text) columns += MARK.test(point) ? 0 : WIDE.test(point) ? 2 : 1;
  return columns;
}

const MARK = /[\p{Mn}\p{Me}]/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
