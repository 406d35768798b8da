/** A server that the user named: where it is and how we may use it. Holds no secret. */
export interface ConnectionProfile {
  /** Unique; shown in the sidebar and used by commands to say which server. */
  readonly name: string;
  /** libpq URI or key/value string without a password. */
  readonly url: string;
  /** Refuse every statement that changes the server. */
  readonly readOnly: boolean;
}

export interface ProfileList {
  readonly profiles: readonly ConnectionProfile[];
  /** One sentence for each entry of the setting that cannot be used. */
  readonly problems: readonly string[];
}

export const PROFILE_NAME_LIMIT = 100;

/** Reads the setting `walExplorer.servers`, which people edit by hand: bad entries are told, not fatal. */
export function readProfiles(setting: unknown): ProfileList {
  if (setting === undefined || setting === null) return { profiles: [], problems: [] };
  if (!Array.isArray(setting)) {
    return { profiles: [], problems: ['The setting walExplorer.servers must be a list.'] };
  }
  const profiles: ConnectionProfile[] = [];
  const problems: string[] = [];
  const entries: readonly unknown[] = setting;
  for (const [index, entry] of entries.entries()) {
    const profile = readProfile(entry);
    const at = `Entry ${index + 1} of the setting walExplorer.servers`;
    if (typeof profile === 'string') problems.push(`${at} ${profile}.`);
    else if (profiles.some(other => other.name === profile.name)) {
      problems.push(`${at} repeats the name "${profile.name}".`);
    } else profiles.push(profile);
  }
  return { profiles, problems };
}

/** Why this name cannot be used for a new server; undefined when it can. */
export function nameProblem(name: string, taken: readonly string[]): string | undefined {
  const trimmed = name.trim();
  if (trimmed === '') return 'Give the server a name.';
  if (trimmed.length > PROFILE_NAME_LIMIT) {
    return `The name may have ${PROFILE_NAME_LIMIT} characters at most.`;
  }
  if (taken.includes(trimmed)) return 'There is a server of that name already.';
  return undefined;
}

/** `base`, or `base 2`, `base 3`, … whichever is free. */
export function freeName(base: string, taken: readonly string[]): string {
  const name = base.slice(0, PROFILE_NAME_LIMIT - 5);
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}

function readProfile(entry: unknown): ConnectionProfile | string {
  if (typeof entry !== 'object' || entry === null) return 'is not an object';
  const name = 'name' in entry ? entry.name : undefined;
  const url = 'url' in entry ? entry.url : undefined;
  const readOnly = 'readOnly' in entry ? entry.readOnly : false;
  if (typeof name !== 'string' || nameProblem(name, []) !== undefined) return 'has no usable name';
  if (typeof url !== 'string') return 'has no url';
  if (typeof readOnly !== 'boolean') return 'has a readOnly that is neither true nor false';
  return { name: name.trim(), url, readOnly };
}
