import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import type { ProfileStore } from './profileStore';
import type { Servers } from './servers';

/**
 * Tries servers again that could not be connected to for want of a password, when another window (or
 * this one) has stored the one that fits. A password that is gone changes nothing here: what is
 * connected stays so, and nobody is asked.
 */
export function retryWithSharedPasswords(
  profiles: ProfileStore,
  servers: Servers,
  log: vscode.LogOutputChannel,
  retry: (name: string) => void,
): Disposable {
  return profiles.onDidChangePassword(name => {
    servers.isWaitingForPassword(name).then(
      isWaiting => {
        if (isWaiting) retry(name);
      },
      (error: unknown) => {
        log.warn(`${name}: the password that was stored cannot be used: ${String(error)}`);
      },
    );
  });
}
