import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { applicationDataFile } from './applicationData';
import {
  ConnectionStringError,
  parseConnectionString,
  type ConnectionParameters,
} from './connectionString';
import type { Surroundings } from './resolveTarget';

/** A service that a connection can be made by, and the file that describes it. */
export interface NamedService {
  readonly name: string;
  readonly file: string;
}

/** A name that begins a line in a service file, and the file's text up to the next one. */
interface Section {
  readonly name: string;
  readonly lines: readonly string[];
}

/**
 * Reads one service of the connection service files (doc: "The Connection Service File"): the user's
 * own file first, then the system-wide one. Throws ConnectionStringError when no file has it.
 */
export async function readService(
  name: string,
  surroundings: Surroundings,
): Promise<ConnectionParameters> {
  const files = serviceFiles(surroundings);
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const parameters = parseService(text, name);
    if (parameters !== undefined) return parameters;
  }
  throw new ConnectionStringError(
    `No service file defines the service "${name}" (looked into ${files.join(' and ')}).`,
  );
}

/** The services of all service files, each where it would be found. Files that are not there have none. */
export async function listServices(surroundings: Surroundings): Promise<readonly NamedService[]> {
  const services: NamedService[] = [];
  for (const file of serviceFiles(surroundings)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const { name } of sections(text)) {
      if (!services.some(service => service.name === name)) services.push({ name, file });
    }
  }
  return services;
}

/** The parameters in the section `[name]`, or undefined when there is no such section. */
export function parseService(text: string, name: string): ConnectionParameters | undefined {
  // As libpq: the first section of that name counts.
  const section = sections(text).find(each => each.name === name);
  if (section === undefined) return undefined;
  const pairs = section.lines.map(line => {
    const equals = line.indexOf('=');
    if (equals < 1)
      throw new ConnectionStringError(`The service "${name}" has a line without "=".`);
    const key = line.slice(0, equals).trim();
    if (key === 'service') {
      throw new ConnectionStringError(`The service "${name}" names another service.`);
    }
    const value = line
      .slice(equals + 1)
      .trim()
      .replaceAll(/[\\']/g, '\\$&');
    return `${key}='${value}'`;
  });
  return parseConnectionString(pairs.join(' '));
}

/** Where services are looked for, in this order (fe-connect.c: parseServiceInfo). */
export function serviceFiles(surroundings: Surroundings): readonly string[] {
  const { env, home, platform } = surroundings;
  const onWindows = platform === 'win32';
  const own =
    nonEmpty(env.PGSERVICEFILE) ??
    (onWindows
      ? applicationDataFile(surroundings, '.pg_service.conf')
      : path.join(home, '.pg_service.conf'));
  // A build of libpq has the folder built in; on Windows it lies beside a program that we do not know.
  const folder = nonEmpty(env.PGSYSCONFDIR) ?? (onWindows ? undefined : '/etc/postgresql-common');
  return folder === undefined ? [own] : [own, path.join(folder, 'pg_service.conf')];
}

function sections(text: string): readonly Section[] {
  const found: { readonly name: string; readonly lines: string[] }[] = [];
  // Editors on Windows begin a file with a byte order mark.
  for (const line of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map(raw => raw.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const name = /^\[(.*)\]$/.exec(line)?.[1];
    if (name === undefined) found.at(-1)?.lines.push(line);
    else found.push({ name, lines: [] });
  }
  return found;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
