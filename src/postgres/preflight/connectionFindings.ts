import { isIP } from 'node:net';
import type { ConnectionTarget } from '../../shared/connection';
import { formatServers } from '../serverList';
import type { SqlSession } from '../sqlSession';
import type { CheckFacts } from './checkFacts';
import { ok, warning, type Finding } from './finding';

/** That there is a connection, and whether others could read along. */
export function connectionFindings(session: SqlSession, facts: CheckFacts): readonly Finding[] {
  const { target } = session;
  const way = target.ssh === undefined ? '' : ` through the SSH server ${target.ssh}`;
  return [
    ok(
      'reachable',
      `Connected to ${formatServers(target)}${way} as ${target.user}, to the database ${target.database}.`,
    ),
    encryption(target, session.encrypted, facts.tlsVersion),
    ...(facts.server.systemIdentifier === '' && !facts.mayReadControlFile ? [noIdentifier()] : []),
  ];
}

/** `encrypted` is our side of the connection; the version is known where no pooler stands between. */
export function encryption(
  target: ConnectionTarget,
  encrypted: boolean,
  version: string | undefined,
): Finding {
  const checked =
    target.sslMode === 'verify-full'
      ? 'name'
      : target.sslMode === 'verify-ca' || target.sslRootCert !== undefined
        ? 'authority'
        : 'nothing';
  if (encrypted) {
    const head = `Encrypted with ${version ?? 'TLS'}`;
    switch (checked) {
      case 'name':
        return ok('tls', `${head}; the server's certificate and its name are checked.`);
      case 'authority':
        return ok(
          'tls',
          `${head}; the server's certificate is checked, its name is not (sslmode=${target.sslMode}).`,
        );
      case 'nothing':
        return isLocal(target)
          ? ok('tls', `${head}, to this machine; the certificate is not checked.`)
          : warning(
              'tls',
              `${head}; nobody checks whether it is the right server (sslmode=${target.sslMode}).`,
              "Use sslmode=verify-full with the certificate of the server's authority (sslrootcert).",
            );
    }
  }
  if (target.ssh !== undefined) return ok('tls', 'Encrypted by SSH, up to the SSH server.');
  if (isLocal(target)) return ok('tls', 'Not encrypted; it does not leave this machine.');
  return warning(
    'tls',
    'Not encrypted: every row that is sent can be read on the way.',
    'Use sslmode=verify-full, and turn TLS on at the server where it is off.',
  );
}

function isLocal({ host, ssh }: ConnectionTarget): boolean {
  if (ssh !== undefined) return false;
  if (host.startsWith('/') || host.startsWith('@') || host === 'localhost') return true;
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1';
}

function noIdentifier(): Finding {
  return ok(
    'system-identifier',
    'The system identifier of this server cannot be read: EXECUTE on pg_control_system was revoked. Streams ask for it by IDENTIFY_SYSTEM.',
  );
}
