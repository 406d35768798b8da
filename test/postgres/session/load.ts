import type { Cluster } from '../../../scripts/postgres/cluster';
import { SHOP } from './shopCluster';

/** Writes to the shop as fast as one session can, until it is told to stop or the server goes. */
export class Load {
  #over = false;
  #done: Promise<void> = Promise.resolve();

  constructor(readonly cluster: Cluster) {}

  async start(): Promise<void> {
    const session = await this.cluster.openAdmin(SHOP, 'load');
    await session.query('create table if not exists load (id int, filler text)');
    this.#done = (async () => {
      try {
        while (!this.#over) {
          await session.query(
            `insert into load select g, repeat('x', 200) from generate_series(1, 500) g`,
          );
        }
        await session.end();
      } catch {
        // The server shuts down: that is what some tests do.
      }
    })();
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
  }
}
