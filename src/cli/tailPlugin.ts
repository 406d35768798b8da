import { readPublications } from '../postgres/catalog/publications';
import { explainFailure } from '../postgres/explainFailure';
import { ownName } from '../postgres/ownName';
import { openSqlSession } from '../postgres/sqlSession';
import type { TailPlugin } from '../shared/session';
import { CliError, UsageError } from './cliError';
import type { CommandArguments } from './commandArguments';
import type { Connection } from './connectionOptions';
import type { Terminal } from './terminal';

/** So many names are read in a sentence. */
const MOST_NAMES = 10;

/** What the arguments say of the plugin; undefined where they leave it to what the database has. */
export function askedPlugin(args: CommandArguments): TailPlugin | undefined {
  const hasPublications = args.texts('publication').length > 0;
  const otherwise = hasPublications ? 'pgoutput' : undefined;
  if (!args.has('plugin')) return otherwise;
  const plugin = args.choice('plugin', ['pgoutput', 'test_decoding'] as const, 'pgoutput');
  if (plugin === 'test_decoding' && hasPublications) {
    throw new UsageError('--plugin test_decoding follows all tables: it takes no --publication');
  }
  if (plugin === 'pgoutput' && !hasPublications) {
    throw new UsageError('--plugin pgoutput needs --publication P');
  }
  return plugin;
}

/** test_decoding, where there is no publication; else one of them is to be named. */
export async function pluginWithoutPublication(
  { target }: Connection,
  terminal: Terminal,
): Promise<TailPlugin> {
  let names: readonly string[];
  try {
    const session = await openSqlSession(target, {
      applicationName: ownName('tail', target.user),
      signal: terminal.interrupted,
    });
    try {
      names = (await readPublications(session)).map(({ name }) => JSON.stringify(name));
    } finally {
      await session.close();
    }
  } catch (error) {
    throw CliError.of(explainFailure(error, { target }));
  }
  if (names.length === 0) {
    terminal.stderr.write(
      'pgwal tail: the database has no publication: following all tables through test_decoding\n',
    );
    return 'test_decoding';
  }
  const more = names.length > MOST_NAMES ? ` and ${String(names.length - MOST_NAMES)} more` : '';
  throw new UsageError(
    `--publication is missing: the database has ${names.slice(0, MOST_NAMES).join(', ')}${more}; --plugin test_decoding follows all tables without one`,
  );
}
