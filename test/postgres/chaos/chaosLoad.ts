import type { AdminSession } from '../../../scripts/postgres/adminSession';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { Draw } from '../workload/draw';

export const CHAOS_SCHEMA = [
  'create table items (id bigint primary key, writer int, body text, note text)',
  'alter table items alter column note set storage external',
  'create table log (at bigint, line text)',
  'alter table log replica identity full',
  'create publication chaos for all tables',
];

/**
 * Several sessions that write as fast as they can, small and large transactions with subtransactions that are
 * rolled back, and go on after every crash. No value holds a line break, so that one line is one change
 * wherever it is printed.
 */
export class ChaosLoad {
  #over = false;
  #running: Promise<void>[] = [];
  #nextId = 1;
  /** Transactions that a session took for committed. */
  commits = 0;

  constructor(
    readonly cluster: () => Cluster,
    readonly database: string,
    readonly seed: number,
  ) {}

  start(sessions = 3): void {
    for (let n = 0; n < sessions; n++) {
      this.#running.push(this.#write(n, new Draw(this.seed * 10 + n)));
    }
  }

  isOver(): boolean {
    return this.#over;
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#running);
  }

  async #write(writer: number, draw: Draw): Promise<void> {
    while (!this.isOver()) {
      let session: AdminSession | undefined;
      try {
        session = await this.cluster().openAdmin(this.database, 'chaos load');
        await session.query(`set lock_timeout = '1s'`);
        while (!this.isOver()) await this.#transaction(session, writer, draw);
      } catch {
        // The server is gone for a while; what was under way is lost, as it is for applications.
        await new Promise(resolve => setTimeout(resolve, 50));
      } finally {
        await session?.end();
      }
    }
  }

  async #transaction(session: AdminSession, writer: number, draw: Draw): Promise<void> {
    const statements = ['begin'];
    const large = draw.chance(4);
    for (let n = draw.int(1, 5); n > 0; n--) {
      if (draw.chance(15))
        statements.push('savepoint a', this.#statement(draw, writer, large), 'rollback to a');
      statements.push(this.#statement(draw, writer, large));
    }
    if (draw.chance(20)) {
      statements.push(`select pg_logical_emit_message(true, 'chaos', 'writer ${String(writer)}')`);
    }
    statements.push(draw.chance(10) ? 'rollback' : 'commit');
    for (const statement of statements) await session.query(statement);
    this.commits++;
    // As applications do; the machine that runs the tests has other things to do too.
    await new Promise(resolve => setTimeout(resolve, draw.int(0, 15)));
  }

  #statement(draw: Draw, writer: number, large: boolean): string {
    const what = draw.weighted({ insert: 50, update: 25, rekey: 5, delete: 8, log: 12 });
    // Rows of one's own, so that sessions do not wait for each other.
    const some = `id in (select id from items where writer = ${String(writer)} and id > ${String(this.#nextId - draw.int(10, 300))} order by id limit ${String(large ? 150 : 3)})`;
    switch (what) {
      case 'insert': {
        const count = large ? draw.int(100, 600) : draw.int(1, 4);
        const first = this.#nextId;
        this.#nextId += count;
        const note = draw.chance(20) ? `repeat(md5(g::text), 100)` : 'null';
        return `insert into items select g, ${String(writer)}, 'it''s row ' || g, ${note} from generate_series(${String(first)}, ${String(first + count - 1)}) g`;
      }
      case 'update':
        return `update items set body = body || '.' where ${some}`;
      case 'rekey':
        return `update items set id = -id * 10000000 - ${String(this.#nextId++)} where ${some} and id > 0`;
      case 'delete':
        return `delete from items where ${some}`;
      case 'log':
        return draw.chance(70)
          ? `insert into log values (${String(this.#nextId++)}, ${String(writer)} || ' says "x", ''y''')`
          : `update log set line = line || '!' where ctid in (select ctid from log where line like '${String(writer)} %' order by at desc limit 2)`;
    }
  }
}
