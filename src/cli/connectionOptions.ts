import { ConnectionStringError, parseConnectionString } from '../postgres/connectionString';
import { resolveThroughSsh } from '../postgres/ssh/resolveThroughSsh';
import { formatServers } from '../postgres/serverList';
import type { ConnectionTarget, ProfileFacts } from '../shared/connection';
import { CliError, UsageError } from './cliError';
import type { OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';
import type { Terminal } from './terminal';

export const ENVIRONMENT_HELP = `Connection: --url takes a libpq URI or key/value string; what it leaves out comes from the PG*
variables, the service file and the password file, as in libpq. PGWAL_READ_ONLY=1 is --read-only,
PGWAL_SSH is --ssh.
`;

/** What every command that connects takes. */
export const CONNECTION_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'url',
    value: 'URL',
    help: 'The server: a libpq URI or key/value string. PG* variables, service file and password file fill in what it leaves out.',
  },
  {
    name: 'ssh',
    value: 'DEST',
    help: 'Connect through this SSH server, by the ssh program and its configuration: user@host, ssh://user@host:port, or a name of that configuration. Hosts are those that it sees. Also PGWAL_SSH.',
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
    const { target, warnings } = await resolveThroughSsh(
      parseConnectionString(args.text('url') ?? ''),
      args.text('ssh') ?? terminal.env['PGWAL_SSH'] ?? '',
    );
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
