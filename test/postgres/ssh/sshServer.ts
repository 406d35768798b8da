import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { freePort } from '../../../scripts/postgres/freePort';
import { chooseServerUser } from '../../../scripts/postgres/serverUser';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { eventually } from '../session/cliProcess';

const PACKAGES = path.join(PROJECT_ROOT, '.cache/openssh');
const SSHD = path.join(PACKAGES, 'usr/sbin/sshd');
const SSH = path.join(PACKAGES, 'usr/bin/ssh');
const LIBRARIES = path.join(PACKAGES, 'usr/lib/x86_64-linux-gnu');

/** Debian's OpenSSH, unpacked and not installed, so that no service of the machine begins. */
function ensureOpenSsh(): void {
  if (existsSync(SSHD) && existsSync(SSH)) return;
  mkdirSync(PACKAGES, { recursive: true });
  const sh = (command: string, ...args: string[]): void => {
    const { status, stderr } = spawnSync(command, args, { cwd: PACKAGES, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  };
  const download = (): void => {
    sh('apt-get', 'download', 'openssh-server', 'openssh-client', 'libwrap0');
  };
  try {
    download();
  } catch {
    // A bare image has no package lists yet, or old ones.
    sh('apt-get', 'update');
    download();
  }
  for (const name of readdirSync(PACKAGES)) {
    if (name.endsWith('.deb')) sh('dpkg', '-x', name, '.');
  }
}

/**
 * An SSH server, `bastion` in the configuration of an `ssh` that stands in the folder {@link programs}, to be
 * put before others on PATH: ssh takes the user's own configuration from no environment.
 */
export class SshServer {
  #sshd: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    readonly port: number,
  ) {}

  /** `extra` are lines of sshd_config. */
  static async start(extra: readonly string[] = []): Promise<SshServer> {
    ensureOpenSsh();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'pgwx-ssh-'));
    const server = new SshServer(folder, await freePort());
    server.#write(extra);
    await server.restart();
    return server;
  }

  get programs(): string {
    return path.join(this.folder, 'bin');
  }

  /** PATH with our ssh on it. */
  get path(): string {
    return `${this.programs}:${process.env['PATH'] ?? ''}`;
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Adds lines to the configuration of ssh; what stands first counts there. */
  configure(...lines: readonly string[]): void {
    const file = this.file('config');
    writeFileSync(file, `${lines.join('\n')}\n${readFileSync(file, 'utf8')}`);
  }

  async restart(): Promise<void> {
    const child = spawn(SSHD, ['-D', '-e', '-f', this.file('sshd_config')], {
      ...chooseServerUser(),
      // A group of its own, with a process for each connection.
      detached: true,
      env: { LD_LIBRARY_PATH: LIBRARIES },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#sshd = child;
    let log = '';
    child.stderr.on('data', (data: Buffer) => (log += data.toString()));
    await eventually(() => log.includes('Server listening'), `sshd listens: ${log}`);
  }

  /** Ends the server and all connections through it, without a word. */
  async kill(): Promise<void> {
    const child = this.#sshd;
    if (child?.pid === undefined) return;
    this.#sshd = undefined;
    const gone = child.exitCode === null ? once(child, 'exit') : undefined;
    for (const pid of processes(line => line.includes(`${this.folder}/sshd_config`))) {
      killFamily(pid);
    }
    child.kill('SIGKILL');
    await gone;
  }

  /** Processes of ssh that go to this server. */
  clients(): readonly number[] {
    return processes(line => line.includes(`-F ${this.file('config')} `));
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(extra: readonly string[]): void {
    const user = chooseServerUser();
    chmodSync(this.folder, 0o755);
    for (const name of ['host', 'user', 'stranger']) {
      const to = ['-N', '', '-C', name, '-f', this.file(name)];
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', ...to]);
    }
    if (user !== undefined) chownSync(this.file('host'), user.uid, user.gid);
    const hostKey = readFileSync(this.file('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    const at = `[127.0.0.1]:${String(this.port)}`;
    writeFileSync(this.file('known'), `${at} ${hostKey}\n`);
    writeFileSync(
      this.file('other'),
      `${at} ${readFileSync(this.file('stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ')}\n`,
    );
    writeFileSync(
      this.file('sshd_config'),
      [
        ...[`Port ${String(this.port)}`, 'ListenAddress 127.0.0.1', `HostKey ${this.file('host')}`],
        ...['PidFile none', 'UsePAM no', 'StrictModes no', 'PasswordAuthentication no'],
        ...['KbdInteractiveAuthentication no', `AuthorizedKeysFile ${this.file('user.pub')}`],
        ...['MaxStartups 100', ...extra, ''],
      ].join('\n'),
    );
    writeFileSync(
      this.file('config'),
      [
        'Host bastion jumped',
        `  IdentityFile ${this.file('user')}`,
        `  UserKnownHostsFile ${this.file('known')}`,
        'Host *',
        '  HostName 127.0.0.1',
        `  Port ${String(this.port)}`,
        `  User ${userName(user?.uid)}`,
        '  IdentitiesOnly yes',
        '  IdentityAgent none',
        '  GlobalKnownHostsFile /dev/null',
        '',
      ].join('\n'),
    );
    mkdirSync(this.programs);
    const program = path.join(this.programs, 'ssh');
    writeFileSync(program, `#!/bin/sh\nexec ${SSH} -F ${this.file('config')} "$@"\n`);
    chmodSync(program, 0o755);
  }
}

function userName(uid: number | undefined): string {
  if (uid === undefined) return os.userInfo().username;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.find(line => line.split(':')[2] === String(uid))?.split(':')[0] ?? '';
}

function processes(matches: (commandLine: string) => boolean): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        return matches(readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The children of sshd name themselves anew, and are told by their parents. */
function killFamily(pid: number): void {
  for (const name of readdirSync('/proc').filter(each => /^\d+$/.test(each))) {
    try {
      const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1];
      if (parent === String(pid)) killFamily(Number(name));
    } catch {
      // Gone meanwhile.
    }
  }
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}
