import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { explainFailure } from '../../src/postgres/explainFailure';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { openSqlSession } from '../../src/postgres/sqlSession';
import type { ConnectionTarget } from '../../src/shared/connection';
import { targetOf } from './targetOf';
import { Certificates } from './tls/certificates';

const applicationName = 'walexplorer_test';
type Part = Partial<ConnectionTarget>;

let files: Certificates;
let current: Cluster;
let old: Cluster;
const file = (name: string) => files.file(name);

beforeAll(async () => {
  files = new Certificates();
  copyFileSync(file('client.key'), file('open.key'));
  chmodSync(file('open.key'), 0o644);
  [current, old] = await Promise.all([withTls(18), withTls(16)]);
});
afterAll(async () => {
  await current.dispose();
  await old.dispose();
  files.dispose();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function withTls(major: 16 | 18): Promise<Cluster> {
  const cluster = await startCluster({
    major,
    hba: [
      'hostssl all certified 127.0.0.1/32 cert',
      'host all trusted 127.0.0.1/32 trust',
      'host all clear 127.0.0.1/32 password',
      'host all hashed 127.0.0.1/32 md5',
      'hostnossl all bare 127.0.0.1/32 scram-sha-256',
      'host all bare all reject',
    ],
  });
  for (const name of ['server.crt', 'server.key', 'root.crt']) {
    cluster.write(path.join(cluster.dataDir, name), readFileSync(file(name), 'utf8'));
  }
  cluster.configure({ ssl: 'on', ssl_ca_file: 'root.crt' });
  await cluster.restart();
  await cluster.adminQuery(`
    CREATE ROLE certified LOGIN REPLICATION;
    CREATE ROLE trusted LOGIN;
    CREATE ROLE bare LOGIN PASSWORD '${cluster.password}';
    CREATE ROLE clear LOGIN PASSWORD '${cluster.password}';
    SET password_encryption = 'md5';
    CREATE ROLE hashed LOGIN PASSWORD '${cluster.password}';`);
  return cluster;
}

/** Connects both kinds of session and cancels; tells whether that was encrypted. */
async function encrypted(cluster: Cluster, part: Part): Promise<boolean> {
  const target = targetOf(cluster, { host: 'localhost', ...part });
  const session = await openSqlSession(target, { applicationName });
  await session.query('SELECT 1');
  const sleep = session.query('SELECT pg_sleep(60)').catch((error: unknown) => String(error));
  // One that comes before the statement has begun is lost.
  await vi.waitFor(async () => {
    await session.cancel();
    const soon = new Promise<string>(resolve => setTimeout(resolve, 100, 'not yet'));
    expect(await Promise.race([sleep, soon])).toContain('canceling statement due to user request');
  }, 20_000);
  await session.close();
  return session.encrypted;
}

async function failureOf(cluster: Cluster, part: Part): Promise<readonly [string, string]> {
  const target = targetOf(cluster, { host: 'localhost', ...part });
  const error: unknown = await openSqlSession(target, { applicationName }).then(
    async session => {
      await session.close();
      return undefined;
    },
    (thrown: unknown) => thrown,
  );
  expect(error, 'it was to fail').toBeDefined();
  const failure = explainFailure(error, { target });
  for (const text of [failure.message, failure.action, failure.detail]) {
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain(cluster.password);
    expect(text).not.toContain('PRIVATE KEY');
  }
  expect(failure.message).toMatch(/^[^\n]+\.$/);
  return [failure.code, failure.message];
}

describe('channel binding', () => {
  it.each<[Part, boolean]>([
    [{ sslMode: 'require', channelBinding: 'require' }, true],
    [{ sslMode: 'require', channelBinding: 'prefer' }, true],
    [{ sslMode: 'require', channelBinding: 'disable' }, true],
    [{ sslMode: 'disable' }, false],
    [{ sslMode: 'require', user: 'hashed' }, true],
  ])('connects: %o', async (part, expected) => {
    expect(await encrypted(current, part)).toBe(expected);
  });

  it('serves replication too', async () => {
    const target = targetOf(current, { sslMode: 'require', channelBinding: 'require' });
    const replication = await openReplicationSession(target, { applicationName });
    expect((await replication.identifySystem()).database).toBe('postgres');
    await replication.close();
  });

  it.each<[string, Part]>([
    ['is not encrypted', { sslMode: 'disable' }],
    ['asked for no password', { sslMode: 'require', user: 'trusted' }],
    ['asks for a password without it', { sslMode: 'require', user: 'clear' }],
    ['asks for a password without it', { sslMode: 'require', user: 'hashed' }],
  ])('that is required says why not: %s', async (reason, part) => {
    const [code, message] = await failureOf(current, { channelBinding: 'require', ...part });
    expect(code).toBe('channel-binding');
    expect(message).toContain(reason);
  });
});

describe('require_auth', () => {
  const ways = { postgres: 'scram-sha-256', hashed: 'md5', clear: 'password', trusted: 'none' };

  it.each(Object.entries(ways))('lets %s in by %s and by nothing else', async (user, way) => {
    const part: Part = { user, sslMode: 'disable' };
    for (const own of Object.values(ways)) {
      const only: Part = { ...part, requireAuth: [own] };
      const allBut: Part = { ...part, requireAuth: [`!${own}`] };
      const [good, bad] = own === way ? [only, allBut] : [allBut, only];
      expect(await encrypted(current, good)).toBe(false);
      const [code, message] = await failureOf(current, bad);
      expect(code).toBe('require-auth');
      expect(message).toContain(
        way === 'none' ? 'the server asked for no password.' : `the server asks for ${way}.`,
      );
    }
    expect(await encrypted(current, { ...part, requireAuth: Object.values(ways) })).toBe(false);
  });

  it('goes with channel binding and with certificates', async () => {
    const bound: Part = { sslMode: 'require', channelBinding: 'require' };
    expect(await encrypted(current, { ...bound, requireAuth: ['scram-sha-256'] })).toBe(true);
    const sslKey = file('client.key');
    const part: Part = {
      sslMode: 'require',
      user: 'certified',
      sslCert: file('client.crt'),
      sslKey,
    };
    expect(await encrypted(current, { ...part, requireAuth: ['none'] })).toBe(true);
    expect((await failureOf(current, { ...part, requireAuth: ['!none'] }))[0]).toBe('require-auth');
  });
});

describe('TLS', () => {
  const verified = (): Part => ({ sslMode: 'verify-full', sslRootCert: file('root.crt') });

  it('has a version in the range that is asked for', async () => {
    for (const [part, version] of [
      [{ sslMaxVersion: 'TLSv1.2' }, 'TLSv1.2'],
      [{ sslMinVersion: 'TLSv1.3' }, 'TLSv1.3'],
    ] as const) {
      const target = targetOf(current, { host: 'localhost', sslMode: 'require', ...part });
      const session = await openSqlSession(target, { applicationName });
      const rows = await session.query(
        'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      );
      expect(rows).toEqual([{ version }]);
      await session.close();
    }
    await current.adminQuery("ALTER SYSTEM SET ssl_max_protocol_version = 'TLSv1.2'");
    await current.adminQuery('SELECT pg_reload_conf()');
    await vi.waitFor(async () => {
      const [code] = await failureOf(current, { sslMode: 'require', sslMinVersion: 'TLSv1.3' });
      expect(code).toBe('tls-failed');
    }, 10_000);
    await current.adminQuery('ALTER SYSTEM RESET ssl_max_protocol_version');
    await current.adminQuery('SELECT pg_reload_conf()');
  });

  it('checks the name, not the address that it is said to have', async () => {
    const hostAddress = '127.0.0.1';
    expect(await encrypted(current, { ...verified(), hostAddress })).toBe(true);
    const other: Part = { ...verified(), host: 'db.example', hostAddress };
    expect((await failureOf(current, other))[0]).toBe('tls-wrong-name');
    expect(await encrypted(current, { ...other, sslMode: 'verify-ca' })).toBe(true);
  });

  it('checks the name also where it is not sent', async () => {
    const quiet: Part = { ...verified(), sslSni: false };
    expect(await encrypted(current, quiet)).toBe(true);
    const other: Part = { ...quiet, host: 'db.example', hostAddress: '127.0.0.1' };
    expect((await failureOf(current, other))[0]).toBe('tls-wrong-name');
  });
});

describe('certificates', () => {
  const require = { sslMode: 'require', user: 'certified' } as const;

  it('of the system go by SSL_CERT_FILE', async () => {
    const part: Part = { sslMode: 'verify-full', sslRootCert: 'system' };
    expect((await failureOf(current, part))[0]).toBe('tls-untrusted');
    vi.stubEnv('SSL_CERT_FILE', file('root.crt'));
    expect(await encrypted(current, part)).toBe(true);
    expect((await failureOf(current, { ...part, host: '127.0.0.1' }))[0]).toBe('tls-wrong-name');
  });

  it('of a client are shown, also with an encrypted key', async () => {
    const sslCert = file('client.crt');
    expect(await encrypted(current, { ...require, sslCert, sslKey: file('client.key') })).toBe(
      true,
    );
    const locked = { ...require, sslCert, sslKey: file('locked.key') };
    expect(await encrypted(current, { ...locked, sslPassword: 's3cret' })).toBe(true);
  });

  it.each<[string, () => Part]>([
    ['no private key beside it', () => ({})],
    ['is encrypted, and there is no sslpassword', () => ({ sslKey: file('locked.key') })],
    [
      'is encrypted, and sslpassword does not open it',
      () => ({ sslKey: file('locked.key'), sslPassword: 's3cret-not' }),
    ],
    ['does not belong to', () => ({ sslKey: file('second.key') })],
    ['can be read by others', () => ({ sslKey: file('open.key') })],
    ['is not a plain file', () => ({ sslKey: files.folder })],
    [
      'is not a private key',
      () => ({ sslKey: file('locked.key').replace('locked.key', 'bad.key') }),
    ],
  ])('of a client that cannot be used: %s', async (reason, part) => {
    copyFileSync(file('root.crt'), file('bad.key'));
    chmodSync(file('bad.key'), 0o600);
    const sslCert = file('client.crt');
    const [code, message] = await failureOf(current, { ...require, sslCert, ...part() });
    expect(code).toBe('tls-key');
    expect(message).toContain(reason);
  });

  it('of a client that cannot be used keep nobody from connecting without TLS', async () => {
    const part: Part = { sslCert: file('client.crt'), sslKey: file('open.key') };
    expect(await encrypted(current, { ...part, sslMode: 'prefer' })).toBe(false);
    expect(await encrypted(current, { ...part, sslMode: 'allow' })).toBe(false);
    expect((await failureOf(current, { ...part, sslMode: 'require' }))[0]).toBe('tls-key');
  });

  it('that are revoked are refused', async () => {
    const part: Part = { sslMode: 'verify-full', sslRootCert: file('root.crt') };
    expect(await encrypted(current, { ...part, sslCrl: file('empty.crl') })).toBe(true);
    const revoked = await failureOf(current, { ...part, sslCrl: file('revoked.crl') });
    expect(revoked[0]).toBe('tls-revoked');
  });

  it('that cannot be trusted send prefer to a connection without', async () => {
    const other = path.resolve('test/postgres/tls/other.crt');
    expect(await encrypted(current, { sslMode: 'prefer', sslRootCert: other })).toBe(false);
    expect(await encrypted(current, { sslMode: 'prefer', sslRootCert: file('root.crt') })).toBe(
      true,
    );
    expect(await encrypted(current, { sslMode: 'prefer', user: 'bare' })).toBe(false);
    expect((await failureOf(current, { sslMode: 'require', user: 'bare' }))[0]).toBe('pg-hba');
  });
});

describe('TLS at once', () => {
  const direct: Part = { sslMode: 'require', sslNegotiation: 'direct' };

  it('is taken by 17 and later', async () => {
    expect(await encrypted(current, direct)).toBe(true);
    const whole: Part = { sslMode: 'verify-full', sslRootCert: file('root.crt') };
    expect(await encrypted(current, { ...direct, ...whole, channelBinding: 'require' })).toBe(true);
  });

  it('is told to be unknown to earlier ones', async () => {
    expect((await failureOf(old, direct))[0]).toBe('tls-direct-refused');
    expect(await encrypted(old, { sslMode: 'require', channelBinding: 'require' })).toBe(true);
  });
});
