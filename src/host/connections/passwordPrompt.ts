import * as vscode from 'vscode';
import { anyServer, formatServer, serversOf } from '../../postgres/serverList';
import type { ConnectionTarget, ServerAddress } from '../../shared/connection';
import { messageText } from '../messageText';
import type { ProfileStore } from './profileStore';

/**
 * The address that a password was given for, with every host of a list and the SSH server on the way, whose
 * localhost is another: it is sent nowhere else.
 */
export function addressOf(target: ConnectionTarget): string {
  return `${target.user}@${hostsOf(target, formatServer)}${wayOf(target)}`;
}

/** Whether that address is the same but for the ports. */
export function isSameBesidesPorts(full: string, target: ConnectionTarget): boolean {
  const way = wayOf(target);
  if (!full.endsWith(way)) return false;
  const address = full.slice(0, full.length - way.length);
  const end = address.lastIndexOf('@');
  const hosts = address.slice(end + 1).replaceAll(/:\d+(?=,|$)/g, '');
  const given = hostsOf(target, server => formatServer(server).replace(/:\d+$/, ''));
  return address.slice(0, end) === target.user && hosts === given;
}

function wayOf({ ssh }: ConnectionTarget): string {
  return ssh === undefined ? '' : ` through ${ssh}`;
}

function hostsOf(target: ConnectionTarget, format: (server: ServerAddress) => string): string {
  return serversOf(anyServer(target))
    .map(server =>
      server.hostAddress === undefined ? format(server) : `${server.hostAddress}=${format(server)}`,
    )
    .join(',');
}

/**
 * Passwords: those stored, those typed in this window, and the question for one. Asked for only when
 * the server wants one that is not known, once at a time for each server.
 */
export class PasswordPrompt {
  readonly #profiles: ProfileStore;
  readonly #log: vscode.LogOutputChannel;
  /** Typed and not stored: kept for this window, by server name and address. */
  readonly #typed = new Map<string, string>();
  /** Typed just now: offered to be stored when the server accepts it. */
  readonly #fresh = new Set<string>();
  readonly #asking = new Map<string, Promise<string | undefined>>();

  constructor(profiles: ProfileStore, log: vscode.LogOutputChannel) {
    this.#profiles = profiles;
    this.#log = log;
  }

  async known(name: string, target: ConnectionTarget): Promise<string | undefined> {
    return (
      this.#typed.get(keyOf(name, target)) ??
      (await this.#profiles.password(name, addressOf(target)))
    );
  }

  /** Asks; `again` says that one was tried and refused. Undefined when the user closes the question. */
  ask(
    name: string,
    target: ConnectionTarget,
    again: boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const key = keyOf(name, target);
    const open = this.#asking.get(key);
    if (open !== undefined) return open;
    const asking = this.#ask(name, target, again, signal).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  /** The server accepted this target; a password that was typed for it is offered to be stored. */
  accepted(name: string, target: ConnectionTarget): void {
    const key = keyOf(name, target);
    if (!this.#fresh.delete(key)) return;
    const { password } = target;
    if (password === undefined) return;
    const yes = 'Store Password';
    void vscode.window
      .showInformationMessage(
        messageText(
          `Store the password of ${name} in the secret storage? Otherwise it is forgotten with this window.`,
        ),
        yes,
        'Not Now',
      )
      .then(answer => (answer === yes ? this.store(name, target, password) : undefined))
      .then(undefined, (error: unknown) => {
        this.#log.error(`${name}: the password could not be stored: ${String(error)}`);
      });
  }

  async store(name: string, target: ConnectionTarget, password: string): Promise<void> {
    await this.#profiles.storePassword(name, addressOf(target), password);
    this.#typed.delete(keyOf(name, target));
  }

  /** Forgets what was typed for this server. */
  forget(name: string): void {
    for (const key of [...this.#typed.keys()]) {
      if (isKeyOf(key, name)) this.#typed.delete(key);
    }
    for (const key of [...this.#fresh]) {
      if (isKeyOf(key, name)) this.#fresh.delete(key);
    }
  }

  async #ask(
    name: string,
    target: ConnectionTarget,
    again: boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    // What was typed before has just been refused.
    this.#typed.delete(keyOf(name, target));
    const token = new vscode.CancellationTokenSource();
    const close = (): void => {
      token.cancel();
    };
    signal.addEventListener('abort', close, { once: true });
    const options: vscode.InputBoxOptions = {
      title: messageText(`Connect to ${name}`),
      prompt: messageText(
        again
          ? `The server refused the password of user ${target.user}. Enter it again.`
          : `Password of user ${target.user} at ${formatHosts(target)}`,
      ),
      password: true,
      ignoreFocusOut: true,
    };
    const password = await vscode.window.showInputBox(options, token.token);
    signal.removeEventListener('abort', close);
    token.dispose();
    if (password === undefined) return undefined;
    this.#typed.set(keyOf(name, target), password);
    this.#fresh.add(keyOf(name, target));
    return password;
  }
}

function formatHosts(target: ConnectionTarget): string {
  return serversOf(target)
    .map(server => server.host)
    .join(', ');
}

function isKeyOf(key: string, name: string): boolean {
  return key.startsWith(`[${JSON.stringify(name)},`);
}

function keyOf(name: string, target: ConnectionTarget): string {
  return JSON.stringify([name, addressOf(target)]);
}
