import type { Lsn } from '../base/lsn';
import type { PgTime } from '../base/time';
import type { Xid } from '../base/xid';
import type { LogicalEvent } from './event';
import type { HeldMessage, ReplayedMessage } from './heldTransaction';
import { HeldTransaction } from './heldTransaction';
import type { SpillStore } from './spillStore';

/** Where and when a held transaction was committed. */
export interface CommitFacts {
  /** Position that the server gave with the commit message. */
  readonly lsn: Lsn;
  readonly commitLsn: Lsn;
  readonly endLsn: Lsn;
  readonly commitTime: PgTime;
}

export interface AssemblerOptions {
  readonly spill: SpillStore;
  readonly sink: (event: LogicalEvent) => void;
  /** Gives a held message, whose transaction was committed, to the sink. */
  readonly deliver: (message: ReplayedMessage, topXid: number) => void;
  /** Asked between the chunks of a spilled transaction: a promise makes us wait for it. */
  readonly drain: () => Promise<void> | undefined;
  /** Bytes that held transactions may take in memory, all together. */
  readonly memoryLimit: number;
}

/**
 * Holds back the transactions whose fate is not known, by their top xid, and delivers each one whole when
 * it commits, as if it had been sent at its commit. When memory runs short the largest one is spilled.
 */
export class TransactionAssembler {
  readonly #options: AssemblerOptions;
  readonly #held = new Map<number, HeldTransaction>();
  #memory = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  has(topXid: number): boolean {
    return this.#held.has(topXid);
  }

  /** Transactions that are held now. */
  get size(): number {
    return this.#held.size;
  }

  /** A block of the transaction begins; the first one makes it known. */
  open(topXid: number, lsn: Lsn): void {
    if (!this.#held.has(topXid)) this.#held.set(topXid, new HeldTransaction(lsn));
  }

  append(topXid: number, message: HeldMessage): void {
    const held = this.#held.get(topXid);
    if (held === undefined) return;
    const before = held.memory;
    held.append(message);
    this.#memory += held.memory - before;
    if (this.#memory > this.#options.memoryLimit) this.#spillLargest();
  }

  /** Leaves out what the subtransaction wrote, or forgets the whole transaction. */
  abort(topXid: number, subxid: number): void {
    if (topXid === subxid) this.drop(topXid);
    else this.#held.get(topXid)?.abort(subxid);
  }

  drop(topXid: number): void {
    const held = this.#held.get(topXid);
    if (held === undefined) return;
    this.#held.delete(topXid);
    this.#memory -= held.memory;
    held.dispose();
  }

  /** Delivers the transaction: at once, or by the time the promise resolves when it was spilled. */
  commit(topXid: number, facts: CommitFacts): void | Promise<void> {
    const held = this.#held.get(topXid);
    if (held === undefined) return;
    this.#held.delete(topXid);
    this.#memory -= held.memory;
    const xid = topXid as Xid;
    const { lsn, commitLsn, endLsn, commitTime } = facts;
    const { sink, deliver, drain } = this.#options;
    sink({ kind: 'begin', lsn: held.lsn, xid, commitLsn, commitTime });
    const take = (message: ReplayedMessage): void => {
      deliver(message, topXid);
    };
    const finish = (): void => {
      sink({ kind: 'commit', lsn, xid, endLsn, commitTime });
    };
    if (!held.spilled) {
      held.replay(take);
      finish();
      return;
    }
    return held
      .replaySpilled(take, drain)
      .then(finish)
      .finally(() => {
        held.dispose();
      });
  }

  dispose(): void {
    for (const held of this.#held.values()) held.dispose();
    this.#held.clear();
    this.#memory = 0;
  }

  #spillLargest(): void {
    let largest: HeldTransaction | undefined;
    for (const held of this.#held.values()) {
      if (largest === undefined || held.memory > largest.memory) largest = held;
    }
    if (largest !== undefined) this.#memory -= largest.spill(this.#options.spill);
  }
}
