import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/postgres/freePort';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { INVALID_LSN } from '../../src/base/lsn';
import { explainFailure } from '../../src/postgres/explainFailure';
import { ownName } from '../../src/postgres/ownName';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { observeOnly } from './observeOnly';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { WriteGate } from '../../src/postgres/writeGate';
import type { ConnectionTarget, Failure } from '../../src/shared/connection';
import { targetOf } from './targetOf';

const applicationName = 'walexplorer_test';
const gate = new WriteGate({ name: 'test', readOnly: false });
const tlsFile = (name: string) => path.resolve('test/postgres/tls', name);

async function failureOf(
  target: ConnectionTarget,
  work: () => Promise<unknown>,
  context: { readonly slot?: string; readonly inContainer?: boolean } = {},
): Promise<Failure> {
  const error = await work().then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error, 'it was to fail').toBeDefined();
  const failure = explainFailure(error, { target, ...context });
  expect(failure.message).toMatch(/^\S.*\.$/s);
  expect(failure.message.split('\n')).toHaveLength(1);
  for (const text of [failure.message, failure.action, failure.detail]) {
    expect(text).not.toContain('s3cret');
  }
  return failure;
}

const connect = (target: ConnectionTarget) => async () => {
  await (await openSqlSession(target, { applicationName })).close();
};

const replicate =
  (target: ConnectionTarget, plugin = 'pgoutput') =>
  async () => {
    const session = await openReplicationSession(target, { applicationName });
    try {
      await session.identifySystem();
      await gate.createTemporarySlot(session, {
        name: ownName('tail', 'x'),
        plugin,
        lockTimeoutMs: 1000,
        override: true,
      });
    } finally {
      await session.close();
    }
  };

describe('why a connection fails', () => {
  let cluster: Cluster;
  let target: ConnectionTarget;
  beforeAll(async () => {
    cluster = await startCluster({
      major: 18,
      settings: { max_replication_slots: '3', max_wal_senders: '3', max_connections: '12' },
      hba: ['hostssl all tls_only 127.0.0.1/32 scram-sha-256', 'host all tls_only all reject'],
    });
    for (const file of ['server.crt', 'server.key']) {
      cluster.write(path.join(cluster.dataDir, file), readFileSync(tlsFile(file), 'utf8'));
    }
    cluster.configure({ ssl: 'on' });
    await cluster.restart();
    await cluster.adminQuery(`
      CREATE ROLE plain LOGIN PASSWORD '${cluster.password}';
      CREATE ROLE looker LOGIN REPLICATION PASSWORD '${cluster.password}';
      CREATE ROLE tls_only LOGIN PASSWORD '${cluster.password}';
      CREATE ROLE limited LOGIN CONNECTION LIMIT 0 PASSWORD '${cluster.password}';`);
    target = targetOf(cluster);
  });
  afterAll(() => cluster.dispose());

  it('ends by an answer that no text can hold, and says so', async () => {
    const failure = await failureOf(targetOf(cluster), async () => {
      const session = await openSqlSession(targetOf(cluster), { applicationName });
      await session.query("SELECT convert_to(repeat('x', 280000000), 'UTF8')");
    });
    expect(failure.code).toBe('value-too-long');
  });

  it('nothing listens; localhost in a container', async () => {
    const nowhere = { ...target, host: 'localhost', port: await freePort() };
    const outside = await failureOf(nowhere, connect(nowhere), { inContainer: false });
    expect(outside.code).toBe('connection-refused');
    const inside = await failureOf(nowhere, connect(nowhere), { inContainer: true });
    expect(inside.action).toContain('host.docker.internal');
  });

  it('an unknown host, a missing socket', async () => {
    const unknown = { ...target, host: 'no-such-host.invalid' };
    expect((await failureOf(unknown, connect(unknown))).code).toBe('host-not-found');
    const socket = { ...target, host: cluster.folder, port: 1 };
    expect((await failureOf(socket, connect(socket))).code).toBe('socket-missing');
  });

  it('a socket works', async () => {
    await connect({ ...target, host: cluster.folder })();
  });

  it('a way to authenticate that is not spoken here', async () => {
    // No server of ours is built with GSSAPI: this one asks for it and that is all.
    const asking = createServer(socket => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(Buffer.from('520000000800000007', 'hex')));
    });
    await listen(asking);
    const gss = { ...target, port: portOf(asking) };
    const failure = await failureOf(gss, connect(gss));
    expect(failure.code).toBe('auth-method');
    expect(failure.message).toContain('asks for authentication by GSSAPI. Here it works by');
    asking.close();
  });

  it('a server that never answers', async () => {
    const silent = createServer(() => undefined);
    await listen(silent);
    const slow = { ...target, port: portOf(silent), connectTimeout: 1 };
    expect((await failureOf(slow, connect(slow))).code).toBe('timeout');
    silent.close();
  });

  it('passwords, roles, databases, pg_hba', async () => {
    const codes: Record<string, ConnectionTarget> = {
      'password-wrong': { ...target, password: 's3cret' },
      'password-missing': { ...target, password: undefined! },
      'database-missing': { ...target, database: 'none' },
      'too-many-connections': { ...target, user: 'limited' },
      'pg-hba': { ...target, user: 'tls_only' },
    };
    const empty = { ...target, password: '' };
    expect((await failureOf(empty, connect(empty))).code, 'empty is none').toBe('password-missing');
    for (const [code, wrong] of Object.entries(codes)) {
      const { password, ...rest } = wrong;
      const clean = password === undefined ? rest : wrong;
      expect((await failureOf(clean, connect(clean))).code).toBe(code);
    }
  });

  it('what replication needs', async () => {
    const plain = { ...target, user: 'plain' };
    const privilege = await failureOf(plain, replicate(plain));
    expect(privilege.code).toBe('no-replication-privilege');
    expect(privilege.action).toContain('ALTER ROLE');
    const looker = { ...target, user: 'looker' };
    expect((await failureOf(looker, replicate(looker, 'wal2json'))).code).toBe('plugin-missing');
    const sessions = [];
    for (let i = 0; i < 3; i++) {
      sessions.push(await openReplicationSession(looker, { applicationName }));
    }
    expect((await failureOf(looker, replicate(looker))).code).toBe('no-free-sender');
    for (const session of sessions) await session.close();
    for (const name of ['a', 'b', 'c']) {
      await cluster.adminQuery(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
    }
    expect((await failureOf(looker, replicate(looker))).code).toBe('no-free-slot');
    for (const name of ['b', 'c']) {
      await cluster.adminQuery(`SELECT pg_drop_replication_slot('${name}')`);
    }
  });

  it('slots that are missing, in use, of another database, lost', async () => {
    const start =
      (slot: string, database = 'postgres') =>
      async () => {
        const session = await openReplicationSession({ ...target, database }, { applicationName });
        try {
          await session.startLogical(
            {
              slot,
              startLsn: INVALID_LSN,
              options: [
                ['proto_version', '1'],
                ['publication_names', '"p"'],
              ],
              positions: observeOnly(() => INVALID_LSN),
            },
            { onFrame: () => undefined, onEnd: () => undefined },
          );
        } finally {
          await session.close();
        }
      };
    const code = async (slot: string, work: () => Promise<void>) =>
      (await failureOf(target, work, { slot })).code;
    expect(await code('none', start('none'))).toBe('slot-missing');
    await cluster.adminQuery('CREATE DATABASE other');
    expect(await code('a', start('a', 'other'))).toBe('slot-other-database');
    const holder = await openReplicationSession(target, { applicationName });
    const stream = await holder.startLogical(
      {
        slot: 'a',
        startLsn: INVALID_LSN,
        options: [
          ['proto_version', '1'],
          ['publication_names', '"p"'],
        ],
        positions: observeOnly(() => INVALID_LSN),
      },
      { onFrame: () => undefined, onEnd: () => undefined },
    );
    expect(await code('a', start('a'))).toBe('slot-in-use');
    await stream.stop();
    await holder.close();
    await cluster.adminQuery("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
    await cluster.adminQuery("ALTER SYSTEM SET wal_keep_size = '0'");
    await cluster.adminQuery('SELECT pg_reload_conf()');
    await cluster.adminQuery('CREATE TABLE fill (a text)');
    for (let i = 0; i < 4; i++) {
      await cluster.adminQuery("INSERT INTO fill VALUES ('x')");
      await cluster.adminQuery('SELECT pg_switch_wal()');
    }
    await cluster.adminQuery('CHECKPOINT');
    expect(await code('a', start('a'))).toBe('slot-lost');
    const copy = async () => {
      const session = await openReplicationSession(target, { applicationName });
      try {
        await gate.copySlotTemporarily(session, {
          source: 'a',
          name: ownName('peek', 'x'),
          override: true,
        });
      } finally {
        await session.close();
      }
    };
    expect(await code('a', copy)).toBe('slot-lost');
  });

  it('TLS, in every mode', async () => {
    const local = { ...target, host: 'localhost' };
    const root = tlsFile('root.crt');
    const open = async (part: Partial<ConnectionTarget>) => {
      const session = await openSqlSession({ ...local, ...part }, { applicationName });
      const { encrypted } = session;
      await session.query('SELECT 1');
      await session.cancel();
      await session.close();
      return encrypted;
    };
    expect(await open({ sslMode: 'disable' })).toBe(false);
    expect(await open({ sslMode: 'allow' })).toBe(false);
    expect(await open({ sslMode: 'prefer' })).toBe(true);
    expect(await open({ sslMode: 'require' })).toBe(true);
    expect(await open({ sslMode: 'verify-ca', sslRootCert: root, host: '127.0.0.1' })).toBe(true);
    expect(await open({ sslMode: 'verify-full', sslRootCert: root })).toBe(true);
    expect(await open({ sslMode: 'allow', user: 'tls_only', host: '127.0.0.1' })).toBe(true);
    const codes: readonly (readonly [string, Partial<ConnectionTarget>])[] = [
      ['tls-no-root-certificate', { sslMode: 'verify-full' }],
      ['tls-file', { sslMode: 'verify-ca', sslRootCert: '/nowhere/root.crt' }],
      ['tls-untrusted', { sslMode: 'verify-ca', sslRootCert: tlsFile('other.crt') }],
      ['tls-untrusted', { sslMode: 'require', sslRootCert: tlsFile('other.crt') }],
      ['tls-wrong-name', { sslMode: 'verify-full', sslRootCert: root, host: '127.0.0.1' }],
    ];
    for (const [code, part] of codes) {
      const wrong = { ...local, ...part };
      expect((await failureOf(wrong, connect(wrong))).code).toBe(code);
    }
  });

  it('streams through TLS', async () => {
    await cluster.adminQuery('CREATE TABLE shown (a int)');
    const session = await openReplicationSession(
      { ...target, sslMode: 'require' },
      { applicationName },
    );
    const name = ownName('tail', 'x');
    await gate.createTemporarySlot(session, {
      name,
      plugin: 'test_decoding',
      lockTimeoutMs: 5000,
      override: true,
    });
    let bytes = 0;
    const stream = await session.startLogical(
      {
        slot: name,
        startLsn: INVALID_LSN,
        options: [],
        positions: observeOnly(() => INVALID_LSN),
      },
      {
        onFrame: frame => {
          bytes += frame.length;
        },
        onEnd: () => undefined,
      },
    );
    await cluster.adminQuery('INSERT INTO shown SELECT generate_series(1, 20000)');
    for (let i = 0; i < 200 && bytes < 1_000_000; i++) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(await stream.stop()).toEqual({ kind: 'stopped' });
    await session.close();
  });

  it('a server without TLS', async () => {
    const bare = await startCluster({ major: 14, settings: { wal_level: 'replica' } });
    const wanted = { ...targetOf(bare), sslMode: 'require' as const };
    expect((await failureOf(wanted, connect(wanted))).code).toBe('tls-refused');
    const preferred = { ...wanted, sslMode: 'prefer' as const };
    await connect(preferred)();
    expect((await failureOf(preferred, replicate(preferred))).code).toBe('wal-level');
    const blocker = await bare.openAdmin();
    const stopping = bare.stop('smart');
    await new Promise(resolve => setTimeout(resolve, 200));
    expect((await failureOf(preferred, connect(preferred))).code).toBe('server-shutdown');
    await blocker.end();
    await stopping;
    await bare.dispose();
  });

  it('a pooler in the way', async () => {
    const pooler = createServer(socket => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        // AuthenticationOk, server_version, BackendKeyData, ReadyForQuery
        const status = Buffer.from('server_version\0' + '18.4\0');
        const encoding = Buffer.from('client_encoding\0UTF8\0');
        socket.write(
          Buffer.concat([
            message('R', Buffer.alloc(4)),
            message('S', status),
            message('S', encoding),
            message('K', Buffer.alloc(8)),
            message('Z', Buffer.from('I')),
          ]),
        );
        socket.on('data', data => {
          if (data[0] === 0x58) {
            socket.end();
            return;
          }
          const failed = !data.toString('latin1').includes('IDENTIFY_SYSTEM')
            ? message('C', Buffer.from('SET\0'))
            : message('E', Buffer.from('SERROR\0C42601\0Msyntax error at or near "IDENTIFY"\0\0'));
          socket.write(Buffer.concat([failed, message('Z', Buffer.from('I'))]));
        });
      });
    });
    await listen(pooler);
    const behind = { ...target, port: portOf(pooler) };
    expect((await failureOf(behind, replicate(behind))).code).toBe('pooler');
    pooler.close();
  });
});

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function listen(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}
