import { randomBytes } from 'node:crypto';

/** How everything of ours on a server begins: slots and application names. */
export const OWN_PREFIX = 'walexplorer_';

/** `NAMEDATALEN` - 1: longest name of a slot, and longest application_name, in bytes. */
const MAX_NAME = 63;

/** What a session of ours does. */
type OwnKind = 'tail' | 'peek' | 'consume' | 'change' | 'view';

/**
 * A name for a slot of ours and for the sessions that belong to it, which tells a DBA whom to call:
 * `walexplorer_tail_ada_5f3a9c01`. Slot names allow only lower-case letters, digits and underscores.
 */
export function ownName(kind: OwnKind, user: string): string {
  const random = randomBytes(4).toString('hex');
  const frame = `${OWN_PREFIX}${kind}__${random}`.length;
  const who = user
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '_')
    .slice(0, MAX_NAME - frame);
  return `${OWN_PREFIX}${kind}_${who}_${random}`;
}

export function isOwnName(name: string): boolean {
  return name.startsWith(OWN_PREFIX);
}
