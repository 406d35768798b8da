import type { ServerError } from '../postgres/serverError';
import type { SourceFacts } from '../shared/sourceFacts';
import { failedEnd } from './endReasons';
import type { SessionRequest, StreamEnd } from './sessionRequest';

type Source = Pick<SourceFacts, 'slot' | 'publications'>;

/** `The object is not in the state that is needed`: what 18 and later warn with. */
const NOT_IN_STATE = '55000';

/**
 * Up to 17 a stream ends where a publication does not exist at the point of WAL that is decoded
 * (src/backend/replication/pgoutput/pgoutput.c: LoadPublications). It existed when we began: a tail began
 * there too, so it was dropped since; a slot may stand before its creation.
 */
export function publicationEnd(
  kind: SessionRequest['kind'],
  { slot, publications }: Source,
  error: ServerError,
): StreamEnd {
  const named = namedIn(error, publications).map(name => JSON.stringify(name));
  const [list, plural] = [named.join(', '), named.length > 1];
  const detail = `${error.severity} ${error.sqlState}: ${error.message}`;
  if (kind === 'tail') {
    return failedEnd(
      'failed',
      'publication-dropped',
      `The publication${plural ? 's' : ''} ${list} ${plural ? 'were' : 'was'} dropped while we followed ${plural ? 'them' : 'it'}`,
      'Create it again, then start again.',
      detail,
    );
  }
  return failedEnd(
    'failed',
    'publication-too-young',
    `The publication${plural ? 's' : ''} ${list} did not exist yet where the slot ${JSON.stringify(slot)} stands in WAL`,
    'Name publications that did, or read the slot when its consumer has passed that point; a new slot begins after it.',
    detail,
  );
}

/** From 18 on the server only warns and leaves out the changes: the names it warns of, none for another notice. */
export function skippedPublications(
  notice: ServerError,
  publications: readonly string[],
): readonly string[] {
  if (notice.sqlState !== NOT_IN_STATE) return [];
  return publications.filter(name => notice.message.includes(`"${name}"`));
}

/** That warning, for a person. */
export function skippedRemark(kind: SessionRequest['kind'], name: string): string {
  return kind === 'tail'
    ? `The publication ${JSON.stringify(name)} was dropped: the server leaves out its changes`
    : `The publication ${JSON.stringify(name)} did not exist yet where the slot stands in WAL: the server leaves out its changes up to its creation`;
}

/** The server may quote in its own language's way; where nothing is found, all are named. */
function namedIn(error: ServerError, publications: readonly string[]): readonly string[] {
  const found = publications.filter(name => error.message.includes(name));
  return found.length > 0 ? found : publications;
}
