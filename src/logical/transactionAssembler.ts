import type { Lsn } from '../base/lsn';
import type { PgTime } from '../base/time';
import type { Xid } from '../base/xid';
import type { LogicalEvent } from './event';
import type { HeldMessage, ReplayedMessage } from './heldTransaction';
import { HeldTransaction } from './heldTransaction';
import type { ResumedTransaction } from './resumedTransaction';
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
  /** Those of {@link #held} that have come whole, with their PREPARE. */
  readonly #prepared = new Set<number>();
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

  /** The transaction has come whole: only its end is missing, which another connection may bring. */
  prepared(topXid: number): void {
    if (this.#held.has(topXid)) this.#prepared.add(topXid);
  }

  /** Forgets the transactions that were sent in part: their rest will never come. */
  dropUnfinished(): void {
    for (const topXid of [...this.#held.keys()]) {
      if (!this.#prepared.has(topXid)) this.drop(topXid);
    }
  }

  /** Leaves out what the subtransaction wrote, or forgets the whole transaction. */
  abort(topXid: number, subxid: number): void {
    if (topXid === subxid) this.drop(topXid);
    else this.#held.get(topXid)?.abort(subxid);
  }

  drop(topXid: number): void {
    const held = this.#held.get(topXid);
    if (held === undefined) return;
    this.#forget(topXid, held);
    held.dispose();
  }

  /**
   * Delivers the transaction, without the changes that `resumed` knows to be delivered: at once, or by
   * the time the promise resolves when it was spilled.
   */
  commit(topXid: number, facts: CommitFacts, resumed?: ResumedTransaction): void | Promise<void> {
    const held = this.#held.get(topXid);
    if (held === undefined) return;
    this.#forget(topXid, held);
    const xid = topXid as Xid;
    const { lsn, commitLsn, endLsn, commitTime } = facts;
    const { sink, deliver, drain } = this.#options;
    if (resumed === undefined) sink({ kind: 'begin', lsn: held.lsn, xid, commitLsn, commitTime });
    const take = (message: ReplayedMessage): void => {
      if (resumed?.repeats(message.payload) !== true) deliver(message, topXid);
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
    this.#prepared.clear();
    this.#memory = 0;
  }

  #forget(topXid: number, held: HeldTransaction): void {
    this.#held.delete(topXid);
    this.#prepared.delete(topXid);
    this.#memory -= held.memory;
  }

  #spillLargest(): void {
    let largest: HeldTransaction | undefined;
    for (const held of this.#held.values()) {
      if (largest === undefined || held.memory > largest.memory) largest = held;
    }
    if (largest !== undefined) this.#memory -= largest.spill(this.#options.spill);
  }
}
