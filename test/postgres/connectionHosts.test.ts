import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { startCluster } from '../../scripts/postgres/cluster';
import { freePort } from '../../scripts/postgres/freePort';
import { explainFailure } from '../../src/postgres/explainFailure';
import { openClient } from '../../src/postgres/openClient';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { anyServer } from '../../src/postgres/serverList';
import { requireServerKind, type ServerKind } from '../../src/postgres/sessionAttrs';
import { openSqlSession } from '../../src/postgres/sqlSession';
import type {
  ConnectionTarget,
  Failure,
  ServerAddress,
  TargetSessionAttrs,
} from '../../src/shared/connection';
import { eventually } from './session/cliProcess';
import { targetOf } from './targetOf';

const applicationName = 'walexplorer_test';

/** The servers of these tests: `a` is the primary, `b` its standby, and nothing is at `down`. */
type Name = 'a' | 'b' | 'down';

class Servers {
  private constructor(
    readonly a: Cluster,
    readonly b: Cluster,
    readonly down: number,
  ) {}

  static async start(major: 14 | 18): Promise<Servers> {
    const a = await startCluster({ major });
    await a.adminQuery(`
      CREATE ROLE looker LOGIN REPLICATION PASSWORD '${a.password}';
      CREATE ROLE quiet LOGIN PASSWORD '${a.password}';
      ALTER ROLE quiet SET default_transaction_read_only = on;`);
    const b = await a.addStandby({}, 'standby');
    return new Servers(a, b, await freePort());
  }

  at(name: Name): ServerAddress {
    const port = name === 'down' ? this.down : this[name].port;
    return { host: '127.0.0.1', port, password: this.a.password };
  }

  target(names: readonly Name[], part: Partial<ConnectionTarget> = {}): ConnectionTarget {
    const servers = names.map(name => this.at(name));
    return { ...targetOf(this.a), ...servers[0], servers, user: 'looker', ...part };
  }

  nameOf(port: number): Name | undefined {
    return (['a', 'b', 'down'] as const).find(name => this.at(name).port === port);
  }

  /** Which one a connection lands on, as the server itself tells. */
  async reached(target: ConnectionTarget): Promise<Name | undefined> {
    const session = await openSqlSession(target, { applicationName });
    try {
      const [row] = await session.query("SELECT current_setting('port') AS port");
      expect(session.target.port).toBe(Number(row?.['port']));
      return this.nameOf(session.target.port);
    } finally {
      await session.close();
    }
  }

  async failure(target: ConnectionTarget): Promise<Failure> {
    const error: unknown = await this.reached(target).then(
      name => `reached ${String(name)}`,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    const failure = explainFailure(error, { target });
    expect(failure.message).toMatch(/^\S[^\n]*\.$/);
    expect(JSON.stringify(failure)).not.toContain(this.a.password);
    return failure;
  }

  async dispose(): Promise<void> {
    await this.a.dispose();
  }
}

describe.each([14, 18] as const)('several hosts on %i', major => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await Servers.start(major);
  });
  afterAll(() => servers.dispose());

  it.each<[TargetSessionAttrs, readonly Name[], Name]>([
    ['any', ['a', 'b'], 'a'],
    ['any', ['down', 'b', 'a'], 'b'],
    ['primary', ['b', 'a'], 'a'],
    ['primary', ['down', 'b', 'a'], 'a'],
    ['read-write', ['b', 'a'], 'a'],
    ['standby', ['a', 'down', 'b'], 'b'],
    ['read-only', ['a', 'b'], 'b'],
    ['prefer-standby', ['a', 'b'], 'b'],
    ['prefer-standby', ['down', 'a'], 'a'],
  ])('%s of %j is %s', async (targetSessionAttrs, names, expected) => {
    const target = servers.target(names, { targetSessionAttrs });
    expect(await servers.reached(target)).toBe(expected);
    const replication = await openReplicationSession(target, { applicationName });
    expect(servers.nameOf(replication.target.port)).toBe(expected);
    await replication.close();
  });

  it('tells of each host why not it', async () => {
    const targetSessionAttrs = 'primary';
    const failure = await servers.failure(servers.target(['down', 'b'], { targetSessionAttrs }));
    const [down, b] = [servers.down, servers.b.port].map(port => `127.0.0.1:${String(port)}`);
    expect(failure).toMatchObject({
      code: 'no-server',
      message: `None of 2 servers took the connection. Nothing listens on ${String(down)}: the connection was refused. ${String(b)} is a standby, and target_session_attrs=primary asks for another server.`,
    });
    expect(failure.detail).toContain('ECONNREFUSED');
  });

  it('asks for a server that takes changes, or that takes none, of the session and not of the host', async () => {
    const quiet = { user: 'quiet' } as const;
    const wanted = { ...quiet, targetSessionAttrs: 'read-only' } as const;
    expect(await servers.reached(servers.target(['a', 'b'], wanted))).toBe('a');
    const refused = { ...quiet, targetSessionAttrs: 'read-write' } as const;
    const failure = await servers.failure(servers.target(['a', 'b'], refused));
    expect(failure.code).toBe('wrong-server');
    expect(failure.message).toContain(`127.0.0.1:${String(servers.a.port)} is read-only`);
    const one = { ...targetOf(servers.a), targetSessionAttrs: 'standby' } as const;
    expect((await servers.failure(one)).message).toBe(
      `127.0.0.1:${String(servers.a.port)} is not a standby, and target_session_attrs=standby asks for another server.`,
    );
  });

  it('ends the search where a server refuses the password', async () => {
    const list = [servers.at('down'), { ...servers.at('a'), password: 'wrong' }, servers.at('b')];
    const failure = await servers.failure({ ...servers.target(['a']), ...list[0]!, servers: list });
    expect(failure.code).toBe('password-wrong');
    expect(failure.message).toMatch(
      /^127\.0\.0\.1:\d+ did not accept the password of user "looker"\. Before it: Nothing listens on 127\.0\.0\.1:\d+: the connection was refused\.$/,
    );
  });

  it('goes on where a host does not answer in time, and where a name is not known', async () => {
    const silent = createServer(() => undefined);
    const port = await freePort();
    await new Promise<void>(resolve => silent.listen(port, '127.0.0.1', resolve));
    const list = [
      { host: 'no-such-host.invalid', port: 1 },
      { host: '127.0.0.1', port },
      servers.at('b'),
    ];
    const target = { ...servers.target(['b']), ...list[0]!, servers: list, connectTimeout: 1 };
    expect(await servers.reached(target)).toBe('b');
    const failure = await servers.failure({ ...target, servers: list.slice(0, 2) });
    expect(failure.message).toMatch(
      /^None of 2 servers took the connection\. The host name "no-such-host\.invalid" is not known\. 127\.0\.0\.1:\d+ did not answer within 1 seconds\.$/,
    );
    silent.close();
  });

  it('keeps what belongs together on one server, wherever chance has led', async () => {
    const target = servers.target(['a', 'b', 'down'], { loadBalanceHosts: 'random' });
    const seen = new Set<Name | undefined>();
    await eventually(async () => {
      const session = await openSqlSession(target, { applicationName });
      const { port } = session.target;
      seen.add(servers.nameOf(port));
      const beside = await openReplicationSession(session.target, { applicationName });
      expect(beside.target.port).toBe(port);
      await beside.close();
      // A cancel request for another server's process would do nothing.
      const sleep = session.query('SELECT pg_sleep(60)').catch((error: unknown) => String(error));
      const slept = await Promise.race([sleep, repeatCancel(session)]);
      expect(slept).toContain('canceling statement due to user request');
      await session.close();
      return seen.size === 2;
    }, 'chance leads to both');
    expect(seen).toEqual(new Set(['a', 'b']));
  });

  it.each(['a', 'b'] as const)('asks %s itself where a pooler tells nothing of it', async name => {
    for (const replication of [false, true]) {
      const options = { applicationName, replication, settings: {} };
      const { client } = await openClient(servers.target([name]), options);
      const fits = (kind: ServerKind): Promise<boolean> =>
        requireServerKind(kind, client, new Map()).then(
          () => true,
          () => false,
        );
      expect(await fits('any')).toBe(true);
      for (const kind of ['primary', 'read-write'] as const)
        expect(await fits(kind)).toBe(name === 'a');
      for (const kind of ['standby', 'read-only'] as const)
        expect(await fits(kind)).toBe(name === 'b');
      await client.end();
    }
  });

  it('passes by a server that does not take connections yet, and finds the one that took over', async () => {
    const primary = { targetSessionAttrs: 'primary' } as const;
    const session = await openSqlSession(servers.target(['a', 'b'], primary), { applicationName });
    const reached = session.target;
    await session.close();
    await servers.b.stop();
    servers.b.configure({ hot_standby: 'off' });
    // It never takes sessions then, which its start would wait for.
    const starting = servers.b.start().catch(() => undefined);
    const b = { ...servers.target(['b']), ...servers.at('b') };
    await eventually(async () => {
      const failure = await servers.failure({ ...b, reached: '127.0.0.1' });
      return failure.code === 'server-starting';
    }, 'the standby is there and takes no sessions');
    expect(await servers.reached(servers.target(['b', 'a']))).toBe('a');
    const both = await servers.failure(servers.target(['b', 'down']));
    expect(both.message).toContain('None of 2 servers');
    await servers.b.stop('immediate');
    await starting;
    servers.b.configure({ hot_standby: 'on' });
    await servers.b.start();
    await servers.a.stop('immediate');
    await servers.b.adminQuery('SELECT pg_promote()');
    // Who was connected goes to the same server or nowhere, until the list counts again.
    expect((await servers.failure(reached)).code).toBe('connection-refused');
    expect(await servers.reached(anyServer(reached))).toBe('b');
  });
});

/** Never resolves: a cancel request that comes before the statement has begun is lost, so there are several. */
async function repeatCancel(session: { readonly cancel: () => Promise<void> }): Promise<string> {
  for (let times = 0; times < 100; times++) {
    await session.cancel();
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return 'was not cancelled';
}
