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

/** A capture of a stream keeps all that comes: that is what it can be asked about later. */
export function refuseFilteredCapture({
  filter,
  format,
}: {
  readonly filter?: FilterExpression;
  readonly format: string;
}): void {
  if (filter === undefined || format !== 'capture') return;
  throw new UsageError(
    '--filter goes with --format jsonl here: a capture keeps all that comes. Record it without, and filter the file with pgwal convert --filter',
  );
}

/** Columns of a terminal for the part of the expression that is shown. */
const WIDTH = 76;

/** The expression, and a line of carets under what is wrong in it. */
export function pointer(text: string, { from, to }: Pick<FilterProblem, 'from' | 'to'>): string {
  const start = text.length <= WIDTH ? 0 : Math.max(0, Math.min(from - 20, text.length - WIDTH));
  const shown = text.slice(start, start + WIDTH);
  // A column for each code point, so that the carets stand where they belong.
  const plain = Array.from(shown, point => (visibleText(point) === point ? point : ' ')).join('');
  const indent = Array.from(text.slice(start, from)).length;
  const length = Math.max(1, Array.from(text.slice(from, Math.min(to, start + WIDTH))).length);
  const [head, tail] = [start > 0 ? '…' : '', start + WIDTH < text.length ? '…' : ''];
  return `  ${head}${plain}${tail}\n  ${' '.repeat(head.length + indent)}${'^'.repeat(length)}`;
}
