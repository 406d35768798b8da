import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { formatBytes } from '../../base/quantity';
import type { OrphanSlot } from '../../postgres/catalog/orphans';
import { readOrphans } from '../../postgres/catalog/orphans';
import { messageText } from '../messageText';
import type { Servers } from './servers';

/** A stream whose client is gone ends by itself within the sender's timeout: given that long, in ms. */
const GRACE_MS = 15_000;

/**
 * Looks, when a server is connected to for the first time, for slots of ours that are still being
 * created and that nobody in this window waits for, and offers once to end each that is there a while
 * later: a server may overlook that its client is gone while it waits. They may belong to another
 * window, so a person decides.
 */
export class OrphanWatch {
  readonly #servers: Servers;
  readonly #log: vscode.LogOutputChannel;
  readonly #ownSlots: () => ReadonlySet<string>;
  readonly #store = new DisposableStore();
  readonly #seen = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** `ownSlots` names the slots of this window's running streams. */
  constructor(servers: Servers, ownSlots: () => ReadonlySet<string>, log: vscode.LogOutputChannel) {
    this.#servers = servers;
    this.#ownSlots = ownSlots;
    this.#log = log;
    this.#store.add(
      servers.onDidConnect(name => {
        this.#lookLater(name);
      }),
    );
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#store.dispose();
  }

  #lookLater(name: string): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#look(name).catch((error: unknown) => {
        this.#log.warn(`${name}: looking for slots of earlier windows: ${String(error)}`);
      });
    }, GRACE_MS);
    this.#timers.add(timer);
  }

  async #look(name: string): Promise<void> {
    // Nobody asked for this look, so it must not end in a question for a password.
    if (!this.#servers.isConnected(name)) {
      this.#seen.delete(name);
      return;
    }
    const slots = await this.#servers.use(name, undefined, session =>
      readOrphans(session, this.#ownSlots()),
    );
    // A slot that streams is another window's, or ends by the sender's timeout. Only one that still
    // waits for its creation can outlive its client. One question after the other: two at once are
    // answered in haste.
    for (const orphan of slots.filter(slot => slot.isWaiting)) await this.#offer(name, orphan);
  }

  async #offer(name: string, orphan: OrphanSlot): Promise<void> {
    const keeps =
      orphan.retainedBytes === undefined
        ? ''
        : ` The server keeps ${formatBytes(orphan.retainedBytes)} of WAL for it.`;
    const end = 'End It';
    const answer = await vscode.window.showWarningMessage(
      messageText(
        `${name} still creates the slot ${orphan.slot} of this extension, since ${secondsOf(orphan.since)}, and nobody in this window waits for it.${keeps} It may belong to another window.`,
      ),
      end,
      'Leave It',
    );
    if (answer !== end) return;
    // It brings the driver with it, which is not loaded at activation.
    const { WriteGate } = await import('../../postgres/writeGate');
    const gate = new WriteGate(this.#servers.factsOf(name));
    const ended = await this.#servers.use(name, undefined, session =>
      gate.endOrphan(session, orphan.slot, orphan.pid),
    );
    this.#log.info(`${name}: slot ${orphan.slot} ${ended ? 'was ended' : 'was gone already'}`);
  }
}

/** `2026-11-20 18:00:00.123456+00`, as our sessions have times printed, to the second. */
function secondsOf(time: string): string {
  return time.replace(/(?:\.\d+)?\+00$/, ' UTC');
}
