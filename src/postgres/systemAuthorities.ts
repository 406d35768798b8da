import { existsSync } from 'node:fs';
import * as tls from 'node:tls';
import { readCertificate } from './clientKey';

/** Where the systems keep the certificates that they trust, as one file. */
const USUAL_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The authorities that this system trusts, PEM: what OpenSSL finds by SSL_CERT_FILE or where the system
 * keeps them. Undefined where there is no such file: then Node's own list counts.
 */
export function systemAuthorities(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Buffer | string[] | undefined {
  const named = env['SSL_CERT_FILE'];
  if (named !== undefined && named !== '') return readCertificate(named, 'SSL_CERT_FILE');
  // From Node 22.15 on; it knows the stores of Windows and macOS too.
  const { getCACertificates } = tls as {
    readonly getCACertificates?: (type: 'system') => string[];
  };
  const known = getCACertificates?.('system') ?? [];
  if (known.length > 0) return known;
  const usual = USUAL_FILES.find(file => existsSync(file));
  return usual === undefined ? undefined : readCertificate(usual, 'sslrootcert=system');
}
