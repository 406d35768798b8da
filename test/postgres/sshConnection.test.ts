import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { freePort } from '../../scripts/postgres/freePort';
import { toLsn } from '../../src/base/lsn';
import { explainFailure } from '../../src/postgres/explainFailure';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { WriteGate } from '../../src/postgres/writeGate';
import type { ConnectionTarget, Failure } from '../../src/shared/connection';
import { startShop, SHOP } from './session/shopCluster';
import { eventually } from './session/cliProcess';
import { SshServer } from './ssh/sshServer';
import { targetOf } from './targetOf';
import { Certificates } from './tls/certificates';

const applicationName = 'walexplorer_test';

let files: Certificates;
let cluster: Cluster;
let ssh: SshServer;
beforeAll(async () => {
  files = new Certificates();
  [cluster, ssh] = await Promise.all([startShop(18), SshServer.start()]);
  for (const name of ['server.crt', 'server.key']) {
    cluster.write(path.join(cluster.dataDir, name), readFileSync(files.file(name), 'utf8'));
  }
  cluster.configure({ ssl: 'on' });
  await cluster.restart();
});
afterAll(async () => {
  await ssh.dispose();
  await cluster.dispose();
  files.dispose();
});
beforeEach(() => {
  vi.stubEnv('PATH', ssh.path);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await eventually(() => ssh.clients().length === 0, 'every ssh of ours is gone');
});

function through(part: Partial<ConnectionTarget> = {}): ConnectionTarget {
  return targetOf(cluster, { ssh: 'bastion', database: SHOP, ...part });
}

async function failureOf(part: Partial<ConnectionTarget>): Promise<Failure> {
  const target = through(part);
  const error: unknown = await openSqlSession(target, { applicationName }).then(
    async session => {
      await session.close();
      throw new Error('it connected');
    },
    (thrown: unknown) => thrown,
  );
  const failure = explainFailure(error, { target });
  expect(failure.message).not.toContain('\n');
  return failure;
}

describe('a connection through SSH', () => {
  it.each([
    ['plain', { sslMode: 'disable' }],
    ['encrypted again, with the name of the database server checked', { sslMode: 'verify-full' }],
    ['bound to its TLS connection', { sslMode: 'require', channelBinding: 'require' }],
    ['with TLS at once', { sslMode: 'require', sslNegotiation: 'direct' }],
    ['with a name that only the SSH server resolves', { host: 'localhost', sslMode: 'prefer' }],
  ] as const)('%s: asks, cancels and closes', async (_, part) => {
    const host = 'localhost';
    const session = await openSqlSession(
      through({ host, sslRootCert: files.file('root.crt'), ...part }),
      { applicationName },
    );
    expect(session.encrypted).toBe(part.sslMode !== 'disable');
    // More than one read, and more than SSH has under way at once.
    const [row] = await session.query(`SELECT repeat('x', 5000000) AS x, $1 AS y`, ['ü'.repeat(9)]);
    expect([row?.['x']?.length, row?.['y']]).toEqual([5_000_000, 'ü'.repeat(9)]);
    const sleep = session.query('SELECT pg_sleep(60)').catch((error: unknown) => String(error));
    await vi.waitFor(async () => {
      await session.cancel();
      const soon = new Promise<string>(resolve => setTimeout(resolve, 100, 'not yet'));
      expect(await Promise.race([sleep, soon])).toContain('canceling statement');
    }, 20_000);
    await session.close();
  });

  it('does not take the certificate of another server than the database server', async () => {
    const part = { sslMode: 'verify-full', sslRootCert: files.file('root.crt') } as const;
    expect(await failureOf({ ...part, host: '127.0.0.1' })).toMatchObject({
      code: 'tls-wrong-name',
    });
  });

  it('goes through the jumps of the configuration', async () => {
    ssh.configure('Host jumped', '  ProxyJump bastion');
    const jumping = await openSqlSession(through({ ssh: 'jumped' }), { applicationName });
    expect(await jumping.query('SELECT 1 AS x')).toEqual([{ x: '1' }]);
    await jumping.close();
  });

  it('is on the list like others: one that the SSH server does not reach leads to the next', async () => {
    const nobody = await freePort();
    const { password = '' } = through();
    const servers = [
      { host: '127.0.0.1', port: nobody, password },
      { host: '127.0.0.1', port: cluster.port, password },
    ];
    const session = await openSqlSession(through({ ...servers[0], servers }), { applicationName });
    expect(session.target.port).toBe(cluster.port);
    await session.close();
  });

  it('ends with the word of the server when that ends it', async () => {
    const session = await openSqlSession(through(), { applicationName });
    const ended = new Promise(resolve => session.onEnd(resolve));
    await cluster.adminQuery(`select pg_terminate_backend(${String(session.backendPid)})`);
    expect(await ended).toMatchObject({ closedByUs: false, error: { sqlState: '57P01' } });
  });

  it('is given up when connecting is', async () => {
    const giveUp = new AbortController();
    const opening = openSqlSession(through(), { applicationName, signal: giveUp.signal });
    await eventually(() => ssh.clients().length > 0, 'ssh runs');
    giveUp.abort();
    await expect(opening).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a stream through SSH', () => {
  it('that is held makes nothing grow, and goes on where it was', async () => {
    const session = await openReplicationSession(through(), { applicationName });
    const { slot } = await new WriteGate({ name: 'test', readOnly: false }).createTemporarySlot(
      session,
      { name: 'walexplorer_tail_test_ssh', plugin: 'test_decoding', lockTimeoutMs: 10_000 },
    );
    let bytes = 0;
    const none = toLsn(0n);
    const stream = await session.startLogical(
      {
        slot,
        startLsn: none,
        options: [],
        positions: { received: () => none, flushed: () => none },
      },
      { onFrame: payload => (bytes += payload.length), onEnd: () => undefined },
    );
    const text = 60_000_000;
    stream.pause();
    const [pid = 0] = ssh.clients();
    const [before, ours] = [residentBytes(pid), residentBytes(process.pid)];
    await cluster.adminQuery('create table big (id int, filler text)', SHOP);
    await cluster.adminQuery(
      `insert into big select g, repeat('y', 60000) from generate_series(1, ${String(text / 60_000)}) g`,
      SHOP,
    );
    const full = (): Promise<boolean> =>
      cluster
        .adminQuery(
          `select wait_event from pg_stat_activity where pid = ${String(session.backendPid)}`,
        )
        .then(([row]) => row?.['wait_event'] === 'WalSenderWriteData');
    await eventually(full, 'the server waits for us', 60_000);
    expect(bytes).toBeLessThan(8_000_000);
    // What SSH and the systems on the way hold is bounded.
    expect(residentBytes(pid) - before).toBeLessThan(12_000_000);
    expect(residentBytes(process.pid) - ours).toBeLessThan(40_000_000);
    stream.resume();
    await eventually(() => bytes > text, 'all of it came', 60_000);
    await stream.stop();
    await session.close();
  });

  it('that loses the SSH server ends, and says so', async () => {
    const session = await openSqlSession(through(), { applicationName });
    const ended = new Promise(resolve => session.onEnd(resolve));
    await ssh.kill();
    expect(await ended).toMatchObject({ closedByUs: false });
    await ssh.restart();
  });
});

describe('what keeps a connection from going through SSH is told in a sentence', () => {
  it('an SSH server whose key is not known', async () => {
    ssh.configure('Host unknown', `  UserKnownHostsFile ${ssh.file('nothing')}`);
    expect(await failureOf({ ssh: 'unknown' })).toMatchObject({
      code: 'ssh-host-key',
      message: 'The key of the SSH server unknown is not known here yet.',
      action:
        'Run "ssh unknown" in a terminal once, compare the fingerprint and accept it, then try again.',
    });
  });

  it('an SSH server that has another key now', async () => {
    ssh.configure('Host changed', `  UserKnownHostsFile ${ssh.file('other')}`);
    expect(await failureOf({ ssh: 'changed' })).toMatchObject({ code: 'ssh-host-key-changed' });
  });

  it('a key that the SSH server does not take', async () => {
    ssh.configure('Host denied', `  IdentityFile ${ssh.file('stranger')}`);
    ssh.configure(`  UserKnownHostsFile ${ssh.file('known')}`);
    expect(await failureOf({ ssh: 'denied' })).toMatchObject({
      code: 'ssh-denied',
      message: 'The SSH server denied did not let you in.',
    });
  });

  it('an SSH host that has no address', async () => {
    ssh.configure('Host nowhere', '  HostName nowhere.invalid');
    expect(await failureOf({ ssh: 'nowhere' })).toMatchObject({
      code: 'ssh-host-not-found',
      message: 'The SSH host "nowhere.invalid" is not known.',
    });
  });

  it('a jump on which nothing listens', async () => {
    const port = String(await freePort());
    ssh.configure('Host nothing', `  Port ${port}`, 'Host behind', '  ProxyJump nothing');
    expect(await failureOf({ ssh: 'behind' })).toMatchObject({
      code: 'ssh-refused',
      message: 'No SSH server listens on 127.0.0.1: the connection was refused.',
    });
  });

  it('an SSH server that accepts and is silent', async () => {
    const { port, close } = await silentServer();
    ssh.configure('Host silent', `  Port ${port}`);
    expect(await failureOf({ ssh: 'silent', connectTimeout: 2 })).toMatchObject({
      code: 'ssh-unreachable',
    });
    close();
  });

  it('an SSH server that ends the connection at once', async () => {
    const { port, close } = await silentServer(socket => socket.destroy());
    ssh.configure('Host closing', `  Port ${port}`);
    expect(await failureOf({ ssh: 'closing' })).toMatchObject({ code: 'ssh-closed' });
    close();
  });

  it('an SSH server that forwards nothing', async () => {
    const strict = await SshServer.start(['AllowTcpForwarding no']);
    vi.stubEnv('PATH', strict.path);
    expect(await failureOf({})).toMatchObject({
      code: 'ssh-forwarding-denied',
      message: `The SSH server bastion does not allow a connection to 127.0.0.1:${String(cluster.port)}.`,
    });
    await strict.dispose();
  });

  it('a port on which nothing listens behind the SSH server', async () => {
    const port = await freePort();
    expect(await failureOf({ port })).toMatchObject({
      code: 'connection-refused',
      message: `Nothing listens on 127.0.0.1:${String(port)} as the SSH server bastion sees it: the connection was refused.`,
    });
  });

  it('a host that the SSH server does not know', async () => {
    expect(await failureOf({ host: 'nowhere.invalid' })).toMatchObject({
      code: 'host-not-found',
      message: 'The SSH server bastion does not know the host name "nowhere.invalid".',
    });
  });

  it('a database server that is silent', async () => {
    const { port, close } = await silentServer();
    expect(await failureOf({ port: Number(port), connectTimeout: 2 })).toMatchObject({
      code: 'timeout',
      message: `127.0.0.1:${port} did not answer within 2 seconds through the SSH server bastion.`,
    });
    close();
  });

  it('a configuration that ssh cannot read', async () => {
    const broken = await SshServer.start();
    broken.configure('Nonsense yes');
    vi.stubEnv('PATH', broken.path);
    expect(await failureOf({})).toMatchObject({ code: 'ssh-configuration' });
    await broken.dispose();
  });

  it('no ssh on this machine, also where the current folder has one', async () => {
    vi.stubEnv('PATH', '.:bin');
    expect(await failureOf({})).toMatchObject({
      code: 'ssh-missing',
      message: 'The program ssh was not found on PATH.',
    });
  });

  it('a Unix socket, which is no host and port', async () => {
    expect(await failureOf({ host: '/var/run/postgresql' })).toMatchObject({
      code: 'ssh-unix-socket',
      action: 'Set the host to localhost, which is the SSH server itself then.',
    });
  });

  it.each(['-oProxyCommand=touch /tmp/x', 'a b', 'bastion;id', '$(id)', 'x@`id`', '@h', ''])(
    'a destination that is none: %j',
    async destination => {
      expect(await failureOf({ ssh: destination })).toMatchObject({ code: 'ssh-destination' });
    },
  );
});

/** A TCP server that does nothing but what is given. */
async function silentServer(
  take: (socket: Socket) => void = () => undefined,
): Promise<{ readonly port: string; readonly close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => undefined));
    take(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: String((server.address() as AddressInfo).port),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Resident memory of a process, in bytes. */
function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
