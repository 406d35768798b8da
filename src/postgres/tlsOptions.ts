import { checkServerIdentity, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { ConnectionTarget } from '../shared/connection';
import { readCertificate, readClientIdentity } from './clientKey';
import type { PgTls } from './pgClient';
import { ConnectionError } from './serverError';
import { systemAuthorities } from './systemAuthorities';

/** One way to connect; the ways of a target are tried in order. */
export interface TlsAttempt {
  readonly encrypted: boolean;
  /** Reads the certificate files when it is this way's turn. Throws a ConnectionError. */
  readonly options: () => PgTls;
}

const PLAIN: TlsAttempt = { encrypted: false, options: () => false };

/**
 * What libpq does for each sslmode (doc: "SSL Support", src/interfaces/libpq/fe-connect.c): `allow`
 * begins without and `prefer` with encryption and both take the other when the first is refused; Unix
 * sockets have no TLS.
 */
export function tlsAttempts(target: ConnectionTarget): readonly TlsAttempt[] {
  if (target.hostAddress === undefined && isSocketDirectory(target.host)) return [PLAIN];
  const withTls: TlsAttempt = { encrypted: true, options: () => encrypted(target) };
  switch (target.sslMode) {
    case 'disable':
      return [PLAIN];
    case 'allow':
      return [PLAIN, withTls];
    case 'prefer':
      return [withTls, PLAIN];
    default:
      return [withTls];
  }
}

/** A host that is an absolute directory holds a Unix socket; `@` is Linux's abstract namespace. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/') || host.startsWith('@');
}

type Check = 'none' | 'chain' | 'chain-and-name';

/** A root certificate that is there is checked against whatever sslmode says, as libpq does. */
function check(target: ConnectionTarget): Check {
  if (target.sslMode === 'verify-full') return 'chain-and-name';
  if (target.sslMode === 'verify-ca' || target.sslRootCert !== undefined) return 'chain';
  return 'none';
}

function encrypted(target: ConnectionTarget): PgTls {
  const client = {
    ...(target.sslCert === undefined
      ? {}
      : readClientIdentity(target.sslCert, target.sslKey, target.sslPassword)),
    ...(target.sslMinVersion === undefined ? {} : { minVersion: target.sslMinVersion }),
    ...(target.sslMaxVersion === undefined ? {} : { maxVersion: target.sslMaxVersion }),
  };
  const kind = check(target);
  if (kind === 'none') return { ...client, rejectUnauthorized: false };
  const root = target.sslRootCert;
  if (root === undefined) {
    throw new ConnectionError(
      'tls-no-root-certificate',
      `sslmode=${target.sslMode} needs a root certificate, and there is none`,
    );
  }
  const ca = root === 'system' ? systemAuthorities() : readCertificate(root, 'sslrootcert');
  return {
    ...client,
    ...(ca === undefined ? {} : { ca }),
    ...(target.sslCrl === undefined ? {} : { crl: readCertificate(target.sslCrl, 'sslcrl') }),
    rejectUnauthorized: true,
    ...identityCheck(target, kind),
  };
}

/** Whose certificate it has to be. Where the name is not sent, `pg` does not know it either. */
function identityCheck(target: ConnectionTarget, kind: Check): TlsOptions {
  if (kind === 'chain') return { checkServerIdentity: () => undefined };
  if (target.sslSni !== false) return {};
  return { checkServerIdentity: (_, certificate) => checkServerIdentity(target.host, certificate) };
}
