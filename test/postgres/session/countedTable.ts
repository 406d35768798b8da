import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { BuiltCli } from './cliProcess';
import { createSlot, run, startShop } from './shopCluster';

/** A server with a table whose ids go up from 1 without a hole, a slot for its changes, and the built CLI. */
export class CountedTable {
  private constructor(
    readonly cli: BuiltCli,
    readonly cluster: Cluster,
    readonly folder: string,
  ) {}

  static async start(): Promise<CountedTable> {
    const cli = await BuiltCli.build();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-counted-'));
    const cluster = await startShop(18);
    await run(cluster, ['create table counted (id int primary key, filling text)']);
    await createSlot(cluster, 'counted');
    return new CountedTable(cli, cluster, folder);
  }

  async dispose(): Promise<void> {
    await this.cluster.dispose();
    await this.cli.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Inserts the ids from `from` to `to`, each with some 260 bytes. */
export function insertCounted(from: number, to: number): string {
  const ids = `generate_series(${String(from)}, ${String(to)}) g`;
  return `insert into counted select g, repeat(md5(g::text), 8) from ${ids}`;
}
