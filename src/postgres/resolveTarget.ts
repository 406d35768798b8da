import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CHANNEL_BINDINGS,
  SSL_NEGOTIATIONS,
  type ConnectionTarget,
  type SslMode,
} from '../shared/connection';
import { applicationDataFile } from './applicationData';
import {
  ConnectionStringError,
  parseChoice,
  parsePort,
  parseSslMode,
  parseTimeout,
  type ConnectionParameters,
  type ParameterName,
} from './connectionString';
import { findPassword } from './passwordFile';
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

const DEFAULT_PORT = '5432';
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
  // There is no variable for this one.
  sslpassword: undefined,
  sslcrl: 'PGSSLCRL',
  sslnegotiation: 'PGSSLNEGOTIATION',
  channel_binding: 'PGCHANNELBINDING',
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

  const port = parsePort(value('port') ?? DEFAULT_PORT);
  const user = value('user') ?? surroundings.userName;
  const database = value('dbname') ?? user;
  const sslMode = resolveSslMode(value);
  const named = value('host');
  const address = value('hostaddr');
  if (named?.includes(',') === true || address?.includes(',') === true) {
    throw new ConnectionStringError(
      'Several hosts in one connection are not supported: name one of them.',
    );
  }
  // The name is needed to verify a certificate; else the address saves looking it up.
  const host =
    (sslMode === 'verify-full' ? (named ?? address) : (address ?? named)) ??
    defaultHost(port, surroundings);

  let password = value('password');
  if (password === undefined) {
    const found = await findPassword(
      { host: passwordHost(named ?? host, surroundings), port, database, user },
      value('passfile'),
      surroundings,
    );
    password = found.password;
    warnings.push(...found.warnings);
  }
  const options = value('options');
  return {
    target: {
      host,
      port,
      user,
      database,
      sslMode,
      connectTimeout: parseTimeout(value('connect_timeout') ?? DEFAULT_TIMEOUT_SECONDS),
      ...(password === undefined ? {} : { password }),
      ...(options === undefined ? {} : { options }),
      ...certificateFiles(value, surroundings),
      ...tlsChoices(value, sslMode),
    },
    warnings,
  };
}

/** The authorities of the system sign for everybody, so that only the name tells servers apart. */
function resolveSslMode(value: (name: ParameterName) => string | undefined): SslMode {
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

function tlsChoices(
  value: (name: ParameterName) => string | undefined,
  sslMode: SslMode,
): Pick<ConnectionTarget, 'sslNegotiation' | 'channelBinding' | 'sslPassword'> {
  const negotiation = value('sslnegotiation');
  const binding = value('channel_binding');
  const sslPassword = value('sslpassword');
  const sslNegotiation =
    negotiation === undefined
      ? undefined
      : parseChoice('sslnegotiation', negotiation, SSL_NEGOTIATIONS);
  if (sslNegotiation === 'direct' && ['disable', 'allow', 'prefer'].includes(sslMode)) {
    throw new ConnectionStringError(
      `sslnegotiation=direct needs sslmode=require, verify-ca or verify-full, not ${sslMode}.`,
    );
  }
  return {
    ...(sslNegotiation === undefined ? {} : { sslNegotiation }),
    ...(binding === undefined
      ? {}
      : { channelBinding: parseChoice('channel_binding', binding, CHANNEL_BINDINGS) }),
    ...(sslPassword === undefined ? {} : { sslPassword }),
  };
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
  value: (name: ParameterName) => string | undefined,
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
  const sslCert = file('sslcert', 'postgresql.crt');
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
