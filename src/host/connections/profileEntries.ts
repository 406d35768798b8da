import type { ConnectionProfile } from './profile';
import { readProfiles } from './profile';

/**
 * Changes to the entries of the setting `walExplorer.servers` as they are written there: what cannot be
 * read stays as it is and where it is. The first entry of a name is the one that counts.
 */
export type Entries = readonly unknown[];

/** The entry of a profile, without what is as by default. */
export function entryOf(profile: ConnectionProfile): Readonly<Record<string, unknown>> {
  const { name, url, ssh, readOnly, label, color, maskedColumns = [] } = profile;
  return {
    name,
    url,
    ...(ssh === undefined ? {} : { ssh }),
    ...(readOnly ? { readOnly } : {}),
    ...(label === '' ? {} : { label }),
    ...(color === '' ? {} : { color }),
    ...(maskedColumns.length === 0 ? {} : { maskedColumns }),
  };
}

/** Adds at the end, or right below the server `below`. */
export function withAdded(entries: Entries, profile: ConnectionProfile, below?: string): Entries {
  const at = below === undefined ? -1 : indexOf(entries, below);
  return at < 0
    ? [...entries, entryOf(profile)]
    : [...entries.slice(0, at + 1), entryOf(profile), ...entries.slice(at + 1)];
}

/** Puts a profile in the place of the one named `name`; undefined when there is none any more. */
export function withReplaced(
  entries: Entries,
  name: string,
  profile: ConnectionProfile,
): Entries | undefined {
  const at = indexOf(entries, name);
  return at < 0 ? undefined : entries.map((entry, i) => (i === at ? entryOf(profile) : entry));
}

export function withoutServer(entries: Entries, name: string): Entries {
  const at = indexOf(entries, name);
  return at < 0 ? entries : entries.filter((_, i) => i !== at);
}

/**
 * Moves servers, in the order they have, in front of `before`, or to the end where that is undefined.
 * Changes nothing where they stand there already.
 */
function withMoved(
  entries: Entries,
  names: readonly string[],
  before: string | undefined,
): Entries {
  if (before !== undefined && names.includes(before)) return entries;
  const moving = new Set(names.map(name => indexOf(entries, name)));
  const moved = entries.filter((_, i) => moving.has(i));
  const rest = entries.filter((_, i) => !moving.has(i));
  const at = before === undefined ? -1 : indexOf(rest, before);
  return at < 0 ? [...rest, ...moved] : [...rest.slice(0, at), ...moved, ...rest.slice(at)];
}

/**
 * Puts servers where they were dropped: above the server that they were dropped on when they came from
 * below it, below it when they came from above, at the end when there is none.
 */
export function withDropped(
  entries: Entries,
  names: readonly string[],
  onto: string | undefined,
): Entries {
  const order = readProfiles(entries).profiles.map(profile => profile.name);
  if (onto === undefined || !order.includes(onto)) return withMoved(entries, names, undefined);
  if (names.includes(onto)) return entries;
  const target = order.indexOf(onto);
  const fromAbove = names.some(name => order.indexOf(name) < target);
  const next = order.slice(target + 1).find(name => !names.includes(name));
  return withMoved(entries, names, fromAbove ? next : onto);
}

/** Moves a server past its neighbour: up for -1, down for 1. The first and the last stay. */
export function withNudged(entries: Entries, name: string, by: -1 | 1): Entries {
  const names = readProfiles(entries).profiles.map(profile => profile.name);
  const at = names.indexOf(name);
  const neighbour = names[at + by];
  if (at < 0 || neighbour === undefined) return entries;
  return by < 0 ? withMoved(entries, [name], neighbour) : withMoved(entries, [neighbour], name);
}

function indexOf(entries: Entries, name: string): number {
  return entries.findIndex(entry => readProfiles([entry]).profiles[0]?.name === name);
}
