import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, closeSync, cpSync, existsSync, mkdtempSync } from 'node:fs';
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runChecked } from '../process/runCommand';
import { AdminSession, type AdminRow } from './adminSession';
import { fromTemplate } from './dataTemplate';
import { ensurePostgres, type PostgresMajor } from './embeddedServers';
import { freePort } from './freePort';
import { Leftovers } from './leftovers';
import { chooseServerUser, runnableServer, type ServerUser } from './serverUser';

export interface ClusterOptions {
  readonly major: PostgresMajor;
  /** Lines of postgresql.conf beside ours, such as `{ wal_level: 'replica' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines that stand before initdb's own in pg_hba.conf. */
  readonly hba?: readonly string[];
  /** Part of the temporary folder's name. */
  readonly name?: string;
  /** For a demo that should survive a power cut; tests do without. */
  readonly fsync?: boolean;
  /** Made by an initdb of its own: the identifier of its system is no other server's. */
  readonly isOwnSystem?: boolean;
}

export type StopMode = 'smart' | 'fast' | 'immediate';

const SIGNAL_OF_MODE = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const SUPERUSER = 'postgres';
const PASSWORD = 'test-password';
const START_TIMEOUT_MS = 30_000;
/** Changes with the options of initdb below, so that older templates are not copied any more. */
const INITDB_RECIPE = 1;

const BASE_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  wal_level: 'logical',
  max_connections: '40',
  max_replication_slots: '10',
  max_wal_senders: '10',
  shared_buffers: '16MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  wal_keep_size: '64MB',
  autovacuum_naptime: '1h',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] %q%a ',
};

const leftovers = new Leftovers();

/** Makes and starts a new server with a superuser `postgres`, reached over TCP with a password. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const native = (await ensurePostgres([options.major])).get(options.major) ?? '';
  const user = chooseServerUser();
  const programs = path.join(runnableServer(native, user, leftovers), 'bin');
  const folder = makeFolder(options.name ?? `pg${options.major}`, user);
  const cluster = new Cluster(options, folder, programs, user);
  try {
    const initdb = (): Promise<void> => cluster.initdb();
    const version = path.basename(path.resolve(native, '../../..'));
    if (options.isOwnSystem === true) await initdb();
    else {
      const key = `${version}-${user?.uid ?? 'self'}-${INITDB_RECIPE}`;
      await fromTemplate(key, cluster.dataDir, initdb);
    }
    cluster.prepare();
    await cluster.start();
  } catch (error) {
    await cluster.dispose();
    throw error;
  }
  return cluster;
}

function makeFolder(name: string, user: ServerUser | undefined): string {
  // Short, because a Unix socket in it has a path of at most 107 bytes.
  const folder = mkdtempSync(path.join(os.tmpdir(), `pgwx-${name}-`));
  leftovers.add(folder);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** One real server in a temporary folder, gone with {@link dispose} or with this process. */
export class Cluster {
  readonly dataDir: string;
  #port = 0;
  #server: ChildProcess | undefined;
  readonly #standbys: Cluster[] = [];

  constructor(
    readonly options: ClusterOptions,
    readonly folder: string,
    readonly programs: string,
    readonly user: ServerUser | undefined,
  ) {
    this.dataDir = path.join(folder, 'data');
  }

  get port(): number {
    return this.#port;
  }

  /** Every role that a test makes with this password can be given as `user`. */
  get password(): string {
    return PASSWORD;
  }

  /** Process id of the postmaster; undefined while it is not running. */
  get pid(): number | undefined {
    return this.#server?.exitCode === null && this.#server.signalCode === null
      ? this.#server.pid
      : undefined;
  }

  url(database = 'postgres', user = SUPERUSER, password = PASSWORD): string {
    const at = `${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${this.#port}`;
    return `postgresql://${at}/${encodeURIComponent(database)}`;
  }

  /** Runs statements as the superuser in a session of their own; the rows of the last one. */
  async adminQuery(sql: string, database = 'postgres'): Promise<readonly AdminRow[]> {
    const session = await this.openAdmin(database);
    try {
      return await session.query(sql);
    } finally {
      await session.end();
    }
  }

  /** A session that the caller ends. */
  openAdmin(database = 'postgres', applicationName = 'test'): Promise<AdminSession> {
    return AdminSession.open(this.url(database), applicationName);
  }

  /** Makes the data directory. */
  async initdb(): Promise<void> {
    const passwordFile = path.join(this.folder, 'password');
    this.write(passwordFile, PASSWORD);
    await runChecked(
      path.join(this.programs, 'initdb'),
      [
        ...['-D', this.dataDir, '-U', SUPERUSER, '--pwfile', passwordFile, '-E', 'UTF8'],
        ...['--locale=C', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'],
      ],
      { ...this.user, cwd: this.folder, env: SERVER_ENV },
    );
    rmSync(passwordFile);
  }

  /** Configures a new data directory. */
  prepare(): void {
    const durable = this.options.fsync === true;
    this.configure({
      ...BASE_SETTINGS,
      unix_socket_directories: this.folder,
      fsync: durable ? 'on' : 'off',
      synchronous_commit: durable ? 'on' : 'off',
      ...this.options.settings,
    });
    if (this.options.hba !== undefined) {
      const file = path.join(this.dataDir, 'pg_hba.conf');
      this.write(file, [...this.options.hba, readFileSync(file, 'utf8')].join('\n'));
    }
  }

  /** Adds lines to postgresql.conf; they count from the next start or reload. */
  configure(settings: Readonly<Record<string, string>>): void {
    const lines = Object.entries(settings).map(
      ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
    );
    appendFileSync(path.join(this.dataDir, 'postgresql.conf'), lines.join(''));
  }

  /** Reads the configuration again, as `pg_ctl reload` does. */
  reload(): void {
    this.#server?.kill('SIGHUP');
  }

  /** Starts the server and waits until it takes sessions; another port when the first one is taken. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      // A server that is started again keeps its port, so that clients find it.
      if (this.#port === 0) this.#port = await freePort();
      this.#spawn();
      try {
        await this.#waitUntilReady();
        return;
      } catch (error) {
        const why = this.log().slice(-2000);
        const isOrphaned = /pre-existing shared memory block/.test(why);
        const clash = /could not bind|Address already in use/i.test(why);
        if ((!clash && !isOrphaned) || attempt === 5) throw error;
        // The children of a server that was killed end by themselves, each when it looks after its parent.
        if (isOrphaned) await new Promise(resolve => setTimeout(resolve, 1000));
        else this.#port = 0;
      }
    }
  }

  /** Stops as `pg_ctl stop -m MODE` does and resolves when the postmaster is gone. */
  async stop(mode: StopMode = 'fast'): Promise<void> {
    await this.#kill(SIGNAL_OF_MODE[mode]);
  }

  /** The machine's power is gone: the postmaster gets no chance to say goodbye. */
  async kill9(): Promise<void> {
    await this.#kill('SIGKILL');
    rmSync(path.join(this.dataDir, 'postmaster.pid'), { force: true });
  }

  async restart(mode: StopMode = 'fast'): Promise<void> {
    await this.stop(mode);
    await this.start();
  }

  /** What the server has logged so far. */
  log(): string {
    const file = path.join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /**
   * A streaming hot standby made from an online copy of the data directory (the packages have no
   * pg_basebackup). With `slot`, it uses a physical slot of that name, which is created.
   */
  async addStandby(
    settings: Readonly<Record<string, string>> = {},
    slot?: string,
  ): Promise<Cluster> {
    const folder = makeFolder(
      `${this.options.name ?? `pg${this.options.major}`}-standby`,
      this.user,
    );
    const standby = new Cluster(this.options, folder, this.programs, this.user);
    this.#standbys.push(standby);
    const admin = await this.openAdmin();
    try {
      const old = this.options.major < 15;
      await admin.query(
        old
          ? "SELECT pg_start_backup('standby', true, false)"
          : "SELECT pg_backup_start('standby', true)",
      );
      cpSync(this.dataDir, standby.dataDir, {
        recursive: true,
        filter: source => !/\/(postmaster\.(pid|opts)|pg_replslot\/.+)$/.test(source),
      });
      const rows = await admin.query(
        old
          ? 'SELECT labelfile FROM pg_stop_backup(false)'
          : 'SELECT labelfile FROM pg_backup_stop()',
      );
      standby.write(path.join(standby.dataDir, 'backup_label'), rows[0]?.labelfile ?? '');
      if (slot !== undefined) {
        await admin.query(`SELECT pg_create_physical_replication_slot('${slot}', true)`);
      }
    } finally {
      await admin.end();
    }
    standby.write(path.join(standby.dataDir, 'standby.signal'), '');
    standby.chownAll();
    standby.configure({
      unix_socket_directories: folder,
      hot_standby: 'on',
      primary_conninfo: `host=127.0.0.1 port=${this.#port} user=${SUPERUSER} password=${PASSWORD} dbname=postgres application_name=standby`,
      ...(slot === undefined ? {} : { primary_slot_name: slot }),
      ...settings,
    });
    await standby.start();
    return standby;
  }

  /** Ends the server and its standbys and removes their folders. Never throws for what is gone. */
  async dispose(): Promise<void> {
    for (const standby of this.#standbys.splice(0)) await standby.dispose();
    await this.#kill('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    leftovers.forget(this.folder);
  }

  write(file: string, text: string): void {
    writeFileSync(file, text, { mode: 0o600 });
    if (this.user !== undefined) chownSync(file, this.user.uid, this.user.gid);
  }

  /** Gives a copied data directory to the server's user. */
  chownAll(): void {
    if (this.user === undefined) return;
    const owner = `${this.user.uid}:${this.user.gid}`;
    const chown = spawnSync('chown', ['-R', owner, this.dataDir], { encoding: 'utf8' });
    if (chown.status !== 0) throw new Error(`chown failed: ${chown.stderr}`);
  }

  #spawn(): void {
    const log = openSync(path.join(this.folder, 'log'), 'a', 0o644);
    try {
      // A session of its own: Ctrl-C in a terminal is for us, the server hears it from us.
      this.#server = spawn(
        path.join(this.programs, 'postgres'),
        ['-D', this.dataDir, '-p', String(this.#port)],
        {
          ...this.user,
          cwd: this.folder,
          env: SERVER_ENV,
          stdio: ['ignore', log, log],
          detached: true,
        },
      );
      this.#server.unref();
    } finally {
      closeSync(log);
    }
  }

  async #waitUntilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      if (this.pid === undefined) throw new Error(`The server ended: ${this.log().slice(-2000)}`);
      try {
        await this.adminQuery('SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > deadline) {
          throw new Error(`The server does not answer: ${this.log().slice(-2000)}`, {
            cause: error,
          });
        }
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
  }

  async #kill(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    if (server === undefined || this.pid === undefined) return;
    // The wait must keep the event loop alive, which the running server does not.
    server.ref();
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
  }
}

/** Nothing of our environment reaches the server, above all no PG variable and no locale. */
const SERVER_ENV: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
