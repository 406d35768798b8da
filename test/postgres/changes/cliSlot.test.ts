import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import { BuiltCli, eventually } from '../session/cliProcess';
import { createSlot, run, SHOP, slotPosition, startShop } from '../session/shopCluster';

describe.each([14, 18] as const)('pgwal slot with PostgreSQL %i', major => {
  let cli: BuiltCli;
  let cluster: Cluster;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    cluster = await startShop(major, { synchronous_commit: 'on' });
  });
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
  });
  const url = (): string => cluster.url(SHOP, 'looker');
  const slot = (...args: string[]) => cli.run(['slot', ...args, '--url', url()]);
  const names = async () => {
    const rows = await cluster.adminQuery(
      'select slot_name from pg_replication_slots order by slot_name',
    );
    return rows.map(row => row['slot_name']);
  };
  const insert = () =>
    run(cluster, [
      'insert into plain (id) select g from generate_series(1, 500) g',
      'delete from plain',
    ]);

  it('creates, copies, advances and drops, and tells the SQL', async () => {
    const created = await slot('create', 'orders');
    expect(created).toMatchObject({ status: 0 });
    expect(created.stderr).toBe(
      "SQL: SELECT slot_name, lsn FROM pg_catalog.pg_create_logical_replication_slot('orders', 'pgoutput');\n",
    );
    expect(created.stdout).toMatch(
      /^Created the slot "orders" at [0-9A-F]+\/[0-9A-F]+\. It keeps WAL until/,
    );
    expect(await slot('copy', 'orders', 'orders_test', '--plugin', 'test_decoding')).toMatchObject({
      status: 0,
    });
    await insert();
    const before = await slotPosition(cluster, 'orders');
    const advanced = await slot('advance', 'orders', '--yes');
    expect(advanced).toMatchObject({ status: 0 });
    expect(advanced.stderr).toMatch(/by \d+ kB of WAL\?/);
    expect(advanced.stderr).toMatch(/Changes that were committed in between are gone/);
    expect(advanced.stderr).toMatch(/SQL: SELECT end_lsn .*\('orders', '[0-9A-F]+\/[0-9A-F]+'\);/);
    const after = await slotPosition(cluster, 'orders');
    expect(advanced.stdout).toContain(`from ${before.confirmed} to ${after.confirmed}`);
    expect(after.confirmed).not.toBe(before.confirmed);
    const dropped = await slot('drop', 'orders', '--yes');
    expect(dropped).toMatchObject({ status: 0, stdout: 'Dropped the slot "orders".\n' });
    expect(dropped.stderr).toMatch(/Its consumer cannot go on without it/);
    expect(await names()).toEqual(['orders_test']);
    await slot('drop', 'orders_test', '--yes');
  });

  it('asks on a terminal, and does nothing unless the answer is yes', async () => {
    await createSlot(cluster, 'asked');
    const answer = async (line: string | undefined) => {
      const questions: string[] = [];
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      stdout.resume();
      let told = '';
      stderr.on('data', data => (told += String(data)));
      const status = await runCommandLine(['slot', 'drop', 'asked', '--url', url()], {
        env: {},
        stdout,
        stderr,
        interactive: false,
        ask: question => {
          questions.push(question);
          return Promise.resolve(line);
        },
        interrupted: new AbortController().signal,
      });
      return { status, questions, told };
    };
    for (const no of ['', 'n', undefined]) {
      const { status, questions, told } = await answer(no);
      expect({ status, questions }).toEqual({ status: 1, questions: ['Drop Slot? [y/N] '] });
      expect(told).toMatch(/asked[^]*pgwal slot: Nothing was changed\n$/);
    }
    expect(await names()).toEqual(['asked']);
    // Nobody can be asked: that is wrong usage.
    const unasked = await slot('drop', 'asked');
    expect(unasked.status).toBe(2);
    expect(unasked.stderr).toMatch(/nobody can be asked here: --yes is the answer/);
    expect((await answer('y')).status).toBe(0);
    expect(await names()).toEqual([]);
  });

  it('refuses on a read-only profile, before it connects or asks', async () => {
    await createSlot(cluster, 'guarded');
    const before = await slotPosition(cluster, 'guarded');
    for (const args of [
      ['create', 'new'],
      ['create', 'new', '--temporary'],
      ['create', 'new', '--physical'],
      ['copy', 'guarded', 'new'],
      ['advance', 'guarded', '--yes'],
      ['drop', 'guarded', '--yes'],
    ]) {
      const flagged = await slot(...args, '--read-only');
      expect(flagged).toMatchObject({ status: 1, stdout: '' });
      expect(flagged.stderr).toMatch(
        /^pgwal slot: "127.0.0.1:\d+" is read-only: .* is not allowed\.\n$/,
      );
    }
    const variable = await cli.run(['slot', 'drop', 'guarded', '--yes', '--url', url()], {
      PGWAL_READ_ONLY: '1',
    });
    expect(variable.status).toBe(1);
    expect(await names()).toEqual(['guarded']);
    expect(await slotPosition(cluster, 'guarded')).toEqual(before);
    await slot('drop', 'guarded', '--yes');
  });

  it('says in one line what is wrong', async () => {
    const line = async (...args: string[]) => {
      const { status, stderr, stdout } = await slot(...args);
      expect(stdout).toBe('');
      return `${String(status)} ${stderr
        .split('\n')
        .filter(each => !each.startsWith('SQL: '))
        .join('|')}`;
    };
    expect(await line('create', 'Bad')).toMatch(
      /^1 pgwal slot: A slot name has only .* the capital B\.\|$/,
    );
    expect(await line('drop', 'none', '--yes')).toMatch(
      /^1 pgwal slot: There is no slot "none".*\|$/,
    );
    expect(await line('create')).toMatch(/^2 pgwal slot: the name of a slot is missing/);
    expect(await line('copy', 'a')).toMatch(/^2 pgwal slot: the name of the copy is missing/);
    expect(await line('move', 'a')).toMatch(/^2 pgwal slot: slot takes create, advance/);
    expect(await line('drop', 'a', '--to', '0/1')).toMatch(
      /^2 pgwal slot: slot drop takes no --to/,
    );
    expect(await line('create', 'a', '--physical', '--two-phase')).toMatch(
      /^2 .*takes no --two-phase/,
    );
    await createSlot(cluster, 'here');
    expect(await line('advance', 'here', '--to', 'FFFF/0', '--yes')).toMatch(
      /^1 pgwal slot: The server has written WAL up to/,
    );
    expect(await line('advance', 'here', '--to', '0/1', '--yes')).toMatch(
      /A slot never goes back\.\|$/,
    );
    expect(await line('create', 'here')).toMatch(/There is a slot "here" already\. Choose/);
    await slot('drop', 'here', '--yes');
  });

  it('says for whom it waits, and Ctrl-C leaves nothing behind', async () => {
    const blocker = await cluster.openAdmin(SHOP, 'nightly "report"');
    await blocker.query('begin; insert into plain (id) values (1)');
    const waiting = cli.start(['slot', 'create', 'never', '--url', url()]);
    await eventually(() => waiting.stderr.includes('nightly'), 'whom it waits for');
    expect(waiting.stderr).toMatch(
      /Waiting for a running transaction to end: PID \d+ \(nightly "report", user postgres\)/,
    );
    waiting.child.kill('SIGINT');
    const { status, stderr } = await waiting.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/Creating the slot "never" was cancelled: nothing of it is left\.\n$/);
    expect(await names()).toEqual([]);
    // And when the whole process is gone without a word.
    const killed = cli.start(['slot', 'create', 'never', '--url', url()]);
    await eventually(async () => (await names()).length === 1, 'it waits');
    killed.child.kill('SIGKILL');
    await killed.ended;
    await eventually(async () => (await names()).length === 0, 'the server has noticed', 15_000);
    await blocker.end();
  });

  it('keeps a temporary slot until Ctrl-C', async () => {
    const held = cli.start(['slot', 'create', 'trial', '--temporary', '--url', url()]);
    await eventually(() => held.stdout.includes('until Ctrl-C'), 'it is there');
    expect(await names()).toEqual(['trial']);
    held.child.kill('SIGINT');
    expect((await held.ended).status).toBe(0);
    await eventually(async () => (await names()).length === 0, 'it is gone');
  });

  it('lists subscriptions without the password of their connection', async () => {
    await run(cluster, [
      `create subscription "sub ""x""" connection 'host=pub.example user=cdc password=hush dbname=d' publication p, "q, r" with (connect = false, slot_name = 'at_pub')`,
    ]);
    const list = async (...args: string[]) => {
      const { status, stdout } = await cli.run(['subscriptions', ...args]);
      expect(status).toBe(0);
      expect(stdout).not.toContain('hush');
      return stdout;
    };
    expect(await list('--url', cluster.url(SHOP))).toMatch(/sub "x" .*cdc@pub.example\/d.*at_pub/);
    const [only] = JSON.parse(await list('--url', url(), '--json')) as Record<string, unknown>[];
    expect(only).toMatchObject({
      subname: 'sub "x"',
      subpublications: ['p', 'q, r'],
      database: SHOP,
      state: 'disabled',
      publisher: null,
    });
    await run(cluster, [
      'alter subscription "sub ""x""" set (slot_name = none)',
      'drop subscription "sub ""x"""',
    ]);
  });
});
