import { missingPublications, readPublications } from '../postgres/catalog/publications';
import type { SqlSession } from '../postgres/sqlSession';
import { SessionEnded } from './sessionRequest';

/** So many names are read in a sentence. */
const MOST_NAMES = 10;

/**
 * Throws where a publication does not exist. They are looked up before a slot is made: the server
 * itself notices in mid-stream, and from 18 on it only warns and leaves the changes out.
 */
export async function requirePublications(
  session: SqlSession,
  wanted: readonly string[],
): Promise<void> {
  const missing = await missingPublications(session, wanted);
  if (missing.length === 0) return;
  const { database } = session.target;
  const existing = (await readPublications(session)).map(({ name }) => JSON.stringify(name));
  throw SessionEnded.failed({
    code: 'publication-missing',
    message: `There is no publication ${missing.map(name => JSON.stringify(name)).join(', ')} in the database ${JSON.stringify(database)}`,
    action:
      existing.length === 0
        ? 'Create one first: it shows only what is written after that.'
        : `It has: ${existing.slice(0, MOST_NAMES).join(', ')}${existing.length > MOST_NAMES ? ` and ${String(existing.length - MOST_NAMES)} more` : ''}.`,
    detail: '',
  });
}
