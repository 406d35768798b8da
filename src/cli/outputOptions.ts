import { access } from 'node:fs/promises';
import type { Delivery } from '../logical/event';
import type { ColumnMask } from '../shared/columnMask';
import type { FilterExpression } from '../filter/filterExpression';
import type { CustomType } from '../shared/customType';
import { CliError, UsageError } from './cliError';
import type { OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';
import { askedFilter } from './filterOption';
import { askedMask } from './maskOption';

export const FORMATS = ['jsonl', 'capture'] as const;
export type OutputFormat = (typeof FORMATS)[number];

export const FORMAT_OPTION: OptionSpec = {
  name: 'format',
  value: 'F',
  help: 'jsonl (the default): one JSON object a line. capture: a capture file (.walcap); needs --out.',
};

export const OUT_OPTION: OptionSpec = {
  name: 'out',
  value: 'FILE',
  help: 'Write to this new file, which only its owner may read, instead of standard output.',
};

export const APPEND_OPTION: OptionSpec = {
  name: 'append',
  help: 'With --slot S --consume: go on in FILE, which an earlier run with --append wrote, also after a crash; each change comes once. Begins it where it is not there.',
};

export const TRANSACTIONS_OPTION: OptionSpec = {
  name: 'transactions',
  value: 'T',
  help: 'assembled (the default): whole committed transactions in commit order. raw: messages as they came.',
};

export const LIMIT_OPTION: OptionSpec = {
  name: 'limit',
  value: 'N',
  help: 'End after N changes (insert, update, delete, truncate, message); begin and commit do not count. A transaction that is cut by the limit has no commit.',
};

/** How and where events are written. */
export interface OutputChoice {
  /** Types that are not built in, as far as they are known from elsewhere; see `--types`. */
  readonly types?: readonly CustomType[];
  readonly format: OutputFormat;
  readonly delivery: Delivery;
  /** Absent: standard output. */
  readonly out?: string;
  readonly limit?: number;
  /** Go on in `out`. */
  readonly append?: true;
  /** Which changes are written; absent: all. */
  readonly filter?: FilterExpression;
  /** Whose values are left out. */
  readonly mask: ColumnMask;
  /** Leave out the names of server, database and slot too. */
  readonly hidesSource?: true;
}

export function outputChoice(args: CommandArguments): OutputChoice {
  const format = args.choice('format', FORMATS, 'jsonl');
  const out = args.text('out');
  const limit = args.count('limit');
  const append = args.flag('append');
  const filter = askedFilter(args);
  if (format === 'capture' && out === undefined) {
    throw new UsageError('--format capture needs --out FILE');
  }
  if (append && out === undefined) throw new UsageError('--append needs --out FILE');
  return {
    format,
    delivery: args.choice<Delivery>('transactions', ['assembled', 'raw'], 'assembled'),
    ...(out === undefined ? {} : { out }),
    ...(limit === undefined ? {} : { limit }),
    ...(append ? { append: true as const } : {}),
    ...(filter === undefined ? {} : { filter }),
    mask: askedMask(args),
    ...(args.texts('redact').includes('source') ? { hidesSource: true as const } : {}),
  };
}

/** Nothing is ever written over: said before the server is asked for anything. */
export async function refuseExisting(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    await access(file);
  } catch {
    return;
  }
  throw new CliError(`${file} exists already`, 'Choose another name, or remove it first.');
}
