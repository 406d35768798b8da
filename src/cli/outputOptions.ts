import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Delivery } from '../logical/event';
import type { ColumnMask } from '../shared/columnMask';
import type { FilterExpression } from '../filter/filterExpression';
import type { CustomType } from '../shared/customType';
import { isRingFile } from '../export/captureRing';
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

export const RING_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'max-size',
    value: 'SIZE',
    help: 'With --format capture: write several files of at most this size, as 500MB or 2GB: FILE-0001.walcap, FILE-0002.walcap and so on, each complete by itself.',
  },
  {
    name: 'keep',
    value: 'N',
    help: 'With --max-size: keep the newest N files, 2 or more, and delete older ones.',
  },
];

/** How and where events are written. */
export interface OutputChoice {
  /** Types that are not built in, as far as they are known from elsewhere; see `--types`. */
  readonly types?: readonly CustomType[];
  readonly format: OutputFormat;
  readonly delivery: Delivery;
  /** Absent: standard output. */
  readonly out?: string;
  readonly limit?: number;
  /** Several captures instead of one, in bytes each; see {@link RING_OPTIONS}. */
  readonly maxSize?: number;
  readonly keep?: number;
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
    ...askedRing(args, format),
    ...(filter === undefined ? {} : { filter }),
    mask: askedMask(args),
    ...(args.texts('redact').includes('source') ? { hidesSource: true as const } : {}),
  };
}

/** Changes after which a stream ends: what comes is counted where all of it is kept, else what is written. */
export function mostReceived({ format, filter, limit }: OutputChoice): number | undefined {
  return format === 'capture' && filter === undefined ? limit : undefined;
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

/** As {@link refuseExisting}, of all that a command would make: a ring would run into the files of another. */
export async function refuseExistingOutput({ out, maxSize }: OutputChoice): Promise<void> {
  if (out === undefined || maxSize === undefined) return refuseExisting(out);
  const folder = path.dirname(out);
  // Of a folder that cannot be read, making the first file tells more.
  const names = await readdir(folder).catch(() => []);
  const taken = names.sort().find(name => isRingFile(out, name));
  if (taken !== undefined) await refuseExisting(path.join(folder, taken));
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};
/** Below this, index and directory would be a good part of each file. */
const LEAST_SIZE = 10e6;

function askedRing(
  args: CommandArguments,
  format: OutputFormat,
): Pick<OutputChoice, 'maxSize' | 'keep'> {
  const size = args.text('max-size');
  const keep = args.count('keep');
  if (size === undefined) {
    if (keep !== undefined) throw new UsageError('--keep needs --max-size SIZE');
    return {};
  }
  if (format !== 'capture') throw new UsageError('--max-size needs --format capture');
  if (args.flag('append')) {
    throw new UsageError('--append goes on in one file: leave out --max-size');
  }
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(size) ?? [];
  const maxSize = Math.floor(Number(digits) * (SIZE_UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (digits === '' || !Number.isSafeInteger(maxSize)) {
    throw new UsageError(`--max-size is a size such as 500MB or 2GB, not ${JSON.stringify(size)}`);
  }
  if (maxSize < LEAST_SIZE) throw new UsageError('--max-size is 10MB or more');
  if (keep === undefined) return { maxSize };
  if (keep < 2) throw new UsageError('--keep is 2 or more: one file is always being written');
  if (args.flag('consume')) {
    throw new UsageError(
      '--keep would delete changes that were consumed, which nobody can read again: leave it out',
    );
  }
  return { maxSize, keep };
}
