import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { linesOfOracle, linesOfPrinted } from './session/eventLines';
import { createSlot, ownSlots, run, SHOP, slotPosition, startShop } from './session/shopCluster';
import { untilStreaming } from './session/shopCluster';
import { WORKLOAD } from './session/workload';

/** Set PGWX_LONG=1 for the complete set. */
const LONG = process.env['PGWX_LONG'] === '1';

describe.each(POSTGRES_MAJORS)('pgwal with PostgreSQL %i', major => {
  let cli: BuiltCli;
  let cluster: Cluster;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    cluster = await startShop(major, {
      synchronous_commit: 'on',
      logical_decoding_work_mem: '64kB',
    });
    await createSlot(cluster, 'oracle', 'test_decoding');
    await createSlot(cluster, 'watched');
    await run(cluster, WORKLOAD);
  });
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
  });

  const looker = (): string => cluster.url(SHOP, 'looker');
  const file = (name: string): string => path.join(cli.folder, name);

  it('lists slots with every column of the version, and publications with their tables', async () => {
    const table = await cli.run(['slots', '--url', looker()]);
    expect(table.status).toBe(0);
    expect(table.stdout).toMatch(/^slot +plugin +database +consumer/);
    expect(table.stdout).toMatch(/watched +pgoutput +shop/);
    const slots = JSON.parse((await cli.run(['slots', '--url', looker(), '--json'])).stdout) as {
      slot_name: string;
    }[];
    const columns = await cluster.adminQuery(
      `select attname from pg_attribute where attrelid = 'pg_replication_slots'::regclass and attnum > 0`,
    );
    const watched = slots.find(slot => slot.slot_name === 'watched');
    expect(Object.keys(watched!)).toEqual(
      expect.arrayContaining(columns.map(column => column['attname'])),
    );
    const publications = await cli.run(['publications', '--url', looker(), '--json']);
    const [everything] = JSON.parse(publications.stdout) as {
      name: string;
      tables: { name: string; replica_identity: string; updates_fail: boolean }[];
    }[];
    expect(everything?.name).toBe('everything');
    expect(everything?.tables.find(({ name }) => name === 'nothing')).toMatchObject({
      replica_identity: 'nothing',
      updates_fail: true,
    });
    const text = await cli.run(['publications', '--url', looker()]);
    expect(text.stdout).toMatch(/everything .* updates fail without a replica identity/);
  });

  it('keeps a capture that converts to the same events', async () => {
    const direct = await cli.run(['peek', '--url', looker(), '--slot', 'watched']);
    const capture = file('peek.walcap');
    const peek = ['peek', '--url', looker(), '--slot', 'watched', '--format', 'capture'];
    expect(await cli.run([...peek, '--out', capture])).toMatchObject({ status: 0, stdout: '' });
    if (process.platform !== 'win32') expect(statSync(capture).mode & 0o777).toBe(0o600);
    expect((await cli.run(['convert', capture])).stdout).toBe(direct.stdout);
    expect((await cli.run(['decode', capture])).stdout).toBe(direct.stdout);
    const copy = file('copy.walcap');
    await cli.run(['convert', capture, '--format', 'capture', '--out', copy]);
    const out = file('copy.jsonl');
    expect((await cli.run(['convert', copy, '--out', out])).status).toBe(0);
    expect(await readFile(out, 'utf8')).toBe(direct.stdout);
    // Nothing is written over.
    const again = await cli.run([...peek, '--out', capture]);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/exists already\. Choose another name/);
  });

  it('writes what passes a filter, and counts that', async () => {
    const peek = ['peek', '--url', looker(), '--slot', 'watched'];
    const all = parseEvents((await cli.run(peek)).stdout);
    const passing = all.filter(
      event => event.kind === 'insert' && event.table === 'plain' && event.new?.['id'] !== '1',
    );
    expect(passing.length).toBeGreaterThan(1);
    const filter = ['--filter', 'op == "insert" && table == "plain" && new.id != 1'];
    const isChange = ({ kind }: { kind: string }): boolean =>
      ['insert', 'update', 'delete', 'truncate', 'message'].includes(kind);
    const some = parseEvents((await cli.run([...peek, ...filter])).stdout);
    expect(some.filter(isChange)).toEqual(passing);
    expect(new Set(some.map(({ xid }) => xid))).toEqual(new Set(passing.map(({ xid }) => xid)));
    const first = parseEvents((await cli.run([...peek, ...filter, '--limit', '1'])).stdout);
    expect(first.filter(isChange)).toEqual(passing.slice(0, 1));
    const texts = ['peek', '--url', looker(), '--slot', 'oracle', ...filter];
    const rows = parseEvents((await cli.run(texts)).stdout).filter(isChange);
    expect(rows.map(row => row.new)).toEqual(passing.map(row => row.new));
    // What no table has is said at the end, whatever is written. A text does not tell the columns of its table.
    const filtered = async (...more: string[]): Promise<string> => {
      const { status, stderr } = await cli.run(more);
      expect(status).toBe(0);
      // Behind what is told of the publication.
      return /^pgwal peek: --filter[^]*/m.exec(stderr)?.[0] ?? '';
    };
    const wrong = ['--filter', 'new.idd == 1'];
    const hint =
      'pgwal peek: --filter: No table here has a column idd so far. Did you mean id?\n' +
      '  new.idd == 1\n  ^^^^^^^\n';
    expect(await filtered(...peek, ...wrong)).toBe(hint);
    const none = ['--format', 'capture', '--out', file('none.walcap')];
    expect(await filtered(...peek, ...wrong, ...none)).toBe(hint);
    const ofTexts = ['peek', '--url', looker(), '--slot', 'oracle'];
    expect(await filtered(...ofTexts, ...wrong)).toBe('');
    const misnamed = await filtered(...ofTexts, '--filter', 'table == "plian"');
    expect(misnamed).toContain('There is no table plian here so far. Did you mean plain?\n  table');
    expect(await filtered(...peek, '--filter', 'table == "plian" || op == "insert"')).toBe('');
    // A capture of what passes, and what is left of a capture of all.
    const [direct, whole, left] = [file('some.walcap'), file('all.walcap'), file('left.walcap')];
    const capture = ['--format', 'capture', '--out'];
    expect(await cli.run([...peek, ...filter, ...capture, direct])).toMatchObject({ status: 0 });
    if (process.platform !== 'win32') expect(statSync(direct).mode & 0o777).toBe(0o600);
    await cli.run([...peek, ...capture, whole]);
    await cli.run(['convert', whole, ...filter, ...capture, left]);
    const raw = ['convert', '--transactions', 'raw'];
    const printed = (await cli.run([...raw, direct])).stdout;
    expect(parseEvents(printed).filter(isChange).length).toBeGreaterThanOrEqual(passing.length);
    expect(printed).toBe((await cli.run([...raw, left])).stdout);
    const one = file('one.walcap');
    await cli.run([...peek, ...filter, ...capture, one, '--limit', '1']);
    const only = parseEvents((await cli.run([...raw, one])).stdout);
    expect(only.filter(isChange).length).toBe(1);
  });

  it('peeks through the SQL functions where that is asked for', async () => {
    const peek = ['peek', '--url', looker(), '--slot', 'watched'];
    const direct = await cli.run(peek);
    const { status, stdout, stderr } = await cli.run([...peek, '--method', 'sql']);
    expect(status).toBe(0);
    // But for the positions of relations, which a walsender does not send.
    expect(linesOfPrinted(parseEvents(stdout))).toEqual(linesOfPrinted(parseEvents(direct.stdout)));
    expect(stderr).toMatch(/the slot is taken while the server decodes/);
  });

  it('looks on a read-only profile, and refuses to consume there', async () => {
    const peek = await cli.run(['peek', '--url', looker(), '--slot', 'watched', '--read-only']);
    expect(peek.status).toBe(0);
    const before = await slotPosition(cluster, 'watched');
    const consume = ['tail', '--url', looker(), '--publication', 'everything', '--slot', 'watched'];
    const refused = await cli.run([...consume, '--consume'], { PGWAL_READ_ONLY: '1' });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/is read-only: consuming the slot "watched" is not allowed/);
    expect((await cli.run(consume)).status).toBe(2);
    expect(await slotPosition(cluster, 'watched')).toEqual(before);
  });

  it.runIf([14, 18].includes(major) || LONG)(
    'consumes a slot without loss, also when it is killed in the middle',
    async () => {
      await createSlot(cluster, 'consumed');
      await createSlot(cluster, 'reference', 'test_decoding');
      const insert = (from: number): string =>
        `insert into "odd ""name" select g, 'v' || g, null from generate_series(${String(from)}, ${String(from + 499)}) g`;
      await run(cluster, [insert(1000), insert(2000)]);
      const consume = [
        ...['tail', '--url', looker(), '--publication', 'everything'],
        ...['--slot', 'consumed', '--consume'],
      ];
      const first = cli.start([...consume, '--out', file('first.jsonl')]);
      await untilStreaming(cluster);
      await run(cluster, [insert(3000), insert(4000)]);
      await eventually(
        async () => (await readFile(file('first.jsonl'), 'utf8')).includes('"4499"'),
        'the first consumer has written them',
      );
      first.child.kill('SIGKILL');
      await first.ended;
      await eventually(async () => {
        const [row] = await cluster.adminQuery(
          `select active::text as active from pg_replication_slots where slot_name = 'consumed'`,
        );
        return row?.['active'] === 'false';
      }, 'the slot is free');
      await run(cluster, [insert(5000)]);
      const second = await cli.run([...consume, '--idle', '1', '--out', file('second.jsonl')]);
      expect({ ...second }).toMatchObject({ status: 0, stderr: '' });
      const expected = (await linesOfOracle(cluster, SHOP, 'reference')).map(line =>
        JSON.stringify(line),
      );
      const lines: string[] = [];
      for (const name of ['first.jsonl', 'second.jsonl']) {
        const text = await readFile(file(name), 'utf8');
        const whole = text.slice(0, text.lastIndexOf('\n') + 1);
        lines.push(...linesOfPrinted(parseEvents(whole)).map(line => JSON.stringify(line)));
      }
      // After a kill what was written and not yet confirmed comes again; nothing is missing.
      expect([...new Set(lines)]).toEqual(expected);
      // What is confirmed does not come a third time, and a clean end confirms all of it.
      const third = await cli.run([...consume, '--idle', '1']);
      expect({ status: third.status, stdout: third.stdout }).toEqual({ status: 0, stdout: '' });
      const limited = cli.start([...consume, '--limit', '1']);
      await untilStreaming(cluster);
      await run(cluster, [insert(6000), insert(7000)]);
      const { stdout } = await limited.ended;
      // A transaction is never cut where it is confirmed.
      expect(parseEvents(stdout).filter(({ kind }) => kind === 'insert')).toHaveLength(500);
      const rest = await cli.run([...consume, '--idle', '1']);
      expect(rest.stdout).toContain('"7499"');
      expect(rest.stdout).not.toContain('"6499"');
      await cluster.adminQuery(`select pg_drop_replication_slot('consumed')`);
      await cluster.adminQuery(`select pg_drop_replication_slot('reference')`);
    },
  );

  it('shows what another plugin wrote as events, and keeps its texts', async () => {
    const peek = ['peek', '--url', looker(), '--slot', 'oracle', '--format', 'capture'];
    const capture = file('other.walcap');
    const { status, stderr } = await cli.run([...peek, '--out', capture]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const some = await cli.run(['peek', '--url', looker(), '--slot', 'oracle', '--limit', '2']);
    const [begin, insert] = parseEvents(some.stdout);
    expect(begin).toMatchObject({ kind: 'begin' });
    expect(insert).toMatchObject({
      kind: 'insert',
      xid: begin?.xid,
      schema: 'public',
      table: 'plain',
      new: { id: '1' },
    });
    expect((await cli.run(['convert', capture])).stdout.startsWith(some.stdout)).toBe(true);
    expect((await readFile(capture)).includes('table public.plain: INSERT: id[integer]:1')).toBe(
      true,
    );
  });

  it('says in one line why it cannot connect', async () => {
    const wrong = await cli.run(['slots', '--url', cluster.url(SHOP, 'looker', 'wrong')]);
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(
      /^pgwal slots: .* did not accept the password of user "looker"\. .*\n$/,
    );
    const away = await cli.run([
      'tail',
      '--url',
      'postgresql://x@127.0.0.1:1/x',
      '--publication',
      'p',
    ]);
    expect(away.status).toBe(1);
    expect(away.stderr.trim().split('\n')).toHaveLength(1);
    expect(await ownSlots(cluster)).toEqual([]);
  });
});
