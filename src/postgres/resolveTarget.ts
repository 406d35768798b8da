import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ConnectionTarget, ServerAddress, SslMode } from '../shared/connection';
import { applicationDataFile } from './applicationData';
import { readChoices, usesClientCertificate, type ParameterValue } from './connectionChoices';
import {
  ConnectionStringError,
  parseSeconds,
  parseSslMode,
  type ConnectionParameters,
  type ParameterName,
} from './connectionString';
import { readHostList, type ListedServer } from './hostList';
import { matchPassword, readPasswordFile } from './passwordFile';
import { readService } from './serviceFile';
import { isSocketDirectory } from './tlsOptions';

/** Where the defaults come from; a test gives its own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userName: string;
  readonly platform: NodeJS.Platform;
  /** Folders that libpq builds look for the server's Unix socket in. */
  readonly socketFolders: readonly string[];
}

export interface ResolvedTarget {
  readonly target: ConnectionTarget;
  /** Remarks for the log, such as a password file that others can read and is therefore left alone. */
  readonly warnings: readonly string[];
}

/** libpq waits for ever; a person at a screen should not. */
const DEFAULT_TIMEOUT_SECONDS = '10';

/** libpq's environment variables for the parameters we use (doc: "Environment Variables"). */
const VARIABLE_OF: Readonly<Record<ParameterName, string | undefined>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  service: 'PGSERVICE',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  // There are no variables for these.
  sslpassword: undefined,
  keepalives: undefined,
  keepalives_idle: undefined,
  sslcrl: 'PGSSLCRL',
  sslnegotiation: 'PGSSLNEGOTIATION',
  channel_binding: 'PGCHANNELBINDING',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
  require_auth: 'PGREQUIREAUTH',
  requirepeer: 'PGREQUIREPEER',
  gssencmode: 'PGGSSENCMODE',
  sslcertmode: 'PGSSLCERTMODE',
  sslsni: 'PGSSLSNI',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  min_protocol_version: 'PGMINPROTOCOLVERSION',
};

export function processSurroundings(): Surroundings {
  return {
    env: process.env,
    home: os.homedir(),
    userName: os.userInfo().username,
    platform: process.platform,
    socketFolders: ['/var/run/postgresql', '/run/postgresql', '/tmp'],
  };
}

/**
 * Completes the given parameters as libpq does: first the named service, then the PG* variables, then
 * defaults; the password at last from the password file. What is given always wins.
 */
export async function resolveTarget(
  given: ConnectionParameters,
  surroundings: Surroundings = processSurroundings(),
): Promise<ResolvedTarget> {
  const { env } = surroundings;
  const warnings: string[] = [];
  const serviceName = given.service ?? env.PGSERVICE;
  const service =
    serviceName === undefined || serviceName === ''
      ? {}
      : await readService(serviceName, surroundings);
  const value = (name: ParameterName): string | undefined => {
    const variable = VARIABLE_OF[name];
    return [given[name], service[name], variable === undefined ? undefined : env[variable]].find(
      candidate => candidate !== undefined && candidate !== '',
    );
  };

  const user = value('user') ?? surroundings.userName;
  const database = value('dbname') ?? user;
  const sslMode = resolveSslMode(value);
  const listed = readHostList({
    host: value('host'),
    hostaddr: value('hostaddr'),
    port: value('port'),
  });
  const found = listed.map(each => withDefaultHost(each, surroundings));
  if (value('requirepeer') !== undefined && found.some(usesSocket)) {
    throw new ConnectionStringError(
      'requirepeer is not supported: who owns the server of a Unix socket cannot be told here.',
    );
  }
  const common = value('password');
  const file =
    common === undefined
      ? await readPasswordFile(value('passfile'), surroundings)
      : { text: '', warnings: [] };
  warnings.push(...file.warnings);
  const servers = found.map((server): ServerAddress => {
    const host = passwordHost(server.host, surroundings);
    const password =
      common ?? matchPassword(file.text, { host, port: server.port, database, user });
    return { ...server, ...(password === undefined ? {} : { password }) };
  });
  const options = value('options');
  const [first] = servers;
  if (first === undefined) throw new ConnectionStringError('There is no host.');
  return {
    target: {
      ...first,
      user,
      database,
      sslMode,
      connectTimeout: parseSeconds(
        'connect_timeout',
        value('connect_timeout') ?? DEFAULT_TIMEOUT_SECONDS,
      ),
      ...(servers.length === 1 ? {} : { servers }),
      ...(options === undefined ? {} : { options }),
      ...certificateFiles(value, surroundings),
      ...choicesFor(value, sslMode),
    },
    warnings,
  };
}

/** The authorities of the system sign for everybody, so that only the name tells servers apart. */
function resolveSslMode(value: ParameterValue): SslMode {
  const given = value('sslmode');
  const system = value('sslrootcert') === 'system';
  const mode = parseSslMode(given ?? (system ? 'verify-full' : 'prefer'));
  if (system && mode !== 'verify-full') {
    throw new ConnectionStringError(
      `sslrootcert=system goes only with sslmode=verify-full, not with ${mode}.`,
    );
  }
  return mode;
}

function choicesFor(value: ParameterValue, sslMode: SslMode): ReturnType<typeof readChoices> {
  const choices = readChoices(value);
  if (choices.sslNegotiation === 'direct' && ['disable', 'allow', 'prefer'].includes(sslMode)) {
    throw new ConnectionStringError(
      `sslnegotiation=direct needs sslmode=require, verify-ca or verify-full, not ${sslMode}.`,
    );
  }
  return choices;
}

/** An address alone is its own name; where nothing is given, the server is on this machine. */
function withDefaultHost(
  { host, hostAddress, port }: ListedServer,
  surroundings: Surroundings,
): ServerAddress {
  if (host === undefined) return { host: hostAddress ?? defaultHost(port, surroundings), port };
  return { host, ...(hostAddress === undefined ? {} : { hostAddress }), port };
}

function usesSocket({ host, hostAddress }: ServerAddress): boolean {
  return hostAddress === undefined && isSocketDirectory(host);
}

/** libpq was built with one socket folder; we do not know which, and take the one that has a socket. */
function defaultHost(port: number, { platform, socketFolders }: Surroundings): string {
  if (platform === 'win32') return 'localhost';
  const folder = socketFolders.find(candidate =>
    existsSync(path.posix.join(candidate, `.s.PGSQL.${String(port)}`)),
  );
  return folder ?? 'localhost';
}

/** In the password file, `localhost` also stands for the default socket folder. */
function passwordHost(host: string, { socketFolders }: Surroundings): string {
  return isSocketDirectory(host) && socketFolders.includes(host) ? 'localhost' : host;
}

/** Certificate files that are not named are used where they lie by default, as in libpq. */
function certificateFiles(
  value: ParameterValue,
  surroundings: Surroundings,
): Pick<ConnectionTarget, 'sslRootCert' | 'sslCrl' | 'sslCert' | 'sslKey'> {
  const file = (name: 'sslrootcert' | 'sslcrl' | 'sslcert' | 'sslkey', fallback: string) => {
    const named = value(name);
    if (named !== undefined) return named;
    const usual =
      surroundings.platform === 'win32'
        ? applicationDataFile(surroundings, fallback)
        : path.join(surroundings.home, '.postgresql', fallback);
    return existsSync(usual) ? usual : undefined;
  };
  const sslRootCert = file('sslrootcert', 'root.crt');
  const sslCrl = file('sslcrl', 'root.crl');
  const shown = usesClientCertificate(value);
  const sslCert = shown ? file('sslcert', 'postgresql.crt') : undefined;
  const sslKey = file('sslkey', 'postgresql.key');
  return {
    ...(sslRootCert === undefined ? {} : { sslRootCert }),
    // Without an authority nothing is checked.
    ...(sslCrl === undefined || sslRootCert === undefined ? {} : { sslCrl }),
    ...(sslCert === undefined ? {} : { sslCert }),
    // A key is of use only beside its certificate.
    ...(sslKey === undefined || sslCert === undefined ? {} : { sslKey }),
  };
}
