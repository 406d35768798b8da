import { visibleText } from '../base/visibleText';
import { ChangeCancelled, type ChangeOptions } from '../postgres/changes/changeResult';
import { explainFailure } from '../postgres/explainFailure';
import { ownName } from '../postgres/ownName';
import { openSqlSession, type SqlSession } from '../postgres/sqlSession';
import { WriteGate } from '../postgres/writeGate';
import { CliError, UsageError } from './cliError';
import type { ExitStatus } from './command';
import type { CommandArguments } from './commandArguments';
import { resolveConnection } from './connectionOptions';
import { ProgressLine } from './progressLine';
import { streamFailure } from './streamFailure';
import type { Terminal } from './terminal';

/** What a change of a slot works with. */
export interface SlotContext {
  readonly args: CommandArguments;
  readonly terminal: Terminal;
  readonly gate: WriteGate;
  readonly session: SqlSession;
  /** The slot that is named first. */
  readonly slot: string;
  /** Ctrl-C, and the words for a wait. */
  readonly options: ChangeOptions;
}

export type SlotAction = (context: SlotContext) => Promise<ExitStatus>;

/** Runs a change of a slot; what goes wrong becomes one line. */
export async function inSlotSession(
  args: CommandArguments,
  terminal: Terminal,
  action: SlotAction,
): Promise<ExitStatus> {
  const { target, profile } = await resolveConnection(args, terminal);
  const [, slot = ''] = args.positionals;
  const progress = new ProgressLine(terminal);
  let told = terminal.interactive;
  const options: ChangeOptions = {
    signal: terminal.interrupted,
    onWait: ({ message }) => {
      if (!told) {
        // Nobody sees the progress line: what may take hours is said once.
        told = true;
        progress.print(`pgwal slot: ${message}`);
      }
      progress.show(message);
    },
  };
  try {
    const session = await openSqlSession(target, {
      applicationName: ownName('change', target.user),
      signal: terminal.interrupted,
    });
    try {
      const gate = new WriteGate(profile);
      return await action({ args, terminal, gate, session, slot, options });
    } finally {
      progress.clear();
      await session.close();
    }
  } catch (error) {
    if (error instanceof CliError || error instanceof UsageError) throw error;
    if (error instanceof ChangeCancelled) throw new CliError(error.message);
    throw streamFailure(explainFailure(error, { target, slot }));
  }
}

/** Says what a change means, on stderr; asks where that was not answered beforehand. */
export async function confirm(
  { args, terminal }: SlotContext,
  lines: readonly string[],
  question: string,
): Promise<void> {
  for (const line of lines) terminal.stderr.write(`${visibleText(line)}\n`);
  if (args.flag('yes')) return;
  if (terminal.ask === undefined) {
    throw new UsageError('nobody can be asked here: --yes is the answer');
  }
  const answer = await terminal.ask(`${visibleText(question)} [y/N] `);
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return;
  throw new CliError('Nothing was changed');
}
