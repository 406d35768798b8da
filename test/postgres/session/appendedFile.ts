import { stat } from 'node:fs/promises';
import type { Cluster } from '../../../scripts/postgres/cluster';
import type { BuiltCli, RunningCli } from './cliProcess';
import { eventually } from './cliProcess';
import { SHOP } from './shopCluster';

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/** Resolves when the server has noticed that a slot's reader is gone. */
export async function untilFree(cluster: Cluster, slot: string): Promise<void> {
  await eventually(async () => {
    const [row] = await cluster.adminQuery(
      `select active::text as active from pg_replication_slots where slot_name = '${slot}'`,
    );
    return row?.['active'] === 'false';
  }, `nobody reads ${slot}`);
}

/** Small transactions, large ones that are streamed, subtransactions that are rolled back, messages. */
export function transaction(n: number): string {
  const id = String(n * 1000);
  switch (n % 5) {
    case 0:
      return `insert into plain (id, name) values (${id}, 'small ${id}')`;
    case 1:
      return `begin;
        insert into documents select ${id} + g, 'streamed', repeat('x', 300) from generate_series(1, 400) g;
        savepoint a;
        insert into documents select ${id} + 500 + g, 'never', repeat('y', 300) from generate_series(1, 300) g;
        rollback to a;
        update documents set title = 'after ${id}' where id between ${id} and ${id} + 30;
        commit`;
    case 2:
      return `select pg_logical_emit_message(false, 'outside', 'message ${id}')`;
    case 3:
      return `begin; delete from documents where id between ${id} - 2000 and ${id} - 1900;
        select pg_logical_emit_message(true, 'inside', 'message ${id}'); commit`;
    default:
      return `begin; insert into documents select ${id} + g, 'never', repeat('z', 300) from generate_series(1, 400) g; rollback`;
  }
}

/** Writes to the shop, at a pace that the readers keep up with. */
export class PacedLoad {
  transactions = 0;
  #over = false;
  #done: Promise<void> = Promise.resolve();

  constructor(readonly cluster: Cluster) {}

  async start(): Promise<void> {
    const session = await this.cluster.openAdmin(SHOP, 'load');
    this.#done = (async () => {
      while (!this.#over) {
        for (const part of transaction(++this.transactions).split(';')) await session.query(part);
        await new Promise(resolve => setTimeout(resolve, 15));
      }
      await session.end();
    })();
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
  }
}

/**
 * Starts the same command again and again and kills it with SIGKILL: when its file has grown by some bytes,
 * by another number each time, or as soon as it touches the file. Returns what it said each time.
 */
export async function killAgainAndAgain(
  cli: BuiltCli,
  args: readonly string[],
  file: string,
  times: number,
): Promise<readonly string[]> {
  const said: string[] = [];
  for (let n = 0; n < times; n++) {
    const before = await sizeOf(file);
    const growth = n % 4 === 0 ? 1 : Math.ceil(Math.random() * 120_000);
    const running = cli.start(args);
    await eventually(
      async () => ended(running) || (await sizeOf(file)) >= before + growth,
      `${file} grows by ${String(growth)}: ${running.stderr}`,
      60_000,
    );
    running.child.kill('SIGKILL');
    const { status, stderr } = await running.ended;
    if (status === null) said.push(stderr);
    // The server had not noticed yet that the one before was gone.
    else if (/is in use by PID/.test(stderr)) n--;
    else throw new Error(`ended by itself: ${stderr}`);
  }
  return said;
}

function ended(running: RunningCli): boolean {
  return running.child.exitCode !== null;
}
