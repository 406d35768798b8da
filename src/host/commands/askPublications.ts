import { COMMANDS } from '../commandIds';
import { Cancelled, HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import { askPicks, BACK } from '../multiStep';
import type { ServerCatalog } from '../sidebar/serverCatalog';
import type { PeekMemory } from '../timeline/peekMemory';

/**
 * The publications that a slot is decoded with, where the server does not tell: those of the last peek at
 * it, else the only one that there is, else the answer to a question. Throws Cancelled.
 */
export async function publicationsOfSlot(
  parts: { readonly catalog: ServerCatalog; readonly memory: PeekMemory },
  at: { readonly server: string; readonly database: string; readonly slot: string },
): Promise<readonly string[]> {
  const { server, database, slot } = at;
  const names = await publicationsThere(parts.catalog, server, database);
  const last = parts.memory.publications(server, slot).filter(name => names.includes(name));
  if (last.length > 0) return last;
  if (names.length === 1) return names;
  return askPublications(names, `Which publications does the consumer of ${slot} use?`, []);
}

/** The publications of a database. Throws HostFailure where it has none. */
export async function publicationsThere(
  catalog: ServerCatalog,
  server: string,
  database: string,
): Promise<readonly string[]> {
  const names = await catalog.publicationNames(server, database);
  if (names.length === 0) throw noPublication(server, database);
  return names;
}

/** Asks what to tail: publications, or undefined for all tables without any. Throws Cancelled. */
export async function askTailed(names: readonly string[]): Promise<readonly string[] | undefined> {
  const all = {
    label: 'All tables, through test_decoding',
    description: 'needs no publication; tells less of keys and old values',
  };
  const publications = names.map(name => ({ name, label: messageText(name) }));
  const picked = await askPicks<Picked>({
    title: 'Tail which publications?',
    step: 1,
    totalSteps: 1,
    items: [...publications, all],
    placeholder: 'Choose one or more, then OK',
    selected: publications,
  });
  if (picked === BACK) throw new Cancelled();
  const chosen = picked.flatMap(({ name }) => (name === undefined ? [] : [name]));
  return chosen.length < picked.length ? undefined : chosen;
}

interface Picked {
  readonly label: string;
  readonly description?: string;
  /** A publication; undefined for all tables. */
  readonly name?: string;
}

/** Asks for one publication or more. Throws Cancelled. */
export async function askPublications(
  names: readonly string[],
  question: string,
  selected: readonly string[],
): Promise<readonly string[]> {
  const items = names.map(name => ({ name, label: messageText(name) }));
  const picked = await askPicks({
    title: question,
    step: 1,
    totalSteps: 1,
    items,
    placeholder: 'Choose one or more, then OK',
    selected: items.filter(item => selected.includes(item.name)),
  });
  if (picked === BACK) throw new Cancelled();
  return picked.map(item => item.name);
}

function noPublication(server: string, database: string): HostFailure {
  return new HostFailure(
    {
      code: 'no-publication',
      message: `The database ${database} has no publication, so there is nothing to decode.`,
      action: 'Create one: Create Publication… in the menu of the database.',
      detail: database,
    },
    {
      title: 'Create Publication…',
      command: COMMANDS.createPublication,
      argument: { server, database },
    },
  );
}
