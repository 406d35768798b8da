import type { AdminSession } from '../../../scripts/postgres/adminSession';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { SHOP } from '../session/shopCluster';

/** Statements until the first comes again. */
const ROUND = 20;

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
        this.#id ||= await afterAll(session);
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
    switch (id % ROUND) {
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

/** A multiple of the round of statements, above every batch that a load before has left. */
async function afterAll(session: AdminSession): Promise<number> {
  const [row] = await session.query('select coalesce(max(batch), 0) as last from steady');
  return (Math.floor(Number(row?.['last'] ?? 0) / ROUND) + 1) * ROUND;
}

export const STEADY_SCHEMA = [
  'create table if not exists steady (batch int, n int, filler text, primary key (batch, n))',
];
