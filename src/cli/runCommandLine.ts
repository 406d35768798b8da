import { PRODUCT } from '../base/product';
import { CommandArguments } from './commandArguments';
import type { Command, ExitStatus } from './command';
import { COMMANDS } from './commands';
import { ENVIRONMENT_HELP } from './connectionOptions';
import { formatCliError, UsageError } from './cliError';
import { print } from './printText';
import type { Terminal } from './terminal';
import { commandUsage, programUsage } from './usageText';

/** Runs one call of `pgwal` and returns its exit status. */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal,
): Promise<ExitStatus> {
  const [name, ...rest] = argv;
  try {
    if (name === '--version' || name === '-V') {
      await print(terminal.stdout, `${PRODUCT.command} ${PRODUCT.version}\n`);
      return 0;
    }
    if (name === undefined) throw new UsageError('a command is missing');
    if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
      await print(terminal.stdout, programUsage(COMMANDS, ENVIRONMENT_HELP));
      return 0;
    }
    if (name === 'help') {
      await print(terminal.stdout, commandUsage(findCommand(rest[0] ?? '')));
      return 0;
    }
    const command = findCommand(name);
    if (rest.includes('--help') || rest.includes('-h')) {
      await print(terminal.stdout, commandUsage(command));
      return 0;
    }
    return await command.run(CommandArguments.parse(command, rest), terminal);
  } catch (error) {
    const usage = error instanceof UsageError;
    const known = COMMANDS.some(command => command.name === name);
    const where = known ? `${PRODUCT.command} ${name ?? ''}` : PRODUCT.command;
    const hint = usage
      ? ` (see: ${PRODUCT.command} ${known ? `help ${name ?? ''}` : '--help'})`
      : '';
    const picture = error instanceof UsageError && error.picture !== '' ? `${error.picture}\n` : '';
    terminal.stderr.write(`${where}: ${formatCliError(error)}${hint}\n${picture}`);
    return usage ? 2 : 1;
  }
}

function findCommand(name: string): Command {
  const command = COMMANDS.find(candidate => candidate.name === name);
  if (command === undefined) throw new UsageError(`no command ${JSON.stringify(name)}`);
  return command;
}
