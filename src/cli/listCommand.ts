import { ownName } from '../postgres/ownName';
import type { SqlSession } from '../postgres/sqlSession';
import { openSqlSession } from '../postgres/sqlSession';
import { explainFailure } from '../postgres/explainFailure';
import { CliError } from './cliError';
import type { ExitStatus, OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';
import { resolveConnection } from './connectionOptions';
import { print } from './printText';
import type { Terminal } from './terminal';
import { textTable } from './textTable';

export const JSON_OPTION: OptionSpec = {
  name: 'json',
  help: 'Print a JSON array instead of a table.',
};

export interface Listing<T> {
  read(session: SqlSession): Promise<readonly T[]>;
  readonly head: readonly string[];
  row(item: T): readonly string[];
  json(item: T): object;
}

/** Asks the catalog and prints what it has, as a table for people or as JSON. */
export async function printList<T>(
  args: CommandArguments,
  terminal: Terminal,
  listing: Listing<T>,
): Promise<ExitStatus> {
  const { target } = await resolveConnection(args, terminal);
  let items: readonly T[];
  try {
    const session = await openSqlSession(target, {
      applicationName: ownName('view', target.user),
      signal: terminal.interrupted,
    });
    try {
      items = await listing.read(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    throw CliError.of(explainFailure(error, { target }));
  }
  const text = args.flag('json')
    ? `${JSON.stringify(
        items.map(item => listing.json(item)),
        undefined,
        2,
      )}\n`
    : textTable(
        listing.head,
        items.map(item => listing.row(item)),
      );
  await print(terminal.stdout, text);
  return 0;
}
