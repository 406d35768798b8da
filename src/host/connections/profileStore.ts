import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { HostFailure } from '../hostFailure';
import { EditTurns } from './editTurns';
import type { ConnectionProfile, ProfileList } from './profile';
import { readProfiles } from './profile';
import type { Entries } from './profileEntries';
import { withAdded, withDropped, withNudged, withoutServer, withReplaced } from './profileEntries';

const SECTION = 'walExplorer';
const KEY = 'servers';
const SECRET_PREFIX = 'server.password:';

/**
 * The user's servers, and their passwords.
 *
 * Servers are a setting, so that a team can hand them out and a demo can bring one. Its scope is
 * `machine` and it is a restricted configuration: a folder that somebody else wrote can neither name
 * a server to connect to nor change where a known one lies. Passwords are in the secret storage and
 * nowhere else; each is bound to the address it was given for, so that an entry which is edited to
 * point elsewhere does not take its password along. Both are shared by all windows, which see each
 * other's changes.
 */
export class ProfileStore {
  readonly #secrets: vscode.SecretStorage;
  readonly #turns: EditTurns<Entries>;
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #passwordChanged = new vscode.EventEmitter<string>();
  /** A window stored or deleted the password of the server of this name; this one, maybe. */
  readonly onDidChangePassword = this.#passwordChanged.event;
  /** Names that servers had in this window before they were renamed. */
  readonly #newNames = new Map<string, string>();

  /** `folder` is the extension's own and the same for all windows. */
  constructor(secrets: vscode.SecretStorage, folder: string) {
    this.#secrets = secrets;
    this.#turns = new EditTurns(folder, readEntries);
    this.#store.add(this.#changed);
    this.#store.add(this.#passwordChanged);
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration(`${SECTION}.${KEY}`)) this.#changed.fire();
      }),
    );
    this.#store.add(
      secrets.onDidChange(({ key }) => {
        if (!key.startsWith(SECRET_PREFIX)) return;
        this.#passwordChanged.fire(key.slice(SECRET_PREFIX.length));
      }),
    );
  }

  read(): ProfileList {
    return readProfiles(vscode.workspace.getConfiguration(SECTION).get<unknown>(KEY));
  }

  /** The server of this name; an open timeline may still know it by the one it had before. */
  find(name: string): ConnectionProfile | undefined {
    const { profiles } = this.read();
    return (
      profiles.find(profile => profile.name === name) ??
      profiles.find(profile => profile.name === this.#newNames.get(name))
    );
  }

  /**
   * Adds a server at the end, or right below another one. `storePassword` is called when its name is free
   * for certain and before the setting changes: whoever sees the server finds its password there.
   */
  async add(
    profile: ConnectionProfile,
    options: { readonly below?: string; readonly storePassword?: () => Promise<void> } = {},
  ): Promise<void> {
    await this.#edit(async entries => {
      refuseTaken(entries, profile.name);
      await options.storePassword?.();
      return withAdded(entries, profile, options.below);
    });
  }

  /** Changes the server that is named `name` now; its password follows a new name. */
  async replace(name: string, profile: ConnectionProfile): Promise<void> {
    const renamed = profile.name !== name;
    await this.#edit(async entries => {
      if (renamed) refuseTaken(entries, profile.name);
      const replaced = withReplaced(entries, name, profile);
      if (replaced === undefined) throw noSuchServer(name);
      // Before the setting: whoever sees the new name finds the password there.
      if (renamed) await this.copyPassword(name, profile.name);
      return replaced;
    });
    if (!renamed) return;
    await this.forgetPassword(name);
    this.#newNames.delete(profile.name);
    for (const [old, current] of this.#newNames) {
      if (current === name) this.#newNames.set(old, profile.name);
    }
    this.#newNames.set(name, profile.name);
  }

  /** Changes the list of masked columns of the server that is named `name` now. */
  async setMaskedColumns(
    name: string,
    change: (list: readonly string[]) => readonly string[],
  ): Promise<void> {
    await this.#edit(entries => {
      const profile = readProfiles(entries).profiles.find(each => each.name === name);
      if (profile === undefined) throw noSuchServer(name);
      const { maskedColumns = [] } = profile;
      const changed = { ...profile, maskedColumns: change(maskedColumns) };
      return withReplaced(entries, name, changed) ?? entries;
    });
  }

  /** Removes the server and its password. */
  async remove(name: string): Promise<void> {
    await this.#edit(entries => withoutServer(entries, name));
    await this.forgetPassword(name);
  }

  /** Moves a server up (-1) or down (1) by one. */
  async nudge(name: string, by: -1 | 1): Promise<void> {
    await this.#edit(entries => withNudged(entries, name, by));
  }

  /** Moves servers to where they were dropped: onto another one, or below all of them. */
  async drop(names: readonly string[], onto: string | undefined): Promise<void> {
    await this.#edit(entries => withDropped(entries, names, onto));
  }

  /** The password stored for this server at this address; undefined when there is none. */
  async password(name: string, address: string): Promise<string | undefined> {
    const [storedFor, password] = (await this.#secret(name)) ?? [];
    return storedFor === address ? password : undefined;
  }

  /** The address that the stored password was given for; undefined when there is none. */
  async passwordAddress(name: string): Promise<string | undefined> {
    return (await this.#secret(name))?.[0];
  }

  async storePassword(name: string, address: string, password: string): Promise<void> {
    await this.#secrets.store(secretKey(name), JSON.stringify([address, password]));
  }

  /** Gives a server the password that is stored for another one. */
  async copyPassword(from: string, to: string): Promise<void> {
    const secret = await this.#secrets.get(secretKey(from));
    if (secret !== undefined) await this.#secrets.store(secretKey(to), secret);
  }

  async forgetPassword(name: string): Promise<void> {
    await this.#secrets.delete(secretKey(name));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #secret(name: string): Promise<readonly [address: string, password: string] | undefined> {
    const stored = await this.#secrets.get(secretKey(name));
    if (stored === undefined) return undefined;
    try {
      const secret: unknown = JSON.parse(stored);
      const [address, password] = Array.isArray(secret) ? (secret as readonly unknown[]) : [];
      if (typeof address !== 'string' || typeof password !== 'string') return undefined;
      return [address, password];
    } catch {
      // Not written by us: as good as absent, and never shown.
      return undefined;
    }
  }

  #edit(change: (entries: Entries) => Entries | Promise<Entries>): Promise<void> {
    return this.#turns.edit(change, async entries => {
      const configuration = vscode.workspace.getConfiguration(SECTION);
      try {
        await configuration.update(KEY, entries, vscode.ConfigurationTarget.Global);
      } catch (error) {
        // The file is open with changes that are not saved, or it is no JSON.
        const detail = error instanceof Error ? error.message : String(error);
        throw new HostFailure({
          code: 'settings-not-written',
          message: `The setting walExplorer.servers could not be changed: ${detail}`,
          action: 'Save or correct the settings file, then try again.',
          detail,
        });
      }
    });
  }
}

function readEntries(): Entries {
  const value = vscode.workspace.getConfiguration(SECTION).get<unknown>(KEY);
  return Array.isArray(value) ? value : [];
}

function refuseTaken(entries: Entries, name: string): void {
  if (!readProfiles(entries).profiles.some(profile => profile.name === name)) return;
  throw new HostFailure({
    code: 'name-taken',
    message: `There is a server named "${name}" already.`,
    action: 'Choose another name.',
    detail: name,
  });
}

export function noSuchServer(name: string): HostFailure {
  return new HostFailure({
    code: 'no-such-server',
    message: `There is no server named "${name}" any more.`,
    action: 'Add the server again.',
    detail: name,
  });
}

function secretKey(name: string): string {
  return `${SECRET_PREFIX}${name}`;
}
