import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ConnectionStringError,
  parseConnectionString,
  type ConnectionParameters,
} from './connectionString';
import type { Surroundings } from './resolveTarget';

/**
 * Reads one service of the connection service files (doc: "The Connection Service File"): the user's
 * own file first, then the system-wide one. Throws ConnectionStringError when no file has it.
 */
export async function readService(
  name: string,
  surroundings: Surroundings,
): Promise<ConnectionParameters> {
  for (const file of serviceFiles(surroundings)) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const parameters = parseService(text, name);
    if (parameters !== undefined) return parameters;
  }
  throw new ConnectionStringError(`No service file defines the service "${name}".`);
}

/** The parameters in the section `[name]`, or undefined when there is no such section. */
export function parseService(text: string, name: string): ConnectionParameters | undefined {
  let section: string | undefined;
  let found: string[] | undefined;
  for (const line of text.split(/\r?\n/).map(raw => raw.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(.*)\]$/.exec(line);
    if (header !== null) {
      // As libpq: the first section of that name counts.
      if (found !== undefined) break;
      section = header[1];
      if (section === name) found = [];
    } else if (section === name && found !== undefined) {
      const equals = line.indexOf('=');
      if (equals < 1)
        throw new ConnectionStringError(`The service "${name}" has a line without "=".`);
      const value = line
        .slice(equals + 1)
        .trim()
        .replaceAll(/[\\']/g, '\\$&');
      found.push(`${line.slice(0, equals).trim()}='${value}'`);
    }
  }
  return found === undefined ? undefined : parseConnectionString(found.join(' '));
}

function serviceFiles({ env, home, platform }: Surroundings): readonly string[] {
  const own =
    env.PGSERVICEFILE ??
    (platform === 'win32'
      ? path.join(env.APPDATA ?? home, 'postgresql', '.pg_service.conf')
      : path.join(home, '.pg_service.conf'));
  const system = path.join(env.PGSYSCONFDIR ?? '/etc/postgresql-common', 'pg_service.conf');
  return [own, system];
}
