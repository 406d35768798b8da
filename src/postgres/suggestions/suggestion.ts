import type { ConnectionParameters } from '../connectionString';
import { parseConnectionString } from '../connectionString';

/** A server that a file of the workspace describes. */
export interface Suggestion {
  readonly parameters: ConnectionParameters;
  /** What in the file describes it, such as `DATABASE_URL` or `service db`. Raw text of the file. */
  readonly what: string;
}

/** The variables of an .env file, or of a container. */
export type Variables = ReadonlyMap<string, string>;

/**
 * A connection URL as programs write it: also with a driver in its scheme (SQLAlchemy, JDBC), and with
 * parameters that only that program knows, which are left out. Undefined for what is no Postgres URL.
 */
export function readProgramUrl(text: string): ConnectionParameters | undefined {
  const match = /^(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?:\/\/([^?#]*)(?:\?([^#]*))?/.exec(text.trim());
  if (match === null) return undefined;
  const [, place = '', query = ''] = match;
  const known = query.split('&').filter(part => part !== '' && isKnown(part));
  try {
    const parameters = parseConnectionString(`postgresql://${place}?${known.join('&')}`);
    return Object.keys(parameters).length === 0 ? undefined : parameters;
  } catch {
    // Not finished, or for a program that reads it in another way: nothing to suggest.
    return undefined;
  }
}

function isKnown(part: string): boolean {
  try {
    parseConnectionString(`postgresql://?${part}`);
    return true;
  } catch {
    return false;
  }
}

/** Parameters from variables that have names of their own for them; empty ones count as absent. */
export function parametersFrom(
  variables: Variables,
  names: Readonly<Partial<Record<keyof ConnectionParameters, string>>>,
): ConnectionParameters {
  return Object.fromEntries(
    Object.entries(names).flatMap(([parameter, variable]) => {
      const value = variables.get(variable) ?? '';
      return value === '' ? [] : [[parameter, value]];
    }),
  );
}
