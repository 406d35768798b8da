import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ChangeResult } from '../../postgres/changes/changeResult';
import type { ServerChange } from '../../postgres/changes/serverChange';
import type { Servers } from '../connections/servers';
import { Cancelled, HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import { cancellationIn, refusalIn } from './refusals';
import { sqlText } from './sqlText';

/** Milliseconds after which a change is not quick any more and shows its progress. */
const QUICK_MS = 400;
/** A server that does not answer is waited for no longer than this after a change was given up, in ms. */
const SILENCE_MS = 20_000;
/** The end of a window waits no longer than this: what is not complete ends with our connections, in ms. */
const SHUTDOWN_MS = 3_000;
/** So that whoever administers the server knows what this connection is. */
const APPLICATION_NAME = 'walexplorer_change';

export interface ChangeRun {
  readonly server: string;
  /** Absent: the profile's own. */
  readonly database?: string | undefined;
  readonly change: ServerChange;
  /** What is being done, such as `Creating the slot "x" on shop`. */
  readonly title: string;
}

/**
 * Makes changes on servers, each through the write gate and on a connection of its own, since one may
 * take long: with progress that says whom it waits for, and a way to give it up. Tells each change in
 * the log.
 */
export class ChangeRunner {
  readonly #servers: Servers;
  readonly #log: vscode.LogOutputChannel;
  readonly #running = new Map<AbortController, Promise<unknown>>();

  constructor(servers: Servers, log: vscode.LogOutputChannel) {
    this.#servers = servers;
    this.#log = log;
  }

  /**
   * Rejects with WriteRefused where the gate says no, ChangeCancelled when the user gave it up,
   * {@link Cancelled} when that was before it began, and {@link HostFailure} for all else.
   */
  async run(run: ChangeRun): Promise<ChangeResult> {
    const target = await this.#servers.target(run.server, run.database);
    const giveUp = new AbortController();
    const progress: { report: (message: string) => void; last: string } = {
      report: () => undefined,
      last: '',
    };
    const work = this.#work(run, target, giveUp.signal, message => {
      progress.last = message;
      progress.report(message);
    });
    this.#running.set(giveUp, work);
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    void settled.then(() => this.#running.delete(giveUp));
    if (await isOverWithin(settled, QUICK_MS)) return work;
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: messageText(run.title),
        cancellable: true,
      },
      async (shown, token) => {
        token.onCancellationRequested(() => {
          giveUp.abort();
          shown.report({ message: 'Cancelling…' });
        });
        progress.report = message => {
          if (!giveUp.signal.aborted) shown.report({ message: messageText(message) });
        };
        progress.report(progress.last);
        await settled;
      },
    );
    return work;
  }

  /** Gives up what runs; resolves when nothing of it is left, within seconds. */
  async shutdown(): Promise<void> {
    for (const giveUp of this.#running.keys()) giveUp.abort();
    const settled = Promise.allSettled(this.#running.values()).then(() => undefined);
    await isOverWithin(settled, SHUTDOWN_MS);
  }

  async #work(
    { server, change, title }: ChangeRun,
    target: Awaited<ReturnType<Servers['target']>>,
    signal: AbortSignal,
    tell: (message: string) => void,
  ): Promise<ChangeResult> {
    // The driver is loaded at the first connection, not at activation.
    const [{ openSqlSession }, { WriteGate }, { explainFailure }] = await Promise.all([
      import('../../postgres/sqlSession'),
      import('../../postgres/writeGate'),
      import('../../postgres/explainFailure'),
    ]);
    this.#log.info(`${title}…`);
    try {
      const session = await openSqlSession(target, {
        applicationName: APPLICATION_NAME,
        statementTimeoutMs: 0,
        signal,
      });
      let silence: NodeJS.Timeout | undefined;
      const limit = (): void => {
        silence = setTimeout(() => {
          session.dropForSilence();
        }, SILENCE_MS);
      };
      signal.addEventListener('abort', limit, { once: true });
      try {
        const gate = new WriteGate(this.#servers.factsOf(server));
        const result = await gate.change(session, change, {
          signal,
          onWait: facts => {
            tell(facts.message);
          },
        });
        this.#log.info(`${title}: done; SQL: ${sqlText(result.statements)}`);
        for (const notice of result.notices) this.#log.warn(`${title}: ${notice}`);
        return result;
      } finally {
        signal.removeEventListener('abort', limit);
        clearTimeout(silence);
        await session.close();
      }
    } catch (error) {
      const told = refusalIn(error) ?? cancellationIn(error);
      if (told !== undefined) {
        this.#log.warn(`${title}: ${told.message}`);
        throw told;
      }
      const failure = explainFailure(error, { target });
      if (failure.code === 'aborted') {
        this.#log.info(`${title}: cancelled before it began`);
        throw new Cancelled();
      }
      this.#log.error(`${title}: ${failure.code}: ${failure.detail}`);
      throw new HostFailure(failure);
    }
  }
}

async function isOverWithin(settled: Promise<void>, ms: number): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([
      settled.then(() => true),
      sleep(ms, false, { signal: late.signal }),
    ]);
  } finally {
    late.abort();
  }
}
