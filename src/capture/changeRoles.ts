import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { OVERVIEW_SERIES } from '../shared/overviewApi';
import { FRAME } from './frame';
import { OPAQUE_KIND } from './frameIndexer';
import { ROW } from './indexChunk';
import { letterOf } from './operations';

/** Kinds of changes that are counted one by one: the roles below this number, in the order of `OVERVIEW_SERIES`. */
export const SERIES = OVERVIEW_SERIES.length;

/** What a message is to somebody who counts, where it is no change of a known operation. */
export const ROLE = { other: SERIES - 1, commit: 16, gap: 17, nothing: 255 } as const;

/** What each letter counts as: its series, or one of {@link ROLE}. */
export const ROLES: Uint8Array = (() => {
  const table = new Uint8Array(256).fill(ROLE.nothing);
  OVERVIEW_SERIES.forEach((series, i) => {
    if (series !== 'other') table[letterOf(series)] = i;
  });
  table[OPAQUE_KIND] = ROLE.other;
  const { commit, streamCommit, commitPrepared } = MessageLetter;
  for (const letter of [commit, streamCommit, commitPrepared]) table[letter] = ROLE.commit;
  table[FRAME.gap] = ROLE.gap;
  return table;
})();

const NO_CHANGE = ROW.ownFrame | ROW.unknown | ROW.repeated;

/** False of what is not what its letter says, and of what came before already. */
export function isCounted(role: number, flags: number): boolean {
  return (flags & (role === ROLE.other ? ROW.ownFrame : NO_CHANGE)) === 0;
}
