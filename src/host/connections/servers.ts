import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import type { ConnectionParameters } from '../../postgres/connectionString';
import { parseConnectionString } from '../../postgres/connectionString';
import { resolveThroughSsh } from '../../postgres/ssh/resolveThroughSsh';
import { formatServers, withPassword } from '../../postgres/serverList';
import type { SqlSession } from '../../postgres/sqlSession';
import type { ConnectionTarget, Failure, ProfileFacts, ServerMark } from '../../shared/connection';
import { NO_MARK } from '../../shared/connection';
import { HostFailure, UNTRUSTED } from '../hostFailure';
import { messageText } from '../messageText';
import { addressOf, PasswordPrompt } from './passwordPrompt';
import type { ConnectionProfile } from './profile';
import type { ProfileStore } from './profileStore';
import { noSuchServer } from './profileStore';
import { formatProfileUrl } from './profileUrl';
import { Seats } from './seats';

/** A session that nobody used for this long is closed: looking leaves nothing behind. */
const IDLE_MS = 30_000;
/**
 * Most sessions of ours in other databases of one server than the profile's own, which has one more:
 * a server with fifty databases that are all open in the sidebar does not get fifty sessions.
 */
export const MAX_OTHER_SESSIONS = 4;
/** How often a password is asked for before the attempt counts as failed. */
const PASSWORD_ATTEMPTS = 3;

interface PooledSession {
  readonly server: string;
  /** In another database than the profile's own: one of a bounded number. */
  readonly isOther: boolean;
  readonly session: Promise<SqlSession>;
  /** Gives up connecting, with the question that may be open. */
  readonly connecting: AbortController;
  /** Whether the server answered and nobody is being asked any more. */
  isOpen: boolean;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Connections to the user's servers: resolves a profile to a target, finds or asks for the password,
 * and lends SQL sessions for reading the catalog, one for each database, closed when idle.
 */
export class Servers {
  readonly #profiles: ProfileStore;
  readonly #prompt: PasswordPrompt;
  /** The sessions of each server that are open now. */
  readonly #open = new Map<string, Set<SqlSession>>();
  /** The first connection to a server that has none: it finds which host the others go to. */
  readonly #finding = new Map<string, Promise<SqlSession>>();
  readonly #log: vscode.LogOutputChannel;
  readonly #store = new DisposableStore();
  readonly #sessions = new Map<string, PooledSession>();
  readonly #seats = new Map<string, Seats>();
  /** The address that the sessions of a server were opened with, by name. */
  readonly #connectedAt = new Map<string, string>();
  /** The database that a server's profile leads to, by name. */
  readonly #ownDatabase = new Map<string, string>();
  /** Servers whose password nobody knew at the last attempt. */
  readonly #noPassword = new Set<string>();
  readonly #connected = new vscode.EventEmitter<string>();
  /** A session to the server of this name was opened. */
  readonly onDidConnect = this.#connected.event;

  constructor(profiles: ProfileStore, log: vscode.LogOutputChannel) {
    this.#profiles = profiles;
    this.#log = log;
    this.#prompt = new PasswordPrompt(profiles, log);
    this.#store.add(this.#connected);
    this.#store.add(
      profiles.onDidChange(() => {
        this.#disconnectChanged();
      }),
    );
  }

  factsOf(name: string): ProfileFacts {
    const { readOnly, label, color } = this.#profileOf(name);
    return { name, readOnly, label, color };
  }

  /** How the server is marked; without a mark when it is gone. Never throws. */
  markOf(name: string): ServerMark {
    const profile = this.#profiles.find(name);
    return profile === undefined ? NO_MARK : { label: profile.label, color: profile.color };
  }

  /** Servers were added, changed or removed, by whichever window. */
  get onDidChangeProfiles(): vscode.Event<void> {
    return this.#profiles.onDidChange;
  }

  /** Whether the last attempt failed for want of a password that is stored now. */
  async isWaitingForPassword(name: string): Promise<boolean> {
    const profile = this.#profiles.find(name);
    if (profile === undefined || !this.#noPassword.has(name)) return false;
    const given = parseConnectionString(profile.url);
    const { target } = await resolveThroughSsh(given, profile.ssh ?? '');
    return (await this.#profiles.password(name, addressOf(target))) !== undefined;
  }

  /** Whether {@link use} would go ahead at once: without connecting, and so without a question. */
  isConnected(name: string): boolean {
    return this.#sessions.get(sessionKey(name, undefined))?.isOpen === true;
  }

  /** Where to connect, with a password that the server accepted just now. */
  async target(name: string, database?: string): Promise<ConnectionTarget> {
    return this.use(name, database, session => Promise.resolve(session.target));
  }

  /**
   * Runs `work` with a session in this database, or in the profile's own. Rejects with
   * {@link HostFailure} when there is no connection, or with what `work` rejects. After `signal` nobody
   * waits for the connection here; it is given up when nobody else does either.
   */
  async use<T>(
    name: string,
    database: string | undefined,
    work: (session: SqlSession) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    // The profile's own database has one session, asked for by name or not.
    const other = database === this.#ownDatabase.get(name) ? undefined : database;
    const key = sessionKey(name, other);
    const pooled = this.#pooled(key, name, other);
    pooled.users += 1;
    clearTimeout(pooled.timer);
    // The map keeps the order of use: what was not used for the longest time stands first.
    this.#sessions.delete(key);
    this.#sessions.set(key, pooled);
    const session = await unless(signal, pooled.session).catch((error: unknown) => {
      this.#release(key, pooled);
      throw error;
    });
    try {
      return await work(session);
    } catch (error) {
      if (error instanceof HostFailure) throw error;
      const { explainFailure } = await import('../../postgres/explainFailure');
      const failure = explainFailure(error, { target: session.target });
      this.#log.warn(`${name}: ${failure.code}: ${failure.detail}`);
      throw new HostFailure(failure);
    } finally {
      this.#release(key, pooled);
    }
  }

  #release(key: string, pooled: PooledSession): void {
    pooled.users -= 1;
    if (pooled.users > 0) return;
    clearTimeout(pooled.timer);
    const isWanted = pooled.isOther && this.#seats.get(pooled.server)?.isWanted === true;
    if (!pooled.isOpen || isWanted) {
      void this.#drop(key, pooled);
      return;
    }
    pooled.timer = setTimeout(() => {
      void this.#drop(key, pooled);
    }, IDLE_MS);
    pooled.timer.unref();
  }

  /** Runs `work` with a session of its own, opened anew and closed after it. Rejects as {@link use}. */
  async probe<T>(
    name: string,
    signal: AbortSignal,
    work: (session: SqlSession) => Promise<T>,
    database?: string,
  ): Promise<T> {
    const session = await this.#connect(name, database, signal, undefined);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /** Removes a server from the user's list, with its password and our sessions. */
  async remove(name: string): Promise<void> {
    this.#prompt.forget(name);
    await this.#profiles.remove(name);
  }

  /** Forgets the password, stored and typed; the next connection asks. */
  async forgetPassword(name: string): Promise<void> {
    this.#prompt.forget(name);
    await this.#profiles.forgetPassword(name);
    await this.#disconnect(name);
  }

  async shutdown(): Promise<void> {
    this.#store.dispose();
    await Promise.all([...this.#sessions].map(([key, pooled]) => this.#drop(key, pooled)));
  }

  #profileOf(name: string): ConnectionProfile {
    const profile = this.#profiles.find(name);
    if (profile !== undefined) return profile;
    throw noSuchServer(name);
  }

  #pooled(key: string, name: string, database: string | undefined): PooledSession {
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const connecting = new AbortController();
    const session =
      database === undefined
        ? this.#connectBeside(name, undefined, connecting.signal)
        : this.#connectSeated(name, database, connecting.signal);
    const pooled: PooledSession = {
      server: name,
      isOther: database !== undefined,
      session,
      connecting,
      isOpen: false,
      users: 0,
      timer: undefined,
    };
    this.#sessions.set(key, pooled);
    const forget = (): void => {
      if (this.#sessions.get(key) === pooled) this.#sessions.delete(key);
    };
    session.then(opened => {
      pooled.isOpen = true;
      opened.onEnd(forget);
    }, forget);
    return pooled;
  }

  /** Connects when there is a seat, which is given back when the session has ended. */
  async #connectSeated(name: string, database: string, signal: AbortSignal): Promise<SqlSession> {
    const seats = this.#seats.get(name) ?? new Seats(MAX_OTHER_SESSIONS);
    this.#seats.set(name, seats);
    const giveBack = await seats
      .take(() => {
        this.#closeIdle(name);
      }, signal)
      .catch(() => {
        throw new HostFailure(NOT_WAITED_FOR);
      });
    try {
      const session = await this.#connectBeside(name, database, signal);
      session.onEnd(giveBack);
      return session;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Closes the session of a server that nobody has used for the longest time, if there is one. */
  #closeIdle(name: string): void {
    for (const [key, pooled] of this.#sessions) {
      if (pooled.server !== name || !pooled.isOther || pooled.users > 0) continue;
      void this.#drop(key, pooled);
      return;
    }
  }

  /** Closes the sessions of one server; the next use connects again. */
  async #disconnect(name: string): Promise<void> {
    this.#ownDatabase.delete(name);
    const own = [...this.#sessions].filter(([, pooled]) => pooled.server === name);
    await Promise.all(own.map(([key, pooled]) => this.#drop(key, pooled)));
  }

  /** Lets go of the servers whose entry is not what it was when we connected. */
  #disconnectChanged(): void {
    for (const [name, at] of [...this.#connectedAt]) {
      const profile = this.#profiles.find(name);
      if (profile !== undefined && wayTo(profile) === at) continue;
      this.#connectedAt.delete(name);
      void this.#disconnect(name);
    }
  }

  async #drop(key: string, pooled: PooledSession): Promise<void> {
    if (this.#sessions.get(key) === pooled) this.#sessions.delete(key);
    clearTimeout(pooled.timer);
    pooled.connecting.abort();
    const session = await pooled.session.catch(() => undefined);
    await session?.close();
  }

  /**
   * Where a server has several hosts, all its sessions are on the one that the first of them has reached,
   * as long as one of them is open.
   */
  async #connectBeside(
    name: string,
    database: string | undefined,
    signal: AbortSignal,
  ): Promise<SqlSession> {
    const open = this.#open.get(name) ?? new Set();
    this.#open.set(name, open);
    const finding = this.#finding.get(name);
    if (open.size === 0 && finding !== undefined) {
      await unless(
        signal,
        finding.then(
          () => undefined,
          () => undefined,
        ),
      );
    }
    const [first] = open;
    const connecting = this.#connect(name, database, signal, first?.target);
    if (first === undefined) this.#finding.set(name, connecting);
    try {
      const session = await connecting;
      open.add(session);
      session.onEnd(() => open.delete(session));
      return session;
    } finally {
      if (this.#finding.get(name) === connecting) this.#finding.delete(name);
    }
  }

  /** `beside` is where another session is; when it cannot be reached any more, the whole list is tried. */
  async #connect(
    name: string,
    database: string | undefined,
    signal: AbortSignal,
    beside: ConnectionTarget | undefined,
  ): Promise<SqlSession> {
    // The one door to every server: none is opened from a workspace that nobody vouched for.
    if (!vscode.workspace.isTrusted) throw new HostFailure(UNTRUSTED);
    const profile = this.#profileOf(name);
    this.#connectedAt.set(name, wayTo(profile));
    const { target, stored } = await this.#targetOf(profile, database);
    // The driver is loaded at the first connection, not at activation.
    const [{ openSqlSession }, { explainFailure }] = await Promise.all([
      import('../../postgres/sqlSession'),
      import('../../postgres/explainFailure'),
    ]);
    let attempt = beside === undefined ? target : { ...beside, database: target.database };
    let tried = stored;
    for (let round = 0; ; round += 1) {
      try {
        const session = await openSqlSession(attempt, {
          applicationName: APPLICATION_NAME,
          signal,
        });
        this.#prompt.accepted(name, attempt);
        this.#noPassword.delete(name);
        const where = formatServers(session.target);
        this.#log.info(`${name}: connected to ${where}, database ${attempt.database}`);
        if (database === undefined) this.#ownDatabase.set(name, attempt.database);
        this.#connected.fire(name);
        return session;
      } catch (error) {
        const failure = explainFailure(error, { target: attempt });
        this.#log.warn(`${name}: ${failure.code}: ${failure.detail}`);
        if (attempt.reached !== undefined) {
          attempt = target;
          round -= 1;
          continue;
        }
        const asks = failure.code === 'password-missing' || failure.code === 'password-wrong';
        if (!asks || round === PASSWORD_ATTEMPTS) throw new HostFailure(failure);
        const password = await this.#prompt.ask(name, attempt, tried, signal);
        if (password === undefined || signal.aborted) {
          this.#noPassword.add(name);
          throw new HostFailure(failure);
        }
        attempt = withPassword(attempt, password);
        tried = password !== '';
      }
    }
  }

  /** `stored` tells whether there is a password to begin with. */
  async #targetOf(
    profile: ConnectionProfile,
    database: string | undefined,
  ): Promise<{ readonly target: ConnectionTarget; readonly stored: boolean }> {
    let target: ConnectionTarget;
    let given: ConnectionParameters;
    try {
      given = parseConnectionString(profile.url);
      const resolved = await resolveThroughSsh(
        database === undefined ? given : { ...given, dbname: database },
        profile.ssh ?? '',
      );
      for (const warning of resolved.warnings) this.#log.warn(`${profile.name}: ${warning}`);
      target = resolved.target;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new HostFailure({
        code: 'connection-string',
        message: `The address of ${profile.name} cannot be used: ${message}`,
        action: 'Correct it in the setting walExplorer.servers.',
        detail: message,
      });
    }
    if (given.password !== undefined) {
      this.#offerToMovePassword(profile, given, target);
      return { target, stored: true };
    }
    const password = await this.#prompt.known(profile.name, target);
    if (password === undefined) return { target, stored: target.password !== undefined };
    return { target: withPassword(target, password), stored: true };
  }

  /** Somebody wrote a password into the settings by hand, where it does not belong. */
  #offerToMovePassword(
    profile: ConnectionProfile,
    given: ConnectionParameters,
    target: ConnectionTarget,
  ): void {
    const { password, ...rest } = given;
    if (password === undefined) return;
    const move = 'Move to Secret Storage';
    void vscode.window
      .showWarningMessage(
        messageText(
          `The setting walExplorer.servers holds the password of ${profile.name} in plain text.`,
        ),
        move,
      )
      .then(async answer => {
        if (answer !== move) return;
        await this.#prompt.store(profile.name, target, password);
        await this.#profiles.replace(profile.name, { ...profile, url: formatProfileUrl(rest) });
      });
  }
}

/** What leads to a server: with another one, its sessions are of another server. */
function wayTo({ url, ssh }: ConnectionProfile): string {
  return JSON.stringify([url, ssh]);
}

/** `promise`, but not for longer than until `signal`. */
function unless<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(new HostFailure(NOT_WAITED_FOR));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

const NOT_WAITED_FOR: Failure = {
  code: 'aborted',
  message: 'Connecting was cancelled.',
  action: '',
  detail: '',
};

function sessionKey(name: string, database: string | undefined): string {
  return JSON.stringify([name, database ?? null]);
}

/** So that whoever administers the server knows what this connection is. */
const APPLICATION_NAME = 'walexplorer_view';
