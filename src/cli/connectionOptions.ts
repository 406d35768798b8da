import { ConnectionStringError, parseConnectionString } from '../postgres/connectionString';
import { resolveTarget } from '../postgres/resolveTarget';
import { formatServers } from '../postgres/serverList';
import type { ConnectionTarget, ProfileFacts } from '../shared/connection';
import { CliError, UsageError } from './cliError';
import type { OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';
import type { Terminal } from './terminal';

export const ENVIRONMENT_HELP = `Connection: --url takes a libpq URI or key/value string; what it leaves out comes from the PG*
variables, the service file and the password file, as in libpq. PGWAL_READ_ONLY=1 is --read-only.
`;

/** What every command that connects takes. */
export const CONNECTION_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'url',
    value: 'URL',
    help: 'The server: a libpq URI or key/value string. PG* variables, service file and password file fill in what it leaves out.',
  },
  {
    name: 'read-only',
    help: 'Refuse everything that changes the server for good. Looking stays possible. Also PGWAL_READ_ONLY=1.',
  },
];

export interface Connection {
  readonly target: ConnectionTarget;
  readonly profile: ProfileFacts;
}

/** Where to connect, and what is allowed there. */
export async function resolveConnection(
  args: CommandArguments,
  terminal: Terminal,
): Promise<Connection> {
  try {
    const { target, warnings } = await resolveTarget(parseConnectionString(args.text('url') ?? ''));
    for (const warning of warnings) terminal.stderr.write(`pgwal: ${warning}\n`);
    const readOnly = args.flag('read-only') || isOn(terminal.env['PGWAL_READ_ONLY']);
    return { target, profile: { name: formatServers(target), readOnly } };
  } catch (error) {
    if (error instanceof ConnectionStringError) throw new UsageError(error.message);
    throw error instanceof Error ? new CliError(error.message) : error;
  }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'off', 'no'].includes(value.toLowerCase());
}
