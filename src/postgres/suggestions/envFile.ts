import { interpolate } from './interpolate';
import type { Suggestion, Variables } from './suggestion';
import { parametersFrom, readProgramUrl } from './suggestion';

const LINE = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$/;

/** Reads an .env file: `NAME=value` lines, quotes, comments, and variables of lines before. Never throws. */
export function readEnvFile(text: string): Variables {
  const variables = new Map<string, string>();
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [, name, raw = ''] = LINE.exec(line) ?? [];
    if (name !== undefined) variables.set(name, readValue(raw.trim(), variables));
  }
  return variables;
}

/** The servers that the variables of an .env file describe. */
export function suggestionsIn(variables: Variables): readonly Suggestion[] {
  const urls = [...variables].flatMap(([what, value]) => {
    const parameters = readProgramUrl(value);
    return parameters === undefined ? [] : [{ what, parameters }];
  });
  return [...urls, ...libpqSet(variables), ...imageSet(variables)];
}

/** The variables that libpq reads itself. */
function libpqSet(variables: Variables): readonly Suggestion[] {
  const parameters = parametersFrom(variables, {
    host: 'PGHOST',
    port: 'PGPORT',
    dbname: 'PGDATABASE',
    user: 'PGUSER',
    password: 'PGPASSWORD',
    service: 'PGSERVICE',
    sslmode: 'PGSSLMODE',
  });
  const { host, dbname, service } = parameters;
  if (host === undefined && dbname === undefined && service === undefined) return [];
  return [{ what: 'PGHOST, PGDATABASE, …', parameters }];
}

/** The names that people take from the Postgres image; without a host they are the container's own. */
function imageSet(variables: Variables): readonly Suggestion[] {
  const parameters = parametersFrom(variables, {
    host: 'POSTGRES_HOST',
    port: 'POSTGRES_PORT',
    dbname: 'POSTGRES_DB',
    user: 'POSTGRES_USER',
    password: 'POSTGRES_PASSWORD',
  });
  if (parameters.host === undefined) return [];
  return [{ what: 'POSTGRES_HOST, POSTGRES_DB, …', parameters }];
}

function readValue(raw: string, variables: Variables): string {
  const single = /^'([^']*)'/.exec(raw)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(raw)?.[1];
  if (double !== undefined) {
    return interpolate(double.replaceAll(/\\(["\\])/g, '$1'), variables);
  }
  return interpolate(raw.replace(/(?:^|\s+)#.*$/, '').trim(), variables);
}
