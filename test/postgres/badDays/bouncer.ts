import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { freePort } from '../../../scripts/postgres/freePort';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { eventually } from '../session/cliProcess';

const FOLDER = path.join(PROJECT_ROOT, '.cache/pgbouncer');
const PROGRAM = path.join(FOLDER, 'usr/sbin/pgbouncer');
const LIBRARIES = path.join(FOLDER, 'usr/lib/x86_64-linux-gnu');

/** Debian's PgBouncer, unpacked and not installed, so that no service of the machine begins. */
function ensureBouncer(): void {
  if (existsSync(PROGRAM)) return;
  mkdirSync(FOLDER, { recursive: true });
  const sh = (command: string, ...args: string[]): void => {
    const { status, stderr } = spawnSync(command, args, { cwd: FOLDER, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  };
  const download = (): void => {
    sh('apt-get', 'download', 'pgbouncer', 'libc-ares2');
  };
  try {
    download();
  } catch {
    // A bare image has no package lists yet, or old ones.
    sh('apt-get', 'update');
    download();
  }
  for (const name of readdirSync(FOLDER)) {
    if (name.endsWith('.deb')) sh('dpkg', '-x', name, '.');
  }
}

/** A PgBouncer before a server, with the extra lines of its configuration. */
export class Bouncer {
  private constructor(
    readonly port: number,
    readonly child: ChildProcess,
  ) {}

  static async start(folder: string, cluster: Cluster, extra: readonly string[]): Promise<Bouncer> {
    ensureBouncer();
    const port = await freePort();
    const users = path.join(folder, 'users.txt');
    const config = path.join(folder, 'pgbouncer.ini');
    writeFileSync(users, `"looker" "${cluster.password}"\n`);
    const lines = [
      ...['[databases]', `* = host=127.0.0.1 port=${String(cluster.port)}`, '[pgbouncer]'],
      ...['listen_addr = 127.0.0.1', `listen_port = ${String(port)}`, 'unix_socket_dir ='],
      ...['auth_type = plain', `auth_file = ${users}`, ...extra],
    ];
    writeFileSync(config, lines.join('\n'));
    // It does not run as root.
    chmodSync(folder, 0o755);
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = spawn(PROGRAM, [...user, config], {
      env: { LD_LIBRARY_PATH: LIBRARIES },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr.on('data', (data: Buffer) => (log += data.toString()));
    await eventually(() => log.includes('process up'), 'PgBouncer is up');
    return new Bouncer(port, child);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
