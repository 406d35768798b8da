import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { startCluster, type Cluster } from '../../../scripts/postgres/cluster';
import type { PostgresMajor } from '../../../scripts/postgres/embeddedServers';
import type { BuiltCli, RunningCli } from '../session/cliProcess';
import { eventually } from '../session/cliProcess';
import { Draw } from '../workload/draw';
import { readPrinted } from './canonicalLines';
import { CHAOS_SCHEMA, ChaosLoad } from './chaosLoad';
import { ChaosProxy } from './chaosProxy';
import type { Findings } from './compare';
import { compare, formatPosition } from './compare';
import { ORACLE_SLOT, readOracle } from './oracle';
import { powerCut } from './powerCut';

export const DATABASE = 'chaos';

/** What can happen to a stream. */
export const DISASTERS = [
  'server killed',
  'server restarted',
  'walsender ended',
  'connection cut',
  'connection stalled',
  'bytes split',
  'process killed',
] as const;
export type Disaster = (typeof DISASTERS)[number];

/** So many random ones. A tail that is killed begins anew, and has nothing to prove. */
export function drawDisasters(seed: number, count: number, stream: 'consume' | 'tail'): Disaster[] {
  const draw = new Draw(seed);
  const kinds = DISASTERS.filter(name => stream === 'consume' || name !== 'process killed');
  return Array.from({ length: count }, () => draw.pick(kinds));
}

export interface CampaignPlan {
  readonly major: PostgresMajor;
  readonly seed: number;
  /** One after another, each when the stream has come back from the one before. */
  readonly disasters: readonly Disaster[];
  /** Whether a slot is consumed into one file, or a publication is tailed. */
  readonly stream: 'consume' | 'tail';
  readonly format: 'jsonl' | 'capture';
}

export interface CampaignReport extends Findings {
  readonly mix: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly transactions: number;
  readonly changes: number;
  readonly gaps: readonly string[];
  /** Transactions that the gaps say were not seen. */
  readonly missed: number;
}

/** Rounds of disasters over one file, under load, and the judgement at the end. */
export async function campaign(cli: BuiltCli, plan: CampaignPlan): Promise<CampaignReport> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-chaos-'));
  const cluster = await startCluster({
    major: plan.major,
    name: `chaos${String(plan.major)}`,
    settings: {
      logical_decoding_work_mem: '64kB',
      synchronous_commit: 'on',
      wal_sender_timeout: '6s',
      max_wal_size: '1GB',
    },
  });
  const proxy = await ChaosProxy.open(cluster.port);
  const run = new Campaign(cli, plan, folder, cluster, proxy);
  try {
    return await run.run();
  } finally {
    await run.end();
    await proxy.close();
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

class Campaign {
  readonly #draw: Draw;
  readonly #load: ChaosLoad;
  readonly #file: string;
  readonly #mix: Record<string, number> = {};
  #process: RunningCli | undefined;

  constructor(
    readonly cli: BuiltCli,
    readonly plan: CampaignPlan,
    readonly folder: string,
    readonly cluster: Cluster,
    readonly proxy: ChaosProxy,
  ) {
    this.#draw = new Draw(plan.seed);
    this.#load = new ChaosLoad(() => cluster, DATABASE, plan.seed);
    this.#file = path.join(folder, plan.format === 'capture' ? 'out.walcap' : 'out.jsonl');
  }

  async run(): Promise<CampaignReport> {
    const { cluster, plan } = this;
    const startedAt = performance.now();
    await cluster.adminQuery(`create database ${DATABASE}`);
    await cluster.adminQuery(CHAOS_SCHEMA.join(';'), DATABASE);
    await this.#createSlot(ORACLE_SLOT, 'test_decoding');
    if (plan.stream === 'consume') await this.#createSlot('consumed', 'pgoutput');
    this.#start();
    if (plan.stream === 'tail') await this.#untilAttached();
    this.#load.start();
    for (const disaster of plan.disasters) await this.#round(disaster);
    await this.#load.stop();
    await cluster.adminQuery(`insert into log values (0, 'the end')`, DATABASE);
    const end = await this.#position();
    await this.#untilConfirmed(end);
    const ended = await this.#stop();
    expect(ended, this.#story()).toMatchObject({ status: 0 });
    const printed = await readPrinted(await this.#asLines());
    const oracle = await readOracle(cluster, DATABASE, end, this.folder);
    return {
      ...compare(printed.transactions, oracle, printed.gaps),
      mix: this.#mix,
      seconds: Math.round((performance.now() - startedAt) / 1000),
      transactions: oracle.length,
      changes: oracle.reduce((sum, { changes }) => sum + changes.length, 0),
      gaps: printed.gaps.map(({ from, to }) => `${formatPosition(from)} to ${formatPosition(to)}`),
      missed: oracle.length - new Set(printed.transactions.map(({ xid }) => xid)).size,
    };
  }

  async end(): Promise<void> {
    await this.#load.stop();
    this.#process?.child.kill('SIGKILL');
    await this.#process?.ended;
  }

  async #round(disaster: Disaster): Promise<void> {
    // A stream that runs is what a disaster is for: it has come further than it was.
    await this.#untilConfirmed(await this.#position());
    await this.#sleep(this.#draw.int(0, 400));
    this.#mix[disaster] = (this.#mix[disaster] ?? 0) + 1;
    await this.#cause(disaster);
  }

  async #cause(disaster: Disaster): Promise<void> {
    switch (disaster) {
      case 'server killed':
        await powerCut(this.cluster);
        return this.cluster.start();
      case 'server restarted':
        return this.cluster.restart(this.#draw.pick(['fast', 'immediate']));
      case 'walsender ended':
        await this.cluster.adminQuery(
          `select pg_terminate_backend(active_pid) from pg_replication_slots where active_pid is not null`,
        );
        return;
      case 'connection cut': {
        this.proxy.cut();
        return;
      }
      case 'connection stalled':
        this.proxy.stall();
        await this.#sleep(this.#draw.int(500, 8000));
        {
          this.proxy.resume();
          return;
        }
      case 'bytes split':
        this.proxy.split(this.#draw.int(5_000, 50_000));
        await eventually(() => !this.proxy.isSplitting, 'so many bytes have passed', 60_000);
        return;
      case 'process killed':
        this.#process!.child.kill('SIGKILL');
        await this.#process!.ended;
        await this.#sleep(this.#draw.int(0, 300));
        {
          this.#start();
          return;
        }
    }
  }

  /** Times are what is random here; nothing waits for anything by them. */
  #sleep(ms: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, ms));
  }

  #start(): void {
    const { plan } = this;
    const url = new URL(this.cluster.url(DATABASE));
    url.port = String(this.proxy.port);
    const slot = ['--slot', 'consumed', '--consume', '--append'];
    this.#process = this.cli.start([
      ...['tail', '--url', url.href, '--publication', 'chaos'],
      ...(plan.stream === 'consume' ? slot : []),
      ...['--format', plan.format, '--out', this.#file],
    ]);
  }

  async #stop(): Promise<{ readonly status: number | null }> {
    this.#process!.child.kill('SIGINT');
    return this.#process!.ended;
  }

  async #createSlot(name: string, plugin: string): Promise<void> {
    await this.cluster.adminQuery(
      `select pg_create_logical_replication_slot('${name}', '${plugin}')`,
      DATABASE,
    );
  }

  async #position(): Promise<string> {
    return eventually(
      async () => {
        const rows = await this.cluster
          .adminQuery('select pg_current_wal_insert_lsn()::text as lsn')
          .catch(() => []);
        return rows[0]?.['lsn'] ?? undefined;
      },
      'the server answers',
      60_000,
    );
  }

  async #untilAttached(): Promise<void> {
    await this.#untilConfirmed('0/0');
  }

  /** Until our stream has confirmed this position, which it does for what is in the file. */
  async #untilConfirmed(lsn: string): Promise<void> {
    const slot = this.plan.stream === 'consume' ? `= 'consumed'` : `like 'walexplorer%'`;
    const sql = `select 1 from pg_replication_slots where slot_name ${slot} and active and confirmed_flush_lsn >= '${lsn}'`;
    try {
      await eventually(
        async () => {
          if (this.#process!.child.exitCode !== null) throw new Error('pgwal ended');
          return (await this.cluster.adminQuery(sql).catch(() => [])).length > 0;
        },
        `${lsn} is confirmed`,
        120_000,
      );
    } catch (error) {
      throw new Error(`${String(error)}: ${this.#story()}`, { cause: error });
    }
  }

  #story(): string {
    const size = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 'no';
    const slots = JSON.stringify(this.#mix);
    return `${JSON.stringify(this.plan)} ${slots}, ${String(size)} bytes. pgwal: ${this.#process?.stderr.slice(-3000) ?? ''} Server: ${this.cluster.log().slice(-3000)}`;
  }

  /** The file as lines: a capture is converted, by a process of its own. */
  async #asLines(): Promise<string> {
    if (this.plan.format === 'jsonl') return this.#file;
    const out = path.join(this.folder, 'converted.jsonl');
    const result = await this.cli.run(['convert', this.#file, '--out', out]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    return out;
  }
}
