import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { BuiltCli, eventually, RunningCli } from './session/cliProcess';
import { buildRecorder, Recorder } from './session/recorderThread';
import { ownSlots, SHOP, startShop, untilStreaming } from './session/shopCluster';
import { SshServer } from './ssh/sshServer';
import { targetOf } from './targetOf';

let cluster: Cluster;
let ssh: SshServer;
let cli: BuiltCli;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-ssh-streams-'));
  [cluster, ssh, cli] = await Promise.all([startShop(18), SshServer.start(), BuiltCli.build()]);
});
afterAll(async () => {
  await ssh.dispose();
  await cluster.dispose();
  await cli.dispose();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await eventually(() => ssh.clients().length === 0, 'every ssh of ours is gone');
  await eventually(async () => (await ownSlots(cluster)).length === 0, 'no slot of ours is left');
});

const url = (): string =>
  `postgresql://looker:${cluster.password}@127.0.0.1:${String(cluster.port)}/${SHOP}`;

/** A tail in a process group of its own, as a shell starts it. */
function startTail(...args: readonly string[]): RunningCli {
  const all = [cli.script, 'tail', '--url', url(), '--publication', 'everything', ...args];
  return new RunningCli(
    spawn(process.execPath, all, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: ssh.path, HOME: cli.folder, PGWAL_SSH: 'bastion' },
    }),
  );
}

async function insert(note: string): Promise<void> {
  await cluster.adminQuery(`insert into notes_ssh values ('${note}')`, SHOP);
}

it('a tail goes through SSH and ends in good order at Ctrl-C, which a terminal sends to all of a group', async () => {
  await cluster.adminQuery('create table notes_ssh (note text)', SHOP);
  const tail = startTail();
  await untilStreaming(cluster);
  // The stream and the session beside it, each through its own.
  expect(ssh.clients().length).toBeGreaterThanOrEqual(2);
  await insert('first');
  await eventually(() => tail.stdout.includes('first'), 'the change is printed');
  process.kill(-tail.pid, 'SIGINT');
  expect(await tail.ended).toMatchObject({ status: 0, stderr: '' });
  expect(tail.events().at(-1)).toMatchObject({ kind: 'commit' });
});

it('a tail that is killed leaves no ssh, no session and no slot', async () => {
  const tail = startTail();
  await untilStreaming(cluster);
  tail.child.kill('SIGKILL');
  await tail.ended;
  await eventually(async () => {
    const rows = await cluster.adminQuery(
      `select 1 from pg_stat_activity where application_name like 'walexplorer%'`,
    );
    return rows.length === 0;
  }, 'the server has no session of ours');
});

it('an option names the SSH server too, and wrong ones are told in one line', async () => {
  const env = { PATH: ssh.path };
  const list = await cli.run(['publications', '--url', url(), '--ssh', 'bastion'], env);
  expect(list).toMatchObject({ status: 0, stderr: '' });
  expect(list.stdout).toContain('everything');
  const wrong = await cli.run(['slots', '--url', url(), '--ssh=-oProxyCommand=id'], env);
  expect(wrong).toMatchObject({ status: 2, stdout: '' });
  expect(wrong.stderr).toContain('An SSH destination does not begin with "-".');
});

it('a recorder thread has its own, which end with it', async () => {
  vi.stubEnv('PATH', ssh.path);
  const recorder = new Recorder(await buildRecorder(folder));
  const { peer } = recorder;
  await peer.call('start', {
    kind: 'tail',
    target: targetOf(cluster, { user: 'looker', database: SHOP, ssh: 'bastion' }),
    profile: { name: 'shop', readOnly: true },
    capturePath: path.join(folder, 'tail.walcap'),
    retainedBudget: 1024 ** 3,
    options: { publications: ['everything'] },
  });
  await untilStreaming(cluster);
  expect(ssh.clients().length).toBeGreaterThanOrEqual(2);
  await recorder.worker.terminate();
});

it('a tail comes back through an SSH server that died and returned, and its log says what ssh said', async () => {
  vi.stubEnv('PATH', ssh.path);
  const recorder = new Recorder(await buildRecorder(folder));
  await recorder.peer.call('start', {
    kind: 'tail',
    target: targetOf(cluster, { user: 'looker', database: SHOP, ssh: 'bastion' }),
    profile: { name: 'shop', readOnly: true },
    capturePath: path.join(folder, 'cut.walcap'),
    retainedBudget: 1024 ** 3,
    options: { publications: ['everything'] },
  });
  await untilStreaming(cluster);
  await ssh.kill();
  await eventually(() => recorder.last?.phase === 'reconnecting', 'it tries to come back');
  expect(recorder.last?.message).toMatch(
    /^(The connection to the server .* through the SSH server bastion was lost|The server .* cannot be reached any more)/,
  );
  await ssh.restart();
  await eventually(
    () => recorder.last?.notes.some(note => note.startsWith('The stream went on')),
    `it comes back: ${recorder.log.join('; ')}`,
    40_000,
  );
  expect(recorder.log.join('\n')).toMatch(/ssh: .*([Cc]onnection|Broken pipe)/);
  await recorder.peer.call('stop', { reason: 'stopped' });
  await recorder.worker.terminate();
});
