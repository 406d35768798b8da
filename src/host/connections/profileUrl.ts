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
  const database =
    parameters.dbname === undefined ? '' : `/${encodeURIComponent(parameters.dbname)}`;
  const servers = serversPart(parameters);
  const rest = Object.entries(parameters as Readonly<Record<string, string>>).filter(
    ([name]) => !PLACED.has(name),
  );
  // Ports that do not belong to the hosts beside them.
  if (servers === undefined && parameters.port !== undefined) rest.push(['port', parameters.port]);
  const written = rest.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const query = written.length === 0 ? '' : `?${written.join('&')}`;
  return `postgresql://${user}${servers ?? hostsPart(parameters)}${database}${query}`;
}

/** A name for a server that nobody named: `shop@db.example.com`, of several hosts with the first. */
export function suggestName(parameters: ConnectionParameters): string {
  const [first = ''] = (parameters.host ?? parameters.hostaddr ?? '').split(',');
  const host = first === '' ? (parameters.service ?? 'localhost') : first;
  const what = parameters.dbname ?? parameters.user;
  return what === undefined ? host : `${what}@${host}`;
}

/** The hosts, each with its port; undefined where there are ports for other hosts than these. */
function serversPart({ host, port }: ConnectionParameters): string | undefined {
  const hosts = (host ?? '').split(',');
  const ports = (port ?? '').split(',');
  if (ports.length > 1 && ports.length !== hosts.length) return undefined;
  return hosts
    .map((each, at) => {
      const own = (ports.length === 1 ? ports[0] : ports[at])?.trim() ?? '';
      return `${hostPart(each.trim())}${own === '' ? '' : `:${encodeURIComponent(own)}`}`;
    })
    .join(',');
}

function hostsPart({ host }: ConnectionParameters): string {
  return (host ?? '').split(',').map(hostPart).join(',');
}

function hostPart(host: string): string {
  return host.includes(':') ? `[${host}]` : encodeURIComponent(host);
}
