import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import type { ConnectionProfile, ProfileList } from './profile';
import { readProfiles } from './profile';

const SECTION = 'walExplorer';
const KEY = 'servers';

/**
 * The user's servers, and their passwords.
 *
 * Servers are a setting, so that a team can hand them out and a demo can bring one. Its scope is
 * `machine` and it is a restricted configuration: a folder that somebody else wrote can neither name
 * a server to connect to nor change where a known one lies. Passwords are in the secret storage and
 * nowhere else; each is bound to the address it was given for, so that an entry which is edited to
 * point elsewhere does not take its password along.
 */
export class ProfileStore {
  readonly #secrets: vscode.SecretStorage;
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
    this.#store.add(this.#changed);
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration(`${SECTION}.${KEY}`)) this.#changed.fire();
      }),
    );
  }

  read(): ProfileList {
    return readProfiles(vscode.workspace.getConfiguration(SECTION).get<unknown>(KEY));
  }

  find(name: string): ConnectionProfile | undefined {
    return this.read().profiles.find(profile => profile.name === name);
  }

  async add(profile: ConnectionProfile): Promise<void> {
    await this.#write(entries => [...entries, entryOf(profile)]);
  }

  async replace(profile: ConnectionProfile): Promise<void> {
    await this.#write(entries =>
      entries.map(entry => (nameOf(entry) === profile.name ? entryOf(profile) : entry)),
    );
  }

  /** Removes the server and its password. */
  async remove(name: string): Promise<void> {
    await this.forgetPassword(name);
    await this.#write(entries => entries.filter(entry => nameOf(entry) !== name));
  }

  /** The password stored for this server at this address; undefined when there is none. */
  async password(name: string, address: string): Promise<string | undefined> {
    const stored = await this.#secrets.get(secretKey(name));
    if (stored === undefined) return undefined;
    try {
      const secret: unknown = JSON.parse(stored);
      if (!Array.isArray(secret) || secret[0] !== address) return undefined;
      return typeof secret[1] === 'string' ? secret[1] : undefined;
    } catch {
      // Not written by us: as good as absent, and never shown.
      return undefined;
    }
  }

  async storePassword(name: string, address: string, password: string): Promise<void> {
    await this.#secrets.store(secretKey(name), JSON.stringify([address, password]));
  }

  async forgetPassword(name: string): Promise<void> {
    await this.#secrets.delete(secretKey(name));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Changes the entries as they are written: those that we cannot read stay untouched. */
  async #write(change: (entries: readonly unknown[]) => readonly unknown[]): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const value = configuration.get<unknown>(KEY);
    const entries: readonly unknown[] = Array.isArray(value) ? value : [];
    await configuration.update(KEY, change(entries), vscode.ConfigurationTarget.Global);
  }
}

function secretKey(name: string): string {
  return `server.password:${name}`;
}

function entryOf(profile: ConnectionProfile): Readonly<Record<string, unknown>> {
  return {
    name: profile.name,
    url: profile.url,
    ...(profile.readOnly ? { readOnly: true } : {}),
    ...(profile.label === '' ? {} : { label: profile.label }),
    ...(profile.color === '' ? {} : { color: profile.color }),
  };
}

function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || !('name' in entry)) return undefined;
  return typeof entry.name === 'string' ? entry.name.trim() : undefined;
}
