import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkParameters } from '../../../src/postgres/connectionChoices';
import {
  ConnectionStringError,
  type ConnectionParameters,
} from '../../../src/postgres/connectionString';
import { formatTarget } from '../../../src/postgres/formatTarget';
import { applicationDataFile } from '../../../src/postgres/applicationData';
import { defaultPasswordFile, matchPassword } from '../../../src/postgres/passwordFile';
import { resolveTarget, type Surroundings } from '../../../src/postgres/resolveTarget';
import { listServices, parseService, serviceFiles } from '../../../src/postgres/serviceFile';

// File modes and Unix sockets are of POSIX systems; elsewhere these rules do not apply.
const posixIt = it.skipIf(process.platform === 'win32');

let home = '';
let around: Surroundings;
beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'pgwx-home-'));
  around = { env: {}, home, userName: 'me', platform: 'linux', socketFolders: [home] };
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('defaults', () => {
  it('are those of libpq, with a timeout', async () => {
    expect(await resolveTarget({}, around)).toEqual({
      target: {
        host: 'localhost',
        port: 5432,
        user: 'me',
        database: 'me',
        sslMode: 'prefer',
        connectTimeout: 10,
      },
      warnings: [],
    });
  });

  it('take the PG variables, and what is given over them', async () => {
    const env = {
      PGHOST: 'envhost',
      PGPORT: '7',
      PGUSER: 'envuser',
      PGPASSWORD: 'envpw',
      PGSSLMODE: 'verify-full',
      PGCONNECT_TIMEOUT: '0',
      PGOPTIONS: '-c geqo=off',
    };
    const { target } = await resolveTarget({ user: 'given', dbname: '' }, { ...around, env });
    expect(target).toEqual({
      host: 'envhost',
      port: 7,
      user: 'given',
      database: 'given',
      password: 'envpw',
      sslMode: 'verify-full',
      connectTimeout: 0,
      options: '-c geqo=off',
    });
  });

  it('keep the name beside the address', async () => {
    const given = { host: 'name', hostaddr: '10.0.0.1' };
    const { target } = await resolveTarget(given, around);
    expect(target).toMatchObject({ host: 'name', hostAddress: '10.0.0.1' });
    const alone = await resolveTarget({ hostaddr: '10.0.0.1' }, around);
    expect(alone.target.host).toBe('10.0.0.1');
    await expect(resolveTarget({ hostaddr: 'name' }, around)).rejects.toThrow('an IP address');
  });

  posixIt('find the socket and the certificates where they lie', async () => {
    writeFileSync(path.join(home, '.s.PGSQL.5432'), '');
    mkdirSync(path.join(home, '.postgresql'), { recursive: true });
    writeFileSync(path.join(home, '.postgresql', 'root.crt'), '');
    const { target } = await resolveTarget({}, around);
    expect(target.host).toBe(home);
    expect(target.sslRootCert).toBe(path.join(home, '.postgresql', 'root.crt'));
    rmSync(path.join(home, '.s.PGSQL.5432'));
    rmSync(path.join(home, '.postgresql'), { recursive: true });
  });

  it('check the name where the authorities are those of the system', async () => {
    const { target } = await resolveTarget({ sslrootcert: 'system' }, around);
    expect(target).toMatchObject({ sslMode: 'verify-full', sslRootCert: 'system' });
    const weak = resolveTarget({ sslrootcert: 'system', sslmode: 'require' }, around);
    await expect(weak).rejects.toThrow('sslrootcert=system goes only with sslmode=verify-full');
  });

  it('take the choices of TLS, and only their words', async () => {
    const env = { PGCHANNELBINDING: 'require', PGSSLNEGOTIATION: 'direct', PGSSLCRL: '/crl' };
    const given = { sslmode: 'require', sslrootcert: '/root', sslpassword: 'pw' };
    expect((await resolveTarget(given, { ...around, env })).target).toMatchObject({
      channelBinding: 'require',
      sslNegotiation: 'direct',
      sslCrl: '/crl',
      sslPassword: 'pw',
    });
    await expect(resolveTarget({}, { ...around, env })).rejects.toThrow('needs sslmode=require');
    const wrong = resolveTarget({ channel_binding: 'yes' }, around);
    await expect(wrong).rejects.toThrow('channel_binding must be one of disable, prefer, require.');
  });

  it('take what they do not use only where that is as safe', async () => {
    const refused: Readonly<Record<string, string>> = {
      PGGSSENCMODE: 'require',
      PGSSLCERTMODE: 'require',
      PGMINPROTOCOLVERSION: '3.2',
      PGREQUIREAUTH: 'md5,!none',
      PGSSLMINPROTOCOLVERSION: 'SSLv3',
      PGTARGETSESSIONATTRS: 'master',
      PGLOADBALANCEHOSTS: 'yes',
      PGSSLSNI: 'no',
    };
    for (const [name, text] of Object.entries(refused)) {
      const attempt = resolveTarget({}, { ...around, env: { [name]: text } });
      await expect(attempt, name).rejects.toThrow(ConnectionStringError);
    }
    const env = {
      PGGSSENCMODE: 'prefer',
      PGSSLCERTMODE: 'allow',
      PGMINPROTOCOLVERSION: '3.0',
      PGREQUIREAUTH: 'scram-sha-256, none',
      PGSSLMINPROTOCOLVERSION: 'tlsv1.3',
      PGSSLSNI: '0',
    };
    const { target } = await resolveTarget({ keepalives_idle: '7' }, { ...around, env });
    expect(target).toMatchObject({
      requireAuth: ['scram-sha-256', 'none'],
      sslMinVersion: 'TLSv1.3',
      sslSni: false,
      keepalivesIdle: 7,
    });
    const off = await resolveTarget({ keepalives: '0', keepalives_idle: '7' }, around);
    expect(off.target.keepalivesIdle).toBe('off');
    const range = { ssl_max_protocol_version: 'TLSv1.1' };
    await expect(resolveTarget(range, around)).rejects.toThrow('below ssl_min_protocol_version');
  });

  it('refuse requirepeer where it would count', async () => {
    const given = { requirepeer: 'postgres' };
    await expect(resolveTarget({ ...given, host: '/run' }, around)).rejects.toThrow('requirepeer');
    expect((await resolveTarget({ ...given, host: 'h' }, around)).target.host).toBe('h');
  });

  posixIt('show no certificate where sslcertmode says so', async () => {
    const given = { sslcert: '/c', sslkey: '/k' };
    expect((await resolveTarget(given, around)).target.sslCert).toBe('/c');
    const hidden = await resolveTarget({ ...given, sslcertmode: 'disable' }, around);
    expect(hidden.target.sslCert).toBeUndefined();
    expect(hidden.target.sslKey).toBeUndefined();
  });
});

describe('several hosts', () => {
  it('have one port or one each, and a password each', async () => {
    const file = path.join(home, 'several');
    writeFileSync(file, 'a:1:*:*:first\nb:2:*:*:second\n10.0.0.3:5432:*:*:third\n', {
      mode: 0o600,
    });
    const given = { host: 'a,b,', hostaddr: ',10.0.0.2,10.0.0.3', port: '1,2,', passfile: file };
    const { target } = await resolveTarget(given, around);
    const servers = [
      { host: 'a', port: 1, password: 'first' },
      { host: 'b', hostAddress: '10.0.0.2', port: 2, password: 'second' },
      { host: '10.0.0.3', port: 5432, password: 'third' },
    ];
    expect(target).toMatchObject({ ...servers[0], servers });
    const same = await resolveTarget({ host: 'a,b', port: '7', password: 'pw' }, around);
    expect(same.target.servers).toEqual([
      { host: 'a', port: 7, password: 'pw' },
      { host: 'b', port: 7, password: 'pw' },
    ]);
  });

  it('come from the environment too', async () => {
    const env = { PGHOST: 'a,b', PGPORT: '1,2', PGTARGETSESSIONATTRS: 'prefer-standby' };
    const { target } = await resolveTarget({}, { ...around, env });
    expect(formatTarget(target)).toBe('me@a:1,b:2/me');
    expect(target.targetSessionAttrs).toBe('prefer-standby');
  });

  it('are refused where the lists do not fit', async () => {
    const refused: readonly (readonly [ConnectionParameters, string])[] = [
      [{ host: 'a,b', port: '1,2,3' }, '3 ports for 2 hosts'],
      [{ host: 'a', port: '1,2' }, '2 ports for one host'],
      [{ host: 'a,b', hostaddr: '10.0.0.1' }, '2 hosts and one address'],
      [{ host: 'a,b', port: '1,x' }, 'number from 1 to 65535'],
      [{ host: 'a,@abstract' }, 'A Unix socket without a file'],
    ];
    for (const [given, reason] of refused) {
      await expect(resolveTarget(given, around)).rejects.toThrow(reason);
      expect(() => {
        checkParameters(given);
      }).toThrow(reason);
    }
    expect(() => {
      checkParameters({ service: 'elsewhere', port: '1,2' });
    }).not.toThrow();
  });
});

describe('password file', () => {
  const wanted = { host: 'h', port: 5432, database: 'd', user: 'u' };
  it.each([
    ['h:5432:d:u:secret', 'secret'],
    ['# h:5432:d:u:no\nh:1:d:u:no\n*:*:*:u:any\n*:*:*:*:later', 'any'],
    ['h:5432:d:u:with\\:colon\\\\slash', 'with:colon\\slash'],
    ['h:5432:d:u:rest:of:line', 'rest:of:line'],
    ['H:5432:d:u:x', undefined],
    ['h:5432:d', undefined],
    ['', undefined],
    ['h:5432:d:u:crlf\r\n', 'crlf'],
  ])('%j', (text, expected) => {
    expect(matchPassword(text, wanted)).toBe(expected);
  });

  it('unescapes what it compares', () => {
    expect(matchPassword('a\\:b:*:*:*:pw', { ...wanted, host: 'a:b' })).toBe('pw');
  });

  posixIt('is left alone when others can read it', async () => {
    const file = path.join(home, '.pgpass');
    writeFileSync(file, 'localhost:5432:me:me:filed\n');
    chmodSync(file, 0o644);
    const open = await resolveTarget({}, around);
    expect(open.target.password).toBeUndefined();
    expect(open.warnings[0]).toContain('0600');
    chmodSync(file, 0o600);
    expect((await resolveTarget({}, around)).target.password).toBe('filed');
    // Windows has no such modes, and another place.
    mkdirSync(path.join(home, 'postgresql'), { recursive: true });
    writeFileSync(path.join(home, 'postgresql', 'pgpass.conf'), '*:*:*:*:windows\n');
    chmodSync(path.join(home, 'postgresql', 'pgpass.conf'), 0o644);
    const windows: Surroundings = { ...around, platform: 'win32', env: { APPDATA: home } };
    const passfile = path.join(home, 'postgresql', 'pgpass.conf');
    expect((await resolveTarget({ passfile }, windows)).target.password).toBe('windows');
    rmSync(file);
  });

  posixIt('means localhost for the default socket folder', async () => {
    const file = path.join(home, 'passwords');
    writeFileSync(file, 'localhost:*:*:*:socket\n', { mode: 0o600 });
    const given = { host: home, passfile: file };
    expect((await resolveTarget(given, around)).target.password).toBe('socket');
  });
});

describe('service file', () => {
  it('gives one section, quotes and all', () => {
    const text = "# c\n[a]\nhost=x\n[b]\nhost = y\npassword=it's a \\ secret\n\n[b]\nport=1";
    expect(parseService(text, 'b')).toEqual({ host: 'y', password: "it's a \\ secret" });
    expect(parseService(text, 'c')).toBeUndefined();
    expect(() => parseService('[a]\nnonsense', 'a')).toThrow('without "="');
  });

  it('stands between what is given and the environment', async () => {
    const file = path.join(home, '.pg_service.conf');
    writeFileSync(file, '[shop]\nhost=service\nuser=service\n');
    const env = { PGHOST: 'env', PGUSER: 'env', PGDATABASE: 'env' };
    const { target } = await resolveTarget({ service: 'shop', user: 'given' }, { ...around, env });
    expect([target.host, target.user, target.database]).toEqual(['service', 'given', 'env']);
    await expect(resolveTarget({ service: 'none' }, around)).rejects.toThrow('"none"');
  });
});

describe('the files of libpq lie', () => {
  const on = (platform: NodeJS.Platform, env: Surroundings['env']): Surroundings => ({
    platform,
    env,
    home: platform === 'win32' ? 'C:\\Users\\ada' : '/home/ada',
    userName: 'ada',
    socketFolders: [],
  });

  it('in the home folder and in /etc', () => {
    const linux = on('linux', { PGSERVICEFILE: '' });
    expect(serviceFiles(linux)).toEqual([
      '/home/ada/.pg_service.conf',
      '/etc/postgresql-common/pg_service.conf',
    ]);
    expect(defaultPasswordFile(on('darwin', {}))).toBe('/home/ada/.pgpass');
  });

  it('in %APPDATA% on Windows', () => {
    const windows = on('win32', { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' });
    const folder = 'C:\\Users\\ada\\AppData\\Roaming\\postgresql';
    expect(serviceFiles(windows)).toEqual([`${folder}\\.pg_service.conf`]);
    expect(defaultPasswordFile(windows)).toBe(`${folder}\\pgpass.conf`);
    expect(applicationDataFile(windows, 'root.crt')).toBe(`${folder}\\root.crt`);
    expect(defaultPasswordFile(on('win32', {}))).toBe('C:\\Users\\ada\\postgresql\\pgpass.conf');
  });

  it('where the environment says', () => {
    const env = { PGSERVICEFILE: '/x/services', PGSYSCONFDIR: '/etc/pg' };
    expect(serviceFiles(on('linux', env))).toEqual(['/x/services', '/etc/pg/pg_service.conf']);
    expect(serviceFiles(on('win32', { PGSERVICEFILE: 'D:\\s.conf' }))).toEqual(['D:\\s.conf']);
  });
});

describe('the list of services', () => {
  it('has each once, from the file that would be read first', async () => {
    const own = path.join(home, 'own.conf');
    writeFileSync(own, '\uFEFF# mine\r\n[shop]\r\nhost=a\r\n[shop]\nhost=b\n[ odd name ]\n');
    const system = path.join(home, 'pg_service.conf');
    writeFileSync(system, '[shop]\nhost=c\n[stock]\nnonsense\n');
    const env = { PGSERVICEFILE: own, PGSYSCONFDIR: home };
    expect(await listServices({ ...around, env })).toEqual([
      { name: 'shop', file: own },
      { name: ' odd name ', file: own },
      { name: 'stock', file: system },
    ]);
    const { target } = await resolveTarget({ service: 'shop' }, { ...around, env });
    expect(target.host).toBe('a');
  });

  it('is empty where there is no file', async () => {
    const env = { PGSERVICEFILE: path.join(home, 'nowhere'), PGSYSCONFDIR: home + '/nowhere' };
    expect(await listServices({ ...around, env })).toEqual([]);
  });

  it('does not lead from one service to another', () => {
    expect(() => parseService('[a]\nservice=b', 'a')).toThrow('names another service');
  });
});

describe('formatTarget', () => {
  it('shows no secret', () => {
    const target = {
      host: '::1',
      port: 1,
      user: 'u',
      database: 'd',
      password: 'pw',
      sslMode: 'prefer' as const,
      connectTimeout: 1,
    };
    expect(formatTarget(target)).toBe('u@[::1]:1/d');
  });
});
