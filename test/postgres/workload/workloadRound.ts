import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { PgwalCall, pgwal } from '../badDays/pgwalHere';
import { eventually } from '../session/cliProcess';
import { Applier } from './applier';
import { TYPE_SETUP } from './columnTypes';
import type { Decoded, DecodedTransaction } from './decodedFile';
import { readDecoded } from './decodedFile';
import { Draw } from './draw';
import type { WorkloadResult } from './runWorkload';
import { Workload } from './runWorkload';
import { expectSameContents } from './sameContents';
import { drawTable } from './tableModel';

const SOURCE = 'source';
const COPIES = ['copy', 'text_copy'] as const;
const PUBLICATION = ['--publication', 'all "of\' them'];
const TEXT_ROLE = 'texts';
const BY_TEXT = ['--plugin', 'test_decoding'];

/** What a round did, for those who run many. */
export interface RoundReport {
  readonly transactions: number;
  readonly changes: number;
  readonly rows: number;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * One random workload on a server: written, decoded in every way there is, applied to an empty copy. All ways
 * must tell the same, and the copies must be equal to the source.
 */
export async function workloadRound(
  cluster: Cluster,
  seed: number,
  steps: number,
): Promise<RoundReport> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-workload-'));
  try {
    return await new Round(cluster, new Draw(seed * 100 + cluster.options.major), folder).run(
      steps,
    );
  } catch (error) {
    // A server that crashed is what its log tells of.
    const crash = /(.*\n){0,20}.*was terminated by signal(.*\n){0,4}/.exec(cluster.log());
    throw crash === null ? error : new Error(crash[0], { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await cleanUp(cluster);
  }
}

class Round {
  readonly #twoPhase: boolean;

  constructor(
    readonly cluster: Cluster,
    readonly draw: Draw,
    readonly folder: string,
  ) {
    // pgoutput has known of prepared transactions since 15.
    this.#twoPhase = cluster.options.major >= 15;
  }

  async run(steps: number): Promise<RoundReport> {
    const { cluster, draw } = this;
    const { major } = cluster.options;
    const tables = Array.from({ length: draw.int(3, 6) }, (_, n) => drawTable(draw, n, major));
    const creation = tables.flatMap(table => table.creation);
    for (const database of [SOURCE, ...COPIES]) {
      await cluster.adminQuery(`create database ${database}`);
      const all = ['create schema "Odd ""Schema"', ...TYPE_SETUP, ...creation];
      await cluster.adminQuery(all.join(';\n'), database);
    }
    await this.#sql(
      `create role ${TEXT_ROLE} superuser login password '${cluster.password}';
       alter role ${TEXT_ROLE} set logical_decoding_work_mem = '1GB'`,
    );
    const viaRoot = String(draw.chance(50));
    await this.#sql(
      `create publication "all ""of' them" for all tables with (publish_via_partition_root = ${viaRoot})`,
    );
    for (const [name, plugin] of [
      ['plain', 'pgoutput'],
      ['texts', 'test_decoding'],
    ]) {
      await this.#sql(
        `select pg_create_logical_replication_slot('${name ?? ''}', '${plugin ?? ''}')`,
      );
    }
    if (this.#twoPhase) {
      await this.#sql(
        `select pg_create_logical_replication_slot('two_phase', 'pgoutput', false, true)`,
      );
    }
    const tails = [
      new PgwalCall(['tail', ...this.#at(PUBLICATION), '--out', this.#file('live')]),
      new PgwalCall(['tail', ...this.#atTexts(BY_TEXT), '--out', this.#file('live texts')]),
    ];
    await eventually(async () => {
      const rows = await this.#sql(
        `select 1 from pg_stat_activity where application_name like 'walexplorer%' and query like 'START_REPLICATION%'`,
      );
      return rows.length === tails.length;
    }, 'the tails stream');
    const written = await new Workload(cluster, SOURCE, draw, tables).run(steps);
    await this.#sql(`select pg_logical_emit_message(false, 'loose', 'the end')`);
    const expected = { ...written, loose: [...written.loose, 'the end'] };
    await eventually(
      async () => {
        const files = ['live', 'live texts'].map(name => readFile(this.#file(name), 'utf8'));
        return (await Promise.all(files)).every(text => text.includes('"the end"'));
      },
      'the tails have all',
      60_000,
    );
    for (const tail of tails) {
      tail.interrupt();
      expect(await tail.ended).toMatchObject({ status: 0 });
    }
    return this.#check(expected);
  }

  async #check(written: WorkloadResult): Promise<RoundReport> {
    const read = (name: string): Promise<Decoded> => readDecoded(this.#file(name), written);
    const live = await read('live');
    expectCommitted(live, written);
    const [end] = await this.#sql('select pg_current_wal_lsn()::text as lsn');
    for (const [name, way] of this.#ways(end?.['lsn'] ?? '')) {
      await way(this.#file(name));
      expectSame(name, await read(name), live);
    }
    const peek = [
      'peek',
      ...this.#atTexts([]),
      '--slot',
      'texts',
      '--out',
      this.#file('peek texts'),
    ];
    expect(await pgwal(...peek)).toMatchObject({ status: 0, stderr: '' });
    await this.#decodeTexts(this.#file('texts'));
    const texts = await read('texts');
    expectCommitted(texts, written);
    expectSame('live texts', await read('live texts'), texts);
    expectSame('peek texts', await read('peek texts'), texts);
    const changes = await this.#apply(live.transactions, COPIES[0]);
    await this.#apply(texts.transactions, COPIES[1]);
    let rows = 0;
    for (const copy of COPIES) rows = await expectSameContents(this.cluster, SOURCE, copy);
    return { transactions: live.transactions.length, changes, rows, counts: written.counts };
  }

  /** Ways to decode the same WAL again, each into a file; the last ones move the slots. */
  #ways(end: string): [string, (file: string) => Promise<void>][] {
    const call = async (...args: string[]): Promise<void> => {
      const { status, stderr } = await pgwal(...args);
      expect({ args, status, stderr }).toEqual({
        args,
        status: 0,
        stderr: expect.stringMatching(/^$|taken while the server decodes/) as string,
      });
    };
    const at = this.#at(PUBLICATION);
    const peek = ['peek', ...at, '--slot', 'plain'];
    const consume = ['tail', ...at, '--consume', '--until-lsn', end, '--slot'];
    const ways: [string, (file: string) => Promise<void>][] = [
      ['peek', file => call(...peek, '--out', file)],
      ['peek --no-streaming', file => call(...peek, '--no-streaming', '--out', file)],
      ['peek --binary', file => call(...peek, '--binary', '--out', file)],
      [
        'capture',
        async file => {
          await call(...peek, '--format', 'capture', '--out', `${file}.walcap`);
          await call('convert', `${file}.walcap`, '--out', file);
        },
      ],
      ['consume', file => call(...consume, 'plain', '--out', file)],
    ];
    if (this.#twoPhase) {
      ways.push(
        [
          'two-phase peek',
          file => call('peek', ...at, '--slot', 'two_phase', '--method', 'sql', '--out', file),
        ],
        [
          'two-phase capture',
          async file => {
            const capture = [
              '--transactions',
              'raw',
              '--format',
              'capture',
              '--out',
              `${file}.walcap`,
            ];
            await call(...consume, 'two_phase', ...capture);
            await call('convert', `${file}.walcap`, '--out', file);
          },
        ],
      );
    }
    return ways;
  }

  /**
   * The text of another plugin, through the SQL functions, which no code of ours had a part in. With empty
   * transactions: asked to leave them out, it leaves out the BEGIN of those that begin with a message too,
   * up to version 16. With memory for all of it: 18 up to 18.6 crashes in this plugin when it meets a large
   * transaction that was rolled back (bug 19616).
   */
  async #decodeTexts(file: string): Promise<void> {
    const rows = await this.#sql(
      `set logical_decoding_work_mem = '1GB';
       select lsn::text, xid::text, data from pg_logical_slot_get_changes('texts', null, null,
         'include-xids', '1', 'include-timestamp', '1')`,
    );
    const raw = createWriteStream(`${file}.raw`);
    for (const { lsn, xid, data } of rows) {
      raw.write(`${JSON.stringify({ lsn, xid: Number(xid), data })}\n`);
    }
    await new Promise(resolve => raw.end(resolve));
    const decode = ['decode', '--plugin', 'test_decoding', `${file}.raw`, '--out', file];
    expect(await pgwal(...decode)).toMatchObject({ status: 0, stderr: '' });
  }

  async #apply(transactions: readonly DecodedTransaction[], database: string): Promise<number> {
    const applier = await Applier.open(this.cluster.url(database));
    try {
      for (const transaction of transactions) await applier.apply(transaction);
    } finally {
      await applier.end();
    }
    return applier.changes;
  }

  #at(rest: readonly string[]): string[] {
    return ['--url', this.cluster.url(SOURCE), ...rest];
  }

  /** As a role for which the server keeps all of a transaction in memory; see {@link #decodeTexts}. */
  #atTexts(rest: readonly string[]): string[] {
    return ['--url', this.cluster.url(SOURCE, TEXT_ROLE), ...rest];
  }

  #file(name: string): string {
    return path.join(this.folder, `${name.replaceAll(' ', '')}.jsonl`);
  }

  #sql(sql: string): ReturnType<Cluster['adminQuery']> {
    return this.cluster.adminQuery(sql, SOURCE);
  }
}

/** The same transactions with the same events, by whatever way. */
function expectSame(name: string, decoded: Decoded, expected: Decoded): void {
  const xids = ({ transactions }: Decoded): number[] => transactions.map(({ xid }) => xid);
  expect({ name, xids: xids(decoded), loose: decoded.loose }).toEqual({
    name,
    xids: xids(expected),
    loose: expected.loose,
  });
  // One by one: what differs is to be seen at once.
  for (const [n, transaction] of decoded.transactions.entries()) {
    expect({ name, ...transaction }).toEqual({ name, ...expected.transactions[n] });
  }
}

/** Every transaction that was committed, in this order, once; one without a message may have changed nothing. */
function expectCommitted(decoded: Decoded, written: WorkloadResult): void {
  const told = new Set(decoded.transactions.map(({ xid }) => xid));
  const expected = written.committed.filter(({ xid, marked }) => marked || told.has(xid));
  expect(decoded.transactions.map(({ xid }) => xid)).toEqual(expected.map(({ xid }) => xid));
  expect(decoded.loose).toEqual(written.loose);
}

async function cleanUp(cluster: Cluster): Promise<void> {
  await cluster.adminQuery(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname in ('${SOURCE}', '${COPIES.join("', '")}')`,
  );
  const gids = await cluster.adminQuery(`select gid, database from pg_prepared_xacts`);
  for (const { gid, database } of gids) {
    const sql = `rollback prepared '${(gid ?? '').replaceAll("'", "''")}'`;
    await cluster.adminQuery(sql, database ?? '');
  }
  await eventually(async () => {
    await cluster.adminQuery(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active`,
    );
    const rows = await cluster.adminQuery('select 1 from pg_replication_slots');
    return rows.length === 0;
  }, 'the slots are gone');
  for (const database of [SOURCE, ...COPIES]) {
    await cluster.adminQuery(`drop database if exists ${database} with (force)`);
  }
  await cluster.adminQuery(`drop role if exists ${TEXT_ROLE}`);
}
