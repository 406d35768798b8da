import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import type { Lsn } from '../base/lsn';
import { parseLsn } from '../base/lsn';
import { UsageError } from './cliError';
import type { Command } from './command';

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** The options and arguments of one call, checked against the command's own list. */
export class CommandArguments {
  private constructor(
    private readonly values: Values,
    readonly positionals: readonly string[],
  ) {}

  /** Throws {@link UsageError} for what the command does not know. */
  static parse(command: Command, argv: readonly string[]): CommandArguments {
    const options: NonNullable<ParseArgsConfig['options']> = {};
    for (const option of command.options) {
      options[option.name] = {
        type: option.value === undefined ? 'boolean' : 'string',
        multiple: option.multiple ?? false,
      };
    }
    let parsed: { values: Values; positionals: string[] };
    try {
      parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    } catch (error) {
      throw new UsageError(plainParseMessage(error));
    }
    const { values, positionals } = parsed;
    const needed = command.positionals.length;
    const known = needed + (command.morePositionals?.length ?? 0);
    if (positionals.length > known) {
      throw new UsageError(`unexpected argument ${quote(positionals[known] ?? '')}`);
    }
    if (positionals.length < needed) {
      throw new UsageError(`${command.positionals[positionals.length] ?? 'argument'} is missing`);
    }
    return new CommandArguments(values, positionals);
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw new UsageError(`--${name} is missing`);
    return value;
  }

  texts(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const found = choices.find(choice => choice === value);
    if (found === undefined) {
      throw new UsageError(`--${name} is ${choices.join(' or ')}, not ${quote(value)}`);
    }
    return found;
  }

  /** A positive whole number. */
  count(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const count = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new UsageError(`--${name} takes a positive whole number, not ${quote(value)}`);
    }
    return count;
  }

  /** Seconds, with or without a fraction; more than zero. */
  seconds(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const seconds = /^[0-9]+(\.[0-9]+)?$/.test(value) ? Number(value) : Number.NaN;
    if (!(seconds > 0)) throw new UsageError(`--${name} takes seconds, not ${quote(value)}`);
    return seconds;
  }

  /** A size in bytes, as `500MB` or `1GB` (units of 1024, as in postgresql.conf) or a bare number. */
  size(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const match = /^([0-9]+)\s*(B|kB|MB|GB|TB)?$/i.exec(value);
    const unit = ['b', 'kb', 'mb', 'gb', 'tb'].indexOf((match?.[2] ?? 'B').toLowerCase());
    const size = Number(match?.[1]) * 1024 ** unit;
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new UsageError(`--${name} takes a size such as 500MB, not ${quote(value)}`);
    }
    return size;
  }

  lsn(name: string): Lsn | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const lsn = parseLsn(value);
    if (lsn === undefined) {
      throw new UsageError(`--${name} takes an LSN such as 0/16B6C50, not ${quote(value)}`);
    }
    return lsn;
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Node's sentence without the advice on `--` that follows it. */
function plainParseMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const first = message.split(/\. |\n/)[0] ?? message;
  return first.charAt(0).toLowerCase() + first.slice(1);
}
