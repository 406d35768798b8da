import type { ConnectionParameters } from '../../postgres/connectionString';

/** The parameters that have a place of their own in a URI, or none at all. */
const PLACED: ReadonlySet<string> = new Set([
  'user',
  'password',
  'sslpassword',
  'host',
  'port',
  'dbname',
]);

/** Writes a profile's URL from its parts, always without what is secret. */
export function formatProfileUrl(parameters: ConnectionParameters): string {
  const user = parameters.user === undefined ? '' : `${encodeURIComponent(parameters.user)}@`;
  const port = parameters.port === undefined ? '' : `:${encodeURIComponent(parameters.port)}`;
  const database =
    parameters.dbname === undefined ? '' : `/${encodeURIComponent(parameters.dbname)}`;
  const rest = Object.entries(parameters as Readonly<Record<string, string>>)
    .filter(([name]) => !PLACED.has(name))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const query = rest.length === 0 ? '' : `?${rest.join('&')}`;
  return `postgresql://${user}${hostPart(parameters.host)}${port}${database}${query}`;
}

/** A name for a server that nobody named: `shop@db.example.com`. */
export function suggestName(parameters: ConnectionParameters): string {
  const host = parameters.host ?? parameters.hostaddr ?? parameters.service ?? 'localhost';
  const what = parameters.dbname ?? parameters.user;
  return what === undefined ? host : `${what}@${host}`;
}

function hostPart(host: string | undefined): string {
  if (host === undefined) return '';
  return host.includes(':') ? `[${host}]` : encodeURIComponent(host);
}
