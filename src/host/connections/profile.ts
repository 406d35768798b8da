import type { ServerColor, ServerMark } from '../../shared/connection';
import { EVERYTHING, MASK_LIMIT, maskPatternProblem } from '../../shared/columnMask';
import { SERVER_COLORS, SERVER_LABEL_LIMIT } from '../../shared/connection';

/** A server that the user named: where it is and how we may use it. Holds no secret. */
export interface ConnectionProfile extends ServerMark {
  /** Unique; shown in the sidebar and used by commands to say which server. */
  readonly name: string;
  /** libpq URI or key/value string without a password. */
  readonly url: string;
  /** The SSH server that it is reached through, as `ssh` takes it; absent for none. */
  readonly ssh?: string;
  /** Refuse every statement that changes the server. */
  readonly readOnly: boolean;
  /** The columns whose values nobody gets to see, as patterns of {@link ColumnMask}; absent for none. */
  readonly maskedColumns?: readonly string[];
}

export interface ProfileList {
  readonly profiles: readonly ConnectionProfile[];
  /** One sentence for each thing in the setting that cannot be used. */
  readonly problems: readonly string[];
}

const PROFILE_NAME_LIMIT = 100;

/** Reads the setting `walExplorer.servers`, which people edit by hand: bad entries are told, not fatal. */
export function readProfiles(setting: unknown): ProfileList {
  if (setting === undefined || setting === null) return { profiles: [], problems: [] };
  if (!Array.isArray(setting)) {
    return { profiles: [], problems: ['The setting must be a list.'] };
  }
  const profiles: ConnectionProfile[] = [];
  const problems: string[] = [];
  const entries: readonly unknown[] = setting;
  for (const [index, entry] of entries.entries()) {
    const { profile, faults } = readProfile(entry);
    // What is wrong stands at the front: a sidebar is narrow.
    const at = `Entry ${index + 1}`;
    problems.push(...faults.map(fault => `${at} ${fault}.`));
    if (profile === undefined) continue;
    if (profiles.some(other => other.name === profile.name)) {
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

/** Why this text cannot be a label; undefined when it can. No label is one too. */
export function labelProblem(label: string): string | undefined {
  return label.trim().length > SERVER_LABEL_LIMIT
    ? `The label may have ${SERVER_LABEL_LIMIT} characters at most.`
    : undefined;
}

interface ReadEntry {
  /** Undefined where the entry cannot be used. */
  readonly profile?: ConnectionProfile;
  readonly faults: readonly string[];
}

const FIELDS: ReadonlySet<string> = new Set<keyof ConnectionProfile>([
  'name',
  'url',
  'ssh',
  'readOnly',
  'label',
  'color',
  'maskedColumns',
]);

function readProfile(entry: unknown): ReadEntry {
  if (typeof entry !== 'object' || entry === null) return { faults: ['is not an object'] };
  const fields = entry as Readonly<Record<string, unknown>>;
  const { name, url, readOnly = false } = fields;
  if (typeof name !== 'string' || nameProblem(name, []) !== undefined) {
    return { faults: ['has no usable name'] };
  }
  if (typeof url !== 'string') return { faults: ['has no url'] };
  // Whoever wrote one of these meant to protect the server: guessing could undo that.
  if (typeof readOnly !== 'boolean') {
    return { faults: ['has a readOnly that is neither true nor false'] };
  }
  const { ssh = '' } = fields;
  // Without it the same name may stand for another server.
  if (typeof ssh !== 'string') return { faults: ['has an ssh that is no text'] };
  const unknown = Object.keys(fields).filter(field => !FIELDS.has(field));
  const meant = unknown.find(field => /^read.?only$/i.test(field));
  if (meant !== undefined) return { faults: [`has "${meant}" where "readOnly" is meant`] };
  const tunnel = unknown.find(field => /^ssh/i.test(field));
  if (tunnel !== undefined) return { faults: [`has "${tunnel}" where "ssh" is meant`] };
  const mask = readMask(fields['maskedColumns']);
  const label = readLabel(fields['label']);
  const color = readColor(fields['color']);
  return {
    profile: {
      name: name.trim(),
      url,
      ...(ssh.trim() === '' ? {} : { ssh: ssh.trim() }),
      readOnly,
      label: label ?? '',
      color: color ?? '',
      ...(mask.columns.length === 0 ? {} : { maskedColumns: mask.columns }),
    },
    faults: [
      ...mask.faults,
      ...(label === undefined
        ? [`has a label that is no text of at most ${SERVER_LABEL_LIMIT} characters`]
        : []),
      ...(color === undefined ? [`has a color that is none of ${SERVER_COLORS.join(', ')}`] : []),
      ...unknown.map(field => `has "${field}", which means nothing here`),
    ],
  };
}

/** What cannot be read was meant to hide something: then everything is hidden. */
function readMask(value: unknown): {
  readonly columns: readonly string[];
  readonly faults: readonly string[];
} {
  if (value === undefined) return { columns: [], faults: [] };
  const list: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  const columns = list.filter(entry => typeof entry === 'string');
  if (columns.length < list.length || columns.length > MASK_LIMIT) {
    return {
      columns: [EVERYTHING],
      faults: ['has maskedColumns that is no list of columns, so that all values are masked'],
    };
  }
  const problems = columns.flatMap(pattern => maskPatternProblem(pattern) ?? []);
  return {
    columns,
    faults: problems.map(problem => `masks all values, because ${problem}`),
  };
}

function readLabel(value: unknown): string | undefined {
  if (value === undefined) return '';
  return typeof value === 'string' && labelProblem(value) === undefined ? value.trim() : undefined;
}

function readColor(value: unknown): ServerColor | '' | undefined {
  return value === undefined || value === '' ? '' : SERVER_COLORS.find(color => color === value);
}
