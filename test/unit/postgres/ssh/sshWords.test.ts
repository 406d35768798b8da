import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConnectionString } from '../../../../src/postgres/connectionString';
import { findProgram } from '../../../../src/postgres/ssh/findProgram';
import { resolveThroughSsh } from '../../../../src/postgres/ssh/resolveThroughSsh';
import { sshArguments } from '../../../../src/postgres/ssh/sshArguments';
import { sshDestinationProblem } from '../../../../src/postgres/ssh/sshDestination';
import { sshErrorOf } from '../../../../src/postgres/ssh/sshRules';
import { mayPass } from '../../../../src/session/mayPass';

const bastion = { destination: 'bastion', connectTimeout: 10 };

describe('an SSH destination', () => {
  it.each([
    ...['bastion', 'ops@bastion', 'ops@10.0.0.1', 'ssh://ops@bastion:2222', 'ssh://bastion/'],
    ...['CORP\\ops@bastion', 'me@mail.example@bastion', 'ops@fe80::1%eth0'],
  ])('may be %s', text => {
    expect(sshDestinationProblem(text)).toBeUndefined();
  });

  it.each([
    ...[
      '',
      '-l',
      '-oProxyCommand=id',
      'ops@-oProxyCommand=id',
      'ssh://-x',
      '@bastion',
      '-x@bastion',
    ],
    ...['a b', 'a\nb', 'a\0b', '$(id)', '`id`', 'a;id', 'a|id', "a'b", 'x"y@bastion', 'ops@a/b'],
  ])('may not be %j', text => {
    expect(sshDestinationProblem(text)).toMatch(/^An SSH destination .*\.$/);
  });
});

describe('what ssh is told', () => {
  it('ends its options before the destination, and brackets the host, which may be an IPv6 address', () => {
    expect(sshArguments(bastion, '::1', 5432, {}).slice(-4)).toEqual([
      '-W',
      '[::1]:5432',
      '--',
      'bastion',
    ]);
  });

  it('asks nobody, but by a program for that which the user has chosen', () => {
    const batch = (env: Record<string, string>): boolean =>
      sshArguments(bastion, 'db', 5432, env).includes('BatchMode=yes');
    expect(batch({})).toBe(true);
    expect(batch({ SSH_ASKPASS: '/usr/bin/ksshaskpass' })).toBe(true);
    expect(batch({ SSH_ASKPASS: '/usr/bin/ksshaskpass', SSH_ASKPASS_REQUIRE: 'force' })).toBe(
      false,
    );
  });

  it('gives up before we do, and never where we wait for as long as it takes', () => {
    const timeout = (connectTimeout: number): string | undefined =>
      sshArguments({ ...bastion, connectTimeout }, 'db', 5432, {}).find(each =>
        each.startsWith('ConnectTimeout'),
      );
    expect([10, 1, 0].map(timeout)).toEqual(['ConnectTimeout=9', 'ConnectTimeout=1', undefined]);
  });
});

describe('what ssh says', () => {
  it.each([
    ['server-not-opened', 'Stdio forwarding request failed: Session open refused by peer'],
    ['unreachable', 'ssh: connect to host bastion port 22: No route to host'],
    ['unreachable', 'ssh: connect to host bastion port 22: Operation timed out'],
    ['denied', 'Received disconnect from ::1 port 22:2: Too many authentication failures'],
    ['no-agreement', 'Unable to negotiate with ::1 port 22: no matching host key type found.'],
    ['server-unreachable', 'channel 0: open failed: connect failed: Connection timed out'],
    ['forwarding-denied', 'channel 0: open failed: administratively prohibited: open failed'],
    ['closed', 'kex_exchange_identification: read: Connection reset by peer'],
    ['other', 'ssh: something new'],
    ['other', ''],
  ])('means %s: %s', (trouble, text) => {
    expect(sshErrorOf(`Welcome to the bastion\r\n${text}\n`, false).trouble).toBe(trouble);
    // Once the connection stood, whatever ends it has broken it.
    expect(sshErrorOf(text, true).trouble).toBe('lost');
  });

  it('names the host that it is about, which may be a jump', () => {
    const text =
      'ssh: connect to host jump port 22: Connection refused\nConnection closed by UNKNOWN port 65535';
    expect(sshErrorOf(text, false)).toMatchObject({ trouble: 'refused', host: 'jump' });
  });
});

it('a program is looked for in the absolute folders of PATH alone', () => {
  const find = (...folders: readonly string[]): string | undefined =>
    findProgram('sh', { PATH: folders.join(delimiter) }, 'linux');
  expect(find('bin', '', '.', '/nowhere', '/bin')).toBe('/bin/sh');
  expect(find('bin', '../../../../../../../../bin')).toBeUndefined();
  expect(findProgram('sh', {}, 'linux')).toBeUndefined();
});

it('without a host it is the SSH server itself that is meant, whatever sockets this machine has', async () => {
  const surroundings = {
    env: {},
    home: '/nowhere',
    userName: 'ada',
    platform: 'linux',
    socketFolders: ['/tmp'],
  } as const;
  const given = parseConnectionString('dbname=shop');
  const { target } = await resolveThroughSsh(given, 'bastion', surroundings);
  expect(target).toMatchObject({ host: 'localhost', ssh: 'bastion' });
  await expect(resolveThroughSsh(given, '-x', surroundings)).rejects.toThrow('SSH destination');
  expect((await resolveThroughSsh(given, '', surroundings)).target).not.toHaveProperty('ssh');
});

it('what a person has to change is not tried again by itself', () => {
  const passes = (text: string): boolean => mayPass(sshErrorOf(text, false));
  expect(passes('ssh: connect to host bastion port 22: No route to host')).toBe(true);
  expect(passes('channel 0: open failed: connect failed: Connection refused')).toBe(true);
  expect(passes('ops@bastion: Permission denied (publickey).')).toBe(false);
  expect(passes('Host key verification failed.')).toBe(false);
});
