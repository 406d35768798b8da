import { readCustomTypes } from '../postgres/catalog/customTypes';
import { openSqlSession } from '../postgres/sqlSession';
import type { CustomType } from '../shared/customType';
import type { TypeSource } from '../shared/frameSink';
import type { SessionStatus } from './sessionStatus';
import type { StreamPlan } from './streamPlan';

/** Longest that the catalog is asked for; a stream of lines may wait for it. */
const ASK_MS = 5_000;
const UNREAD = 'Some types could not be read from the catalog: their values stay bytes';

/**
 * Reads the types that a stream names from the catalog of its database, as it is now, on a short
 * connection of its own: new types are rare, and nothing else has to wait for it.
 */
export class TypeReader implements TypeSource {
  readonly binary: boolean;
  readonly #plan: StreamPlan;
  readonly #name: string;
  readonly #status: SessionStatus;
  readonly #signal: AbortSignal;

  /** `name`: of our sessions. `signal` ends what is under way. */
  constructor(plan: StreamPlan, name: string, status: SessionStatus, signal: AbortSignal) {
    this.#plan = plan;
    this.#name = name;
    this.#status = status;
    this.#signal = signal;
    this.binary = plan.facts.pluginOptions['binary'] === 'true';
  }

  async ask(oids: readonly number[]): Promise<readonly CustomType[]> {
    try {
      return await this.#read(oids);
    } catch {
      // In text form only the names of types are missing.
      if (this.binary && !this.#signal.aborted) this.#status.note(UNREAD);
      return [];
    }
  }

  async #read(oids: readonly number[]): Promise<readonly CustomType[]> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(ASK_MS)]);
    const session = await openSqlSession(this.#plan.target, {
      applicationName: this.#name,
      signal,
      statementTimeoutMs: ASK_MS,
    });
    const cut = (): void => {
      session.destroy();
    };
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    try {
      return await readCustomTypes(session, oids);
    } finally {
      signal.removeEventListener('abort', cut);
      await session.close();
    }
  }
}
