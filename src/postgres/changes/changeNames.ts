import { isOwnName, OWN_PREFIX } from '../ownName';

/** `NAMEDATALEN` - 1, in bytes. */
const MAX_NAME = 63;

/** Kept by the server for itself: src/include/replication/slot.h, CONFLICT_DETECTION_SLOT (19). */
const RESERVED_SLOT = 'pg_conflict_detection';

/**
 * What is wrong with a name for a new slot, in one sentence for a person who types it; undefined when
 * nothing is (`ReplicationSlotValidateName`, src/backend/replication/slot.c).
 */
export function slotNameProblem(name: string): string | undefined {
  if (name === '') return 'Enter a name for the slot.';
  const wrong = /[^a-z0-9_]/u.exec(name)?.[0];
  if (wrong !== undefined) {
    return `A slot name has only lower-case letters, digits and underscores, not ${describeCharacter(wrong)}.`;
  }
  if (name.length > MAX_NAME) {
    return `A slot name has at most ${String(MAX_NAME)} characters; this one has ${String(name.length)}.`;
  }
  if (name === RESERVED_SLOT) return `The name ${RESERVED_SLOT} is reserved by the server.`;
  if (isOwnName(name)) {
    return `Names that begin with ${OWN_PREFIX} are for the temporary slots of Postgres WAL Explorer.`;
  }
  return undefined;
}

/**
 * What is wrong with a name for a new publication; undefined when nothing is. Any character is
 * allowed in it, but the server would cut a name that is too long.
 */
export function publicationNameProblem(name: string): string | undefined {
  if (name === '') return 'Enter a name for the publication.';
  if (name.includes('\0')) return 'A publication name has no zero byte.';
  if (/\p{Surrogate}/u.test(name)) return 'A publication name has no half of a character.';
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > MAX_NAME) {
    return `A publication name has at most ${String(MAX_NAME)} bytes; this one has ${String(bytes)}.`;
  }
  return undefined;
}

function describeCharacter(character: string): string {
  if (character === ' ') return 'a space';
  if (/[A-Z]/.test(character)) return `the capital ${character}`;
  // What cannot be seen, or would turn the sentence around, is named by its number.
  if (/[^\p{L}\p{N}\p{P}\p{S}]|[\p{Bidi_Control}]/u.test(character)) {
    return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return character;
}
