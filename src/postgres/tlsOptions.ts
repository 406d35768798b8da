import { readFileSync } from 'node:fs';
import { describeSystemError } from '../base/systemError';
import type { ConnectionTarget } from '../shared/connection';
import type { PgTls } from './pgClient';
import { ConnectionError } from './serverError';

/** One way to connect; the ways of a target are tried in order. */
export interface TlsAttempt {
  readonly tls: PgTls;
}

/**
 * What libpq does for each sslmode (doc: "SSL Support", src/interfaces/libpq/fe-connect.c): `allow`
 * begins without and `prefer` with encryption and both take the other when the first is refused;
 * `require` checks no certificate unless a root certificate file is given; Unix sockets have no TLS.
 */
export function tlsAttempts(target: ConnectionTarget): readonly TlsAttempt[] {
  if (isSocketDirectory(target.host)) return [{ tls: false }];
  switch (target.sslMode) {
    case 'disable':
      return [{ tls: false }];
    case 'allow':
      return [{ tls: false }, { tls: encrypted(target, 'none') }];
    case 'prefer':
      return [{ tls: encrypted(target, 'none') }, { tls: false }];
    case 'require':
      return [{ tls: encrypted(target, target.sslRootCert === undefined ? 'none' : 'chain') }];
    case 'verify-ca':
      return [{ tls: encrypted(target, 'chain') }];
    case 'verify-full':
      return [{ tls: encrypted(target, 'chain-and-name') }];
  }
}

/** A host that is an absolute directory holds a Unix socket; `@` is Linux's abstract namespace. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/') || host.startsWith('@');
}

function encrypted(target: ConnectionTarget, check: 'none' | 'chain' | 'chain-and-name'): PgTls {
  const client = {
    ...(target.sslCert === undefined ? {} : { cert: readPem(target.sslCert, 'sslcert') }),
    ...(target.sslKey === undefined ? {} : { key: readPem(target.sslKey, 'sslkey') }),
  };
  if (check === 'none') return { ...client, rejectUnauthorized: false };
  const root = target.sslRootCert;
  if (root === undefined) {
    throw new ConnectionError(
      'tls-no-root-certificate',
      `sslmode=${target.sslMode} needs a root certificate, and there is none`,
    );
  }
  return {
    ...client,
    // `system` means the authorities that come with the system, as in libpq from 16 on.
    ...(root === 'system' ? {} : { ca: readPem(root, 'sslrootcert') }),
    rejectUnauthorized: true,
    ...(check === 'chain' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function readPem(file: string, parameter: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new ConnectionError('tls-file', `${parameter} ${file}: ${reason}`, { cause: error });
  }
}
