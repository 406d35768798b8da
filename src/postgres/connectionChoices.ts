import {
  CHANNEL_BINDINGS,
  LOAD_BALANCE_HOSTS,
  SSL_NEGOTIATIONS,
  TARGET_SESSION_ATTRS,
  TLS_VERSIONS,
  type ConnectionTarget,
  type TlsVersion,
} from '../shared/connection';
import {
  ConnectionStringError,
  parseChoice,
  parseSeconds,
  parseSslMode,
  type ConnectionParameters,
  type ParameterName,
} from './connectionString';
import { readHostList } from './hostList';
import { AUTH_METHODS } from './requireAuth';

/** What a parameter says; undefined where it is left to the default. */
export type ParameterValue = (name: ParameterName) => string | undefined;

type Choices = Pick<
  ConnectionTarget,
  | 'sslNegotiation'
  | 'channelBinding'
  | 'sslPassword'
  | 'sslMinVersion'
  | 'sslMaxVersion'
  | 'sslSni'
  | 'requireAuth'
  | 'targetSessionAttrs'
  | 'loadBalanceHosts'
  | 'keepalivesIdle'
>;

/** Whether a connection string can be used, as far as it can be told from it alone; throws where not. */
export function checkParameters(parameters: ConnectionParameters): void {
  const value = (name: ParameterName): string | undefined => {
    const given = parameters[name];
    return given === '' ? undefined : given;
  };
  const lists = { host: value('host'), hostaddr: value('hostaddr'), port: value('port') };
  const hostsElsewhere = lists.host === undefined && lists.hostaddr === undefined;
  // As many ports as hosts, which may come from the service file.
  if (!hostsElsewhere || lists.port?.includes(',') !== true) readHostList(lists);
  parseSslMode(value('sslmode') ?? 'prefer');
  parseSeconds('connect_timeout', value('connect_timeout') ?? '0');
  readChoices(value);
}

/**
 * The parameters whose values are words. What asks for more than can be done here, and would be less safe
 * without, is refused. Throws ConnectionStringError.
 */
export function readChoices(value: ParameterValue): Choices {
  refuseImpossible(value);
  const choice = <T extends string>(name: ParameterName, words: readonly T[]): T | undefined => {
    const text = value(name);
    return text === undefined ? undefined : parseChoice(name, text, words);
  };
  return compact({
    sslNegotiation: choice('sslnegotiation', SSL_NEGOTIATIONS),
    channelBinding: choice('channel_binding', CHANNEL_BINDINGS),
    sslPassword: value('sslpassword'),
    ...tlsVersions(value),
    sslSni: choice('sslsni', ['0', '1']) === '0' ? false : undefined,
    requireAuth: parseRequireAuth(value('require_auth')),
    targetSessionAttrs: choice('target_session_attrs', TARGET_SESSION_ATTRS),
    loadBalanceHosts: choice('load_balance_hosts', LOAD_BALANCE_HOSTS),
    keepalivesIdle: keepalivesIdle(value),
  });
}

/** Whether the client's certificate may be shown to the server. */
export function usesClientCertificate(value: ParameterValue): boolean {
  return value('sslcertmode') !== 'disable';
}

function refuseImpossible(value: ParameterValue): void {
  const words = {
    gssencmode: ['disable', 'prefer', 'require'],
    sslcertmode: ['disable', 'allow', 'require'],
  } as const;
  for (const name of ['gssencmode', 'sslcertmode'] as const) {
    const text = value(name);
    if (text === undefined) continue;
    if (parseChoice(name, text, words[name]) !== 'require') continue;
    const reason = name === 'gssencmode' ? 'GSSAPI is not spoken' : 'it cannot be checked';
    throw new ConnectionStringError(`${name}=require is not supported: ${reason} here.`);
  }
  const least = value('min_protocol_version');
  if (least === undefined) return;
  if (parseChoice('min_protocol_version', least, ['3.0', '3.2', 'latest']) !== '3.0') {
    throw new ConnectionStringError(
      `min_protocol_version=${least} is not supported: protocol 3.0 is spoken here.`,
    );
  }
}

function tlsVersions(value: ParameterValue): Pick<Choices, 'sslMinVersion' | 'sslMaxVersion'> {
  const version = (name: ParameterName): TlsVersion | undefined => {
    const text = value(name);
    if (text === undefined) return undefined;
    const known = TLS_VERSIONS.find(each => each.toLowerCase() === text.toLowerCase());
    return known ?? parseChoice(name, text, TLS_VERSIONS);
  };
  const sslMinVersion = version('ssl_min_protocol_version');
  const sslMaxVersion = version('ssl_max_protocol_version');
  // As in libpq the least is TLSv1.2 where none is given.
  const least = sslMinVersion ?? 'TLSv1.2';
  if (
    sslMaxVersion !== undefined &&
    TLS_VERSIONS.indexOf(sslMaxVersion) < TLS_VERSIONS.indexOf(least)
  ) {
    throw new ConnectionStringError(
      `ssl_max_protocol_version=${sslMaxVersion} is below ssl_min_protocol_version, which is ${least}.`,
    );
  }
  return compact({ sslMinVersion, sslMaxVersion });
}

/** Words with commas between them, either all with a `!` or none. */
function parseRequireAuth(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(',').map(word => word.trim());
  const negated = words.filter(word => word.startsWith('!'));
  if (negated.length !== 0 && negated.length !== words.length) {
    throw new ConnectionStringError('In require_auth either every method has a "!", or none has.');
  }
  if (new Set(words).size !== words.length) {
    throw new ConnectionStringError('require_auth names a method twice.');
  }
  for (const word of words) parseChoice('require_auth', word.replace(/^!/, ''), AUTH_METHODS);
  return words;
}

function keepalivesIdle(value: ParameterValue): number | 'off' | undefined {
  const keepalives = value('keepalives');
  if (keepalives !== undefined && parseSeconds('keepalives', keepalives) === 0) return 'off';
  const idle = value('keepalives_idle');
  return idle === undefined ? undefined : parseSeconds('keepalives_idle', idle);
}

/** Without what is undefined. */
function compact<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
