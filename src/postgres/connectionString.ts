import { SSL_MODES, type SslMode } from '../shared/connection';

/**
 * The connection parameters we use; the names are libpq's (doc: "Parameter Key Words"). `host`, `hostaddr` and
 * `port` may be lists with commas.
 */
export interface ConnectionParameters {
  readonly host?: string;
  readonly hostaddr?: string;
  readonly port?: string;
  readonly dbname?: string;
  readonly user?: string;
  readonly password?: string;
  readonly passfile?: string;
  readonly service?: string;
  readonly connect_timeout?: string;
  readonly options?: string;
  readonly sslmode?: string;
  readonly sslrootcert?: string;
  readonly sslcert?: string;
  readonly sslkey?: string;
  readonly sslpassword?: string;
  readonly sslcrl?: string;
  readonly sslnegotiation?: string;
  readonly channel_binding?: string;
  readonly target_session_attrs?: string;
  readonly load_balance_hosts?: string;
  readonly keepalives?: string;
  readonly keepalives_idle?: string;
  readonly require_auth?: string;
  readonly requirepeer?: string;
  readonly gssencmode?: string;
  readonly sslcertmode?: string;
  readonly sslsni?: string;
  readonly ssl_min_protocol_version?: string;
  readonly ssl_max_protocol_version?: string;
  readonly min_protocol_version?: string;
}

export type ParameterName = keyof ConnectionParameters;

/** A connection string that cannot be used. The message never repeats a value, which may be a secret. */
export class ConnectionStringError extends Error {
  override readonly name = 'ConnectionStringError';
  readonly code = 'connection-string';
}

const USED: ReadonlySet<string> = new Set<ParameterName>([
  'host',
  'hostaddr',
  'port',
  'dbname',
  'user',
  'password',
  'passfile',
  'service',
  'connect_timeout',
  'options',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslcrl',
  'sslnegotiation',
  'channel_binding',
  'target_session_attrs',
  'load_balance_hosts',
  'keepalives',
  'keepalives_idle',
  'require_auth',
  'requirepeer',
  'gssencmode',
  'sslcertmode',
  'sslsni',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'min_protocol_version',
]);

/**
 * Known to libpq and without a meaning here: we choose these ourselves, or they only tune what the system
 * decides, or they belong to GSSAPI, which is not spoken here.
 */
const IGNORED: ReadonlySet<string> = new Set([
  'application_name',
  'fallback_application_name',
  'client_encoding',
  'gssdelegation',
  'gsslib',
  'keepalives_count',
  'keepalives_interval',
  'krbsrvname',
  'max_protocol_version',
  'replication',
  'sslcompression',
  'tcp_user_timeout',
]);

/** Known to libpq, and ignoring them would do less than was asked for. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'oauth_client_id',
  'oauth_client_secret',
  'oauth_issuer',
  'oauth_scope',
  'scram_client_key',
  'scram_server_key',
  'sslcrldir',
  'sslkeylogfile',
]);

/** Reads a libpq connection string: a `postgresql://` URI or `key=value` pairs. */
export function parseConnectionString(text: string): ConnectionParameters {
  const trimmed = text.trim();
  const uri = /^postgres(?:ql)?:\/\//.exec(trimmed);
  if (uri !== null) return check(parseUri(trimmed.slice(uri[0].length)));
  if (/^[a-z][a-z0-9+.:-]*:\/\//i.test(trimmed)) {
    throw new ConnectionStringError('The connection URI must begin with postgresql://.');
  }
  if (trimmed !== '' && !trimmed.includes('=')) {
    throw new ConnectionStringError(
      'A connection string is postgresql://user@host/database, or pairs such as host=localhost user=me.',
    );
  }
  return check(parsePairs(trimmed));
}

type Pair = readonly [name: string, value: string];

function parseUri(text: string): readonly Pair[] {
  const pairs: Pair[] = [];
  const at = /^[^/@]*@/.exec(text);
  let rest = text;
  if (at !== null) {
    const credentials = at[0].slice(0, -1);
    rest = text.slice(at[0].length);
    const colon = credentials.indexOf(':');
    pairs.push(['user', decode(colon < 0 ? credentials : credentials.slice(0, colon))]);
    if (colon >= 0) pairs.push(['password', decode(credentials.slice(colon + 1))]);
  }
  const match = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest);
  const [hosts = '', database, query] = match?.slice(1) ?? [];
  pairs.push(...parseHosts(hosts));
  if (database !== undefined && database !== '') pairs.push(['dbname', decode(database)]);
  for (const part of query === undefined || query === '' ? [] : query.split('&')) {
    const equals = part.indexOf('=');
    if (equals < 0) throw new ConnectionStringError('A parameter after "?" in the URI has no "=".');
    const name = decode(part.slice(0, equals));
    const value = decode(part.slice(equals + 1));
    // As libpq: the spelling of JDBC.
    if (name === 'ssl' && value === 'true') pairs.push(['sslmode', 'require']);
    else pairs.push([name, value]);
  }
  return pairs;
}

/** One host or several with commas, each with a port or without. */
function parseHosts(text: string): readonly Pair[] {
  if (text === '') return [];
  // No host has an "@": this is the rest of a password, which must not become part of a message.
  if (text.includes('@')) {
    throw new ConnectionStringError(
      'The URI has more than one "@"; write "%40" for an "@" in the user name or the password.',
    );
  }
  const servers = text.split(',').map(parseHost);
  const hosts = servers.map(server => server.host).join(',');
  const ports = servers.map(server => server.port).join(',');
  return [
    ...(hosts === '' ? [] : ([['host', hosts]] as const)),
    ...(ports === '' ? [] : ([['port', ports]] as const)),
  ];
}

function parseHost(text: string): { readonly host: string; readonly port: string } {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text);
  if (match === null) {
    throw new ConnectionStringError(
      'The host in the URI cannot be read; an IPv6 address needs [].',
    );
  }
  const [, address, name = '', port = ''] = match;
  return { host: address ?? decode(name), port: decode(port) };
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new ConnectionStringError(
      'The URI has a "%" that is not followed by two hexadecimal digits; write "%25" for a "%".',
    );
  }
  if (decoded.includes('\0')) throw new ConnectionStringError('The URI has a zero byte ("%00").');
  return decoded;
}

/** `key = value` with blanks around, values in single quotes where needed, backslash escapes. */
function parsePairs(text: string): readonly Pair[] {
  const pairs: Pair[] = [];
  const pattern =
    /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'(?=\s|$)|((?:[^\s'\\]|\\.)*)(?=\s|$))/suy;
  const end = text.trimEnd().length;
  let at = 0;
  while (at < end) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) {
      throw new ConnectionStringError(
        `The connection string cannot be read from character ${at + 1} on: name=value is expected, a value with blanks needs single quotes.`,
      );
    }
    const value = (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/gsu, '$1');
    pairs.push([match[1] ?? '', value]);
    at = pattern.lastIndex;
  }
  return pairs;
}

function check(pairs: readonly Pair[]): ConnectionParameters {
  const parameters: Partial<Record<ParameterName, string>> = {};
  for (const [name, value] of pairs) {
    if (UNSUPPORTED.has(name)) {
      throw new ConnectionStringError(`The connection parameter "${name}" is not supported here.`);
    }
    if (isUsed(name)) parameters[name] = value;
    else if (!IGNORED.has(name)) {
      // After a password it may be a part of one that was not quoted or escaped.
      throw new ConnectionStringError(
        parameters.password === undefined && /^[a-z_]{1,40}$/i.test(name)
          ? `Unknown connection parameter "${name}".`
          : 'The connection string has an unknown parameter.',
      );
    }
  }
  return parameters;
}

function isUsed(name: string): name is ParameterName {
  return USED.has(name);
}

/** Checks the values that have a form of their own. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new ConnectionStringError('The port must be a number from 1 to 65535.');
  }
  return port;
}

export function parseSslMode(text: string): SslMode {
  return parseChoice('sslmode', text, SSL_MODES);
}

/** One of the words that `name` may have. */
export function parseChoice<T extends string>(name: string, text: string, words: readonly T[]): T {
  const word = words.find(known => known === text);
  if (word !== undefined) return word;
  throw new ConnectionStringError(`${name} must be one of ${words.join(', ')}.`);
}

/** Seconds; less than 0 is 0, as in libpq, where it means that there is no limit of ours. */
export function parseSeconds(name: string, text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) {
    throw new ConnectionStringError(`${name} must be a number of seconds.`);
  }
  return Math.max(0, Number(text));
}
