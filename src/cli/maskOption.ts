import { ColumnMask, EVERYTHING, MaskPatternError, NO_MASK } from '../shared/columnMask';
import { UsageError } from './cliError';
import type { OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';

export const MASK_OPTION: OptionSpec = {
  name: 'mask',
  value: 'PATTERN',
  multiple: true,
  help: 'Leave out the values of these columns: schema.table.column, table.column or column, with * for anything and quotes as in SQL. A placeholder stands in their place, also in a capture. Repeatable.',
};

export const REDACT_OPTION: OptionSpec = {
  name: 'redact',
  value: 'WHAT',
  multiple: true,
  help: 'values: leave out every value, and what logical messages hold. source: leave out the names of server, database and slot; for --format capture. Repeatable.',
};

/** What {@link MASK_OPTION} and {@link REDACT_OPTION} ask for. Throws UsageError for a pattern that is none. */
export function askedMask(args: CommandArguments): ColumnMask {
  const patterns = args.texts('mask');
  const redacts = args.texts('redact');
  const wrong = redacts.find(what => what !== 'values' && what !== 'source');
  if (wrong !== undefined) {
    throw new UsageError(`--redact must be values or source, not ${JSON.stringify(wrong)}`);
  }
  const all = redacts.includes('values') ? [...patterns, EVERYTHING] : patterns;
  if (all.length === 0) return NO_MASK;
  try {
    return new ColumnMask(all);
  } catch (error) {
    if (error instanceof MaskPatternError) throw new UsageError(`--mask: ${error.message}`);
    throw error;
  }
}
