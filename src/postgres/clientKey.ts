import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { describeSystemError } from '../base/systemError';
import { ConnectionError } from './serverError';

/** Nobody but the owner may read a key; the group may where root owns it (fe-secure-openssl.c). */
const OTHERS = 0o077;
const OTHERS_OF_ROOT = 0o037;

export interface ClientIdentity {
  readonly cert: Buffer;
  readonly key: string;
}

/**
 * Reads the client's certificate and its key, which may be encrypted. Throws a ConnectionError that
 * says which of the files is at fault; neither the key nor what it is encrypted with is in it.
 */
export function readClientIdentity(
  certFile: string,
  keyFile: string | undefined,
  passphrase: string | undefined,
  platform: NodeJS.Platform = process.platform,
): ClientIdentity {
  const cert = readCertificate(certFile, 'sslcert');
  if (keyFile === undefined) {
    throw new ConnectionError('tls-key', `sslcert ${certFile} has no private key beside it`);
  }
  if (platform !== 'win32') checkKeyFile(keyFile);
  const key = readKey(keyFile, passphrase);
  if (!certificateOf(cert, certFile).checkPrivateKey(key)) {
    throw new ConnectionError('tls-key', `sslkey ${keyFile} does not belong to ${certFile}`);
  }
  return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** The content of a certificate file, PEM. Throws a ConnectionError that names the parameter. */
export function readCertificate(file: string, parameter: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, parameter, error);
  }
}

function checkKeyFile(file: string): void {
  let facts;
  try {
    facts = statSync(file);
  } catch (error) {
    throw unreadable(file, 'sslkey', error);
  }
  if (!facts.isFile()) {
    throw new ConnectionError('tls-key', `sslkey ${file} is not a plain file`);
  }
  if ((facts.mode & (facts.uid === 0 ? OTHERS_OF_ROOT : OTHERS)) !== 0) {
    throw new ConnectionError(
      'tls-key',
      `sslkey ${file} can be read by others: its mode must be 0600 or less, or 0640 where root owns it`,
    );
  }
}

function readKey(file: string, passphrase: string | undefined): KeyObject {
  const content = readCertificate(file, 'sslkey');
  // libpq takes DER too, which has no marks.
  const pem = content.includes('-----BEGIN');
  try {
    return createPrivateKey(
      pem
        ? { key: content, ...(passphrase === undefined ? {} : { passphrase }) }
        : { key: content, format: 'der', type: 'pkcs8' },
    );
  } catch (error) {
    const encrypted = /ENCRYPTED/.test(content.toString('latin1'));
    let reason = 'is not a private key that can be read';
    if (encrypted) {
      reason =
        passphrase === undefined
          ? 'is encrypted, and there is no sslpassword'
          : 'is encrypted, and sslpassword does not open it';
    }
    throw new ConnectionError('tls-key', `sslkey ${file} ${reason}`, { cause: error });
  }
}

function certificateOf(content: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(content);
  } catch (error) {
    throw new ConnectionError('tls-file', `sslcert ${file}: it holds no certificate`, {
      cause: error,
    });
  }
}

function unreadable(file: string, parameter: string, error: unknown): ConnectionError {
  const reason = describeSystemError(error);
  return new ConnectionError('tls-file', `${parameter} ${file}: ${reason}`, { cause: error });
}
