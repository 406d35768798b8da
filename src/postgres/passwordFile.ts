import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { applicationDataFile } from './applicationData';
import type { Surroundings } from './resolveTarget';

interface Wanted {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

interface PasswordFile {
  /** Empty where there is none that may be used. */
  readonly text: string;
  readonly warnings: readonly string[];
}

/** Others may neither read nor write the file: mode 0600 or stricter. */
const OTHERS = 0o077;

/**
 * Reads the password file (doc: "The Password File"). One that others can read is left alone with a warning,
 * as libpq does; Windows has no such rule.
 */
export async function readPasswordFile(
  passfile: string | undefined,
  surroundings: Surroundings,
): Promise<PasswordFile> {
  const file = passfile ?? defaultPasswordFile(surroundings);
  try {
    const facts = await stat(file);
    if (!facts.isFile()) return { text: '', warnings: [`${file} is not a plain file`] };
    if (surroundings.platform !== 'win32' && (facts.mode & OTHERS) !== 0) {
      const warning = `password file ${file} has group or world access and is not used; its mode should be 0600 or less`;
      return { text: '', warnings: [warning] };
    }
    return { text: await readFile(file, 'utf8'), warnings: [] };
  } catch (error) {
    // No file is the usual case; one that was named and cannot be read is worth a remark.
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const warnings = missing && passfile === undefined ? [] : [`${file} cannot be read`];
    return { text: '', warnings };
  }
}

/**
 * The password of the first line of a password file that fits: lines are `host:port:database:user:password`,
 * and `*` fits everything.
 */
export function matchPassword(text: string, wanted: Wanted): string | undefined {
  const fields = [wanted.host, String(wanted.port), wanted.database, wanted.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const [given, password] = splitLine(line, fields.length);
    if (password === undefined) continue;
    if (fields.every((field, i) => given[i] === '*' || unescape(given[i]) === field)) {
      return unescape(password);
    }
  }
  return undefined;
}

/** The first `count` fields, still escaped, and what follows them. */
function splitLine(line: string, count: number): readonly [readonly string[], string | undefined] {
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at < line.length && fields.length < count; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === ':') {
      fields.push(line.slice(start, at));
      start = at + 1;
    }
  }
  return [fields, fields.length === count ? line.slice(start) : undefined];
}

function unescape(field: string | undefined): string {
  return (field ?? '').replaceAll(/\\(.)/gs, '$1');
}

/** Where the password file lies when nobody names one. */
export function defaultPasswordFile(surroundings: Surroundings): string {
  return surroundings.platform === 'win32'
    ? applicationDataFile(surroundings, 'pgpass.conf')
    : path.join(surroundings.home, '.pgpass');
}
