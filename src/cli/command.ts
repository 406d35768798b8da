import type { CommandArguments } from './commandArguments';
import type { Terminal } from './terminal';

/** An option as the usage text and the parser see it. */
export interface OptionSpec {
  readonly name: string;
  /** What stands for the value in the usage text; absent for a switch. */
  readonly value?: string;
  readonly multiple?: true;
  /** What it does, one or more short sentences. */
  readonly help: string;
}

/** 0 done, 1 failed, 2 wrong usage. */
export type ExitStatus = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** One line of the list of commands. */
  readonly summary: string;
  /** The forms of the call, without `pgwal NAME`. */
  readonly usage: readonly string[];
  readonly positionals: readonly string[];
  /** Names of arguments that may follow those. */
  readonly morePositionals?: readonly string[];
  readonly description: readonly string[];
  readonly options: readonly OptionSpec[];
  run(args: CommandArguments, terminal: Terminal): Promise<ExitStatus>;
}
