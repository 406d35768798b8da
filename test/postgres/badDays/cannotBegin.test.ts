import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { startCluster } from '../../../scripts/postgres/cluster';
import { freePort } from '../../../scripts/postgres/freePort';
import { eventually } from '../session/cliProcess';
import { run } from '../session/shopCluster';
import { expectNothingLeft, failureOf, pgwal } from './pgwalHere';

// Days on which nothing can begin: one sentence says what, where, and what to do about it.
describe('a look that cannot begin', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({
      major: 18,
      name: 'begin',
      settings: { max_replication_slots: '4', max_wal_senders: '4' },
      hba: ['host closed_by_hba all all reject', 'host all kept_out all reject'],
    });
    const roles = ['looker login replication', 'kept_out login replication', 'plain login'];
    await run(
      cluster,
      [
        ...[...roles, 'no_login replication'].map(
          role => `create role ${role} password '${cluster.password}'`,
        ),
        `create role too_late login replication password '${cluster.password}' valid until '2020-01-01'`,
        ...['shop', 'closed_by_hba', 'private'].map(name => `create database ${name}`),
        'create database "odd ""name"" = 1"',
        'create database resting allow_connections false',
        'revoke connect on database private from public',
      ],
      'postgres',
    );
    await run(cluster, ['create table t (a int primary key)', 'create publication p for table t']);
  });
  afterAll(async () => {
    await cluster.dispose();
  });

  const at = (port: number, more = ''): string =>
    `postgresql://looker:test-password@127.0.0.1:${String(port)}/shop?connect_timeout=2${more}`;
  const tail = (url: string, ...more: string[]) =>
    failureOf(pgwal('tail', '--url', url, '--publication', 'p', ...more));
  const server = (): string => `127.0.0.1:${String(cluster.port)}`;

  it('nothing listens there, or no such host', async () => {
    const port = await freePort();
    expect(await tail(at(port))).toMatch(
      new RegExp(
        `^Nothing listens on 127\\.0\\.0\\.1:${String(port)}: the connection was refused\\. `,
      ),
    );
    expect(await tail('postgresql://looker@no-such-host.invalid/shop')).toBe(
      'The host name "no-such-host.invalid" is not known. Check the host name, and the network or VPN.',
    );
  });

  it('somebody else listens there', async () => {
    const answers: Readonly<Record<string, (socket: Socket) => void>> = {
      ssh: socket => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'),
      echo: socket => socket.pipe(socket),
      // Its first byte is that of an authentication request.
      noise: socket => socket.once('data', () => socket.write(Buffer.alloc(5000, 0x52))),
    };
    const servers: readonly Server[] = [
      http.createServer((_, response) => response.end('hello')),
      ...Object.values(answers).map(answer =>
        net.createServer(socket => {
          socket.on('error', () => undefined);
          answer(socket);
        }),
      ),
    ];
    for (const each of servers) {
      await new Promise<void>(resolve => {
        each.listen(0, '127.0.0.1', resolve);
      });
      const { port } = each.address() as AddressInfo;
      for (const mode of ['disable', 'prefer']) {
        const startedAt = performance.now();
        expect(await tail(at(port, `&sslmode=${mode}`))).toBe(
          `127.0.0.1:${String(port)} does not answer as a Postgres server does. Check host and port.`,
        );
        // It is noticed at the first bytes, not at the time limit.
        expect(performance.now() - startedAt).toBeLessThan(1900);
      }
      each.close();
    }
  });

  it('somebody listens there who says nothing', async () => {
    const silent = net.createServer(() => undefined);
    await new Promise<void>(resolve => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const { port } = silent.address() as AddressInfo;
    expect(await tail(at(port))).toBe(
      `127.0.0.1:${String(port)} did not answer within 2 seconds. Check host and port, the network or VPN, and firewalls.`,
    );
    silent.close();
  });

  it('who we are, and what we may', async () => {
    const refused = `${server()} did not accept the password of user`;
    const again = 'Enter the password again; check that the user exists and the password is valid.';
    const hba = 'Ask for an entry in pg_hba.conf for this user, database and address.';
    const said: readonly (readonly [string, string])[] = [
      [cluster.url('shop', 'looker', 's3cret'), `${refused} "looker". ${again}`],
      [cluster.url('shop', 'nobody'), `${refused} "nobody". ${again}`],
      [cluster.url('shop', 'too_late'), `${refused} "too_late". ${again}`],
      [
        cluster.url('shop', 'no_login'),
        'The user "no_login" does not exist on 127.0.0.1 or may not log in. Correct the user name.',
      ],
      [
        cluster.url('nowhere', 'looker'),
        'The database "nowhere" does not exist on 127.0.0.1. Correct the name of the database.',
      ],
      [
        cluster.url('private', 'looker'),
        'The user "looker" may not connect to the database "private". Ask its owner for: GRANT CONNECT ON DATABASE private TO looker;',
      ],
      [
        cluster.url('resting', 'looker'),
        'The database "resting" on 127.0.0.1 is closed to connections. Choose another database, or ask for: ALTER DATABASE resting ALLOW_CONNECTIONS true;',
      ],
      [
        cluster.url('closed_by_hba', 'looker'),
        `The server does not admit looker@${server()}/closed_by_hba from this address: no entry of pg_hba.conf lets it in. ${hba}`,
      ],
      [
        cluster.url('shop', 'kept_out'),
        `The server does not admit kept_out@${server()}/shop from this address: no entry of pg_hba.conf lets it in. ${hba}`,
      ],
      [
        cluster.url('shop', 'plain'),
        'The user "plain" may not replicate. Ask a superuser for: ALTER ROLE plain REPLICATION; (on Amazon RDS: GRANT rds_replication TO plain;).',
      ],
      [
        cluster.url('odd "name" = 1', 'looker'),
        'There is no publication "p" in the database "odd \\"name\\" = 1". Create one first: it shows only what is written after that.',
      ],
    ];
    for (const [url, sentence] of said) expect(await tail(url)).toBe(sentence);
  });

  it('what is asked for is not there', async () => {
    const url = cluster.url('shop', 'looker');
    const named = ['--publication', 'p" cascade; \u001b[2J'];
    expect(await failureOf(pgwal('tail', '--url', url, ...named))).toBe(
      'There is no publication "p\\" cascade; \\u001b[2J" in the database "shop". It has: "p".',
    );
    expect(await failureOf(pgwal('peek', '--url', url, '--slot', 'none'))).toBe(
      'There is no slot "none" on this server. List its slots.',
    );
  });

  it('its certificate has expired', async () => {
    const tls = path.resolve('test/postgres/tls');
    for (const kind of ['crt', 'key']) {
      const text = readFileSync(path.join(tls, `expired.${kind}`), 'utf8');
      cluster.write(path.join(cluster.dataDir, `server.${kind}`), text);
    }
    const root = encodeURIComponent(path.join(tls, 'expired-root.crt'));
    cluster.configure({ ssl: 'on' });
    await cluster.restart();
    const url = `postgresql://looker:test-password@localhost:${String(cluster.port)}/shop`;
    for (const mode of ['verify-full', 'verify-ca']) {
      expect(await tail(`${url}?sslmode=${mode}&sslrootcert=${root}`)).toBe(
        `The certificate of localhost:${String(cluster.port)} is not valid at this time. Ask for a new certificate, and check the clock.`,
      );
    }
    cluster.configure({ ssl: 'off' });
    expect(await tail(`${url}?sslmode=verify-full&sslrootcert=/nowhere/root.crt`)).toBe(
      'A certificate file cannot be read: sslrootcert /nowhere/root.crt: the folder or file does not exist. Correct its path.',
    );
  });

  it('no slot, no sender, no logical WAL', async () => {
    const url = cluster.url('shop', 'looker');
    for (const name of ['a', 'b', 'c', 'd']) {
      await cluster.adminQuery(`select pg_create_physical_replication_slot('${name}')`);
    }
    expect(await tail(url)).toBe(
      'Only 0 of 4 replication slots are free; two must stay free for standbys. Use --force to go on all the same.',
    );
    expect(await tail(url, '--force')).toBe(
      `All replication slots of ${server()} are in use. Drop a slot that nobody needs, or raise max_replication_slots.`,
    );
    for (const name of ['a', 'b', 'c', 'd']) {
      await cluster.adminQuery(`select pg_drop_replication_slot('${name}')`);
    }
    cluster.configure({ max_wal_senders: '2' });
    await cluster.restart();
    expect(await tail(url)).toMatch(
      /^Only \d of 2 WAL senders stay free beside ours; two must, for standbys\. Use --force to/,
    );
    cluster.configure({ max_wal_senders: '0' });
    await cluster.restart();
    expect(await tail(url)).toBe(
      `All WAL senders of ${server()} are in use. Wait until one is free, or raise max_wal_senders.`,
    );
    cluster.configure({ max_wal_senders: '4', wal_level: 'replica' });
    await cluster.restart();
    expect(await tail(url)).toBe(
      `The wal_level of ${server()} is too low for logical decoding. Set wal_level = logical on the primary and restart it.`,
    );
    await expectNothingLeft(cluster);
  });

  it('it does not take connections yet', async () => {
    await cluster.stop();
    // A standby that nobody may ask.
    await writeFile(path.join(cluster.dataDir, 'standby.signal'), '');
    cluster.configure({ hot_standby: 'off' });
    const starting = cluster.start();
    starting.catch(() => undefined);
    const url = cluster.url('shop', 'looker');
    await eventually(async () => {
      const { stderr } = await pgwal('tail', '--url', url, '--publication', 'p');
      return stderr.includes('is not accepting connections');
    }, 'it stands by');
    expect(await tail(url)).toMatch(
      new RegExp(
        `^${server()} does not take connections now: the database system .*\\. Try again in a moment\\.$`,
      ),
    );
    await cluster.stop('immediate');
    await expect(starting).rejects.toThrow();
  });
});
