import type { AdminSession } from '../../../scripts/postgres/adminSession';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { SHOP } from '../session/shopCluster';

/** Small transactions, one after the other, a larger one now and then; it waits while the server is away. */
export class SteadyLoad {
  /** Transactions that the server said are committed. */
  committed = 0;
  readonly #cluster: Cluster;
  #over = false;
  #done: Promise<void> = Promise.resolve();
  #id = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Resolves when the last transaction is committed. */
  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    let session: AdminSession | undefined;
    while (!this.#over) {
      try {
        session ??= await this.#cluster.openAdmin(SHOP, 'load');
        await session.query(this.#next());
        this.committed++;
        await new Promise(resolve => setTimeout(resolve, 10));
      } catch {
        // The server is away; what was on its way may be committed or not, the server knows.
        await session?.end().catch(() => undefined);
        session = undefined;
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
    await session?.end();
  }

  #next(): string {
    const id = ++this.#id;
    switch (id % 20) {
      case 0:
        return `insert into steady select ${String(id)}, g, repeat('x', 500) from generate_series(1, 400) g`;
      case 7:
        return `update steady set filler = 'y' where batch = ${String(id - 1)}`;
      case 11:
        return `select pg_logical_emit_message(false, 'outside', '${String(id)}')`;
      case 13:
        return `begin; insert into steady values (${String(id)}, 1, 'kept'); savepoint a; insert into steady values (${String(id)}, 2, 'undone'); rollback to a; commit`;
      default:
        return `insert into steady values (${String(id)}, 0, 'small')`;
    }
  }
}

export const STEADY_SCHEMA = [
  'create table if not exists steady (batch int, n int, filler text, primary key (batch, n))',
];
