import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { INVALID_LSN } from '../../src/base/lsn';
import { checkTarget } from '../../src/postgres/connectionCheck';
import { readServerFacts } from '../../src/postgres/catalog/serverFacts';
import type { CheckRequest } from '../../src/postgres/preflight/checkRequest';
import type { Finding, FindingCode, FindingState } from '../../src/postgres/preflight/finding';
import { transactionFindings } from '../../src/postgres/preflight/transactionFindings';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { openSqlSession } from '../../src/postgres/sqlSession';
import type { ConnectionTarget } from '../../src/shared/connection';
import { Bouncer } from './badDays/bouncer';
import { expectNothingLeft, pgwal } from './badDays/pgwalHere';
import { observeOnly } from './observeOnly';
import { eventually } from './session/cliProcess';
import { targetOf } from './targetOf';

const applicationName = 'walexplorer_test';
/** The oldest and the newest; what differs between the others is told by the server itself. */
const MAJORS = [14, 18] as const;

const check = (target: ConnectionTarget, request: CheckRequest = {}) =>
  checkTarget(target, request, { applicationName });

/** The one finding of a kind; where there are several, that in the given state. */
function found(findings: readonly Finding[], code: FindingCode, state?: FindingState): Finding {
  const all = findings.filter(
    each => each.code === code && (state === undefined || each.state === state),
  );
  expect(all, `${code} in ${JSON.stringify(findings, undefined, 1)}`).toHaveLength(1);
  for (const { sentence, action } of findings) {
    expect(sentence).toMatch(/^\S.*[.:]$/);
    expect(sentence + action).not.toMatch(/undefined|NaN|\[object|test-password/);
  }
  return all[0]!;
}
const problems = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'problem').map(({ code }) => code);

describe.each(MAJORS)('a look before a stream begins, PostgreSQL %i', major => {
  let cluster: Cluster;
  let shop: ConnectionTarget;
  beforeAll(async () => {
    cluster = await startCluster({
      major,
      name: 'check',
      settings: { wal_keep_size: '0', max_prepared_transactions: '5' },
      hba: ['host closed looker all reject'],
    });
    const { password } = cluster;
    await cluster.adminQuery(`
      CREATE ROLE looker LOGIN REPLICATION PASSWORD '${password}';
      CREATE ROLE "pl""ain" LOGIN PASSWORD '${password}';
      ALTER ROLE looker SET datestyle = 'German'`);
    for (const name of ['shop', 'other', 'closed']) {
      await cluster.adminQuery(`CREATE DATABASE ${name}`);
    }
    await cluster.adminQuery(
      `CREATE TABLE orders (id int PRIMARY KEY);
       CREATE TABLE "no ""key" (a int); CREATE TABLE unkeyed (a int);
       CREATE TABLE whole (a int); ALTER TABLE whole REPLICA IDENTITY FULL;
       CREATE TABLE split (a int) PARTITION BY RANGE (a);
       CREATE TABLE split_low PARTITION OF split FOR VALUES FROM (0) TO (10);
       CREATE PUBLICATION good FOR TABLE orders, whole;
       CREATE PUBLICATION bad FOR TABLE orders, "no ""key", unkeyed;
       CREATE PUBLICATION by_root FOR TABLE split WITH (publish_via_partition_root = true);
       CREATE PUBLICATION empty;
       CREATE PUBLICATION mute FOR TABLE orders WITH (publish = '');
       CREATE PUBLICATION inserts FOR TABLE unkeyed WITH (publish = 'insert')`,
      'shop',
    );
    await cluster.adminQuery(
      "SELECT pg_create_logical_replication_slot('pending', 'pgoutput')",
      'shop',
    );
    await cluster.adminQuery(
      `SELECT pg_create_physical_replication_slot('standby_one');
       SELECT pg_create_logical_replication_slot('behind_hba', 'test_decoding')`,
      'closed',
    );
    shop = targetOf(cluster, { user: 'looker', database: 'shop' });
  });
  afterAll(async () => {
    await cluster.dispose();
  });

  it('finds no problem with LOGIN and REPLICATION alone, changes nothing and leaves nothing', async () => {
    const before = await cluster.adminQuery('SELECT * FROM pg_replication_slots ORDER BY 1');
    const findings = await check(shop, { publications: ['good'] });
    expect(problems(findings)).toEqual([]);
    expect(found(findings, 'reachable').sentence).toMatch(
      /^Connected to 127\.0\.0\.1:\d+ as looker, to the database shop\.$/,
    );
    expect(found(findings, 'tls').state).toBe('ok');
    expect(found(findings, 'replication').state).toBe('ok');
    expect(found(findings, 'wal-level').state).toBe('ok');
    expect(found(findings, 'slots')).toMatchObject({ state: 'ok' });
    expect(found(findings, 'senders').sentence).toBe('10 of 10 WAL senders are free.');
    expect(found(findings, 'publication').sentence).toBe(
      'The publication "good" publishes 2 tables.',
    );
    expect(found(findings, 'replica-identity').state).toBe('ok');
    expect(found(findings, 'role-settings').sentence).toMatch(/datestyle=German/i);
    expect(found(findings, 'statistics').sql).toBe('GRANT pg_read_all_stats TO "looker";');
    // 14 had its last release before these tests were written.
    expect(found(findings, 'version').state).toBe(major === 14 ? 'warning' : 'ok');
    await expectNothingLeft(cluster);
    expect(await cluster.adminQuery('SELECT * FROM pg_replication_slots ORDER BY 1')).toEqual(
      before,
    );
  });

  it('tells who may not replicate, with the statement that helps', async () => {
    const plain = { ...shop, user: 'pl"ain' };
    const refused = found(await check(plain), 'replication');
    expect(refused).toMatchObject({
      state: 'problem',
      cause: 'no-replication-privilege',
      sql: 'ALTER ROLE "pl""ain" REPLICATION;',
    });
    await cluster.adminQuery(refused.sql ?? '');
    expect(found(await check(plain), 'replication').state).toBe('ok');
  });

  it('tells a connection that is refused, be it the password or pg_hba.conf', async () => {
    const wrong = await check({ ...shop, password: 'not-it' });
    expect(wrong).toMatchObject([{ code: 'reachable', state: 'problem', cause: 'password-wrong' }]);
    const closed = await check({ ...shop, database: 'closed' });
    expect(closed).toMatchObject([{ code: 'reachable', state: 'problem', cause: 'pg-hba' }]);
    // The replication connection goes where the slot is.
    const slot = await check(shop, { slot: 'behind_hba' });
    expect(found(slot, 'replication')).toMatchObject({ state: 'problem', cause: 'pg-hba' });
  });

  it('tells publications that are missing, empty or mute', async () => {
    const missing = found(await check(shop, { publications: ['nope'] }), 'publication');
    expect(missing.state).toBe('problem');
    expect(missing.sentence).toContain('There is no publication "nope" in the database "shop".');
    expect(missing.action).toContain('"good"');
    expect(missing.sentence.includes('leave all changes out')).toBe(major >= 18);
    const none = found(await check({ ...shop, database: 'other' }, {}), 'publication');
    expect(none).toMatchObject({ state: 'ok' });
    expect(none.sentence).toContain('through test_decoding');
    expect(found(await check(shop, { publications: ['empty'] }), 'publication')).toMatchObject({
      state: 'warning',
      sentence: 'The publication "empty" has no table now: nothing will be seen.',
    });
    const mute = found(await check(shop, { publications: ['mute'] }), 'publication');
    expect(mute.state).toBe('warning');
    await cluster.adminQuery(mute.sql ?? '', 'shop');
    expect(found(await check(shop, { publications: ['mute'] }), 'publication').state).toBe('ok');
    expect(found(await check(shop, { publications: ['inserts'] }), 'publication').sentence).toBe(
      'The publication "inserts" publishes 1 table, only insert.',
    );
  });

  it('tells tables whose rows nothing tells apart, with the statements that help', async () => {
    const look = async (publication: string) =>
      found(await check(shop, { publications: [publication] }), 'replica-identity');
    const bad = await look('bad');
    expect(bad.state).toBe('warning');
    expect(bad.sentence).toContain(
      '2 of 3 published tables have no usable replica identity, so UPDATE and DELETE fail there: public.no "key, public.unkeyed.',
    );
    expect(bad.sql?.split('\n')).toEqual([
      'ALTER TABLE "public"."no ""key" REPLICA IDENTITY FULL;',
      'ALTER TABLE "public"."unkeyed" REPLICA IDENTITY FULL;',
    ]);
    // Inserts need no identity; a partition does, behind its root too.
    expect((await look('inserts')).state).toBe('ok');
    expect((await look('by_root')).sentence).toContain('public.split_low');
    await cluster.adminQuery(bad.sql ?? '', 'shop');
    expect((await look('bad')).state).toBe('ok');
  });

  it('tells what a slot is, where it belongs and who reads it', async () => {
    const pending = await check(shop, { slot: 'pending', publications: ['good'] });
    expect(problems(pending)).toEqual([]);
    expect(found(pending, 'slot').sentence).toContain('"pending" can be read, through pgoutput');
    expect(found(pending, 'slot-wal').sentence).toMatch(/^It retains .* of WAL.*\.$/);
    expect(pending.some(({ code }) => code === 'transactions')).toBe(false);

    const elsewhere = await check(
      { ...shop, database: 'other' },
      { slot: 'pending', publications: ['good'] },
    );
    expect(problems(elsewhere)).toEqual([]);
    expect(found(elsewhere, 'slot-database').sentence).toContain('"shop", not to "other"');

    const missing = await check(shop, { slot: 'nope' });
    expect(found(missing, 'slot')).toMatchObject({ state: 'problem' });
    expect(found(missing, 'slot').action).toContain('"pending"');
    const physical = await check(shop, { slot: 'standby_one' });
    expect(found(physical, 'slot').sentence).toContain('is physical');
    expect(problems(physical)).toEqual(['slot']);

    const texts = await check({ ...shop, user: 'postgres' }, { slot: 'behind_hba' });
    expect(problems(texts)).toEqual([]);
    // 18.0 to 18.6 crash in test_decoding.
    expect(texts.some(({ code, state }) => code === 'plugin' && state === 'warning')).toBe(
      major === 18,
    );

    const consumer = await openReplicationSession(
      { ...shop, user: 'postgres' },
      { applicationName: 'debezium' },
    );
    try {
      await consumer.startLogical(
        {
          slot: 'pending',
          startLsn: INVALID_LSN,
          options: [
            ['proto_version', '1'],
            ['publication_names', '"good"'],
          ],
          positions: observeOnly(() => INVALID_LSN),
        },
        { onFrame: () => undefined, onEnd: () => undefined },
      );
      const used = await check({ ...shop, user: 'postgres' }, { slot: 'pending' });
      expect(found(used, 'slot-consumer').sentence).toContain('debezium');
      expect(problems(used)).toEqual([]);
      expect(problems(await check(shop, { slot: 'pending', wants: 'consume' }))).toEqual([
        'slot-consumer',
      ]);
    } finally {
      await consumer.close();
    }
  });

  it('tells transactions that a new slot would wait for', async () => {
    const writer = await cluster.openAdmin('other', 'batch job');
    const session = await openSqlSession({ ...shop, user: 'postgres' }, { applicationName });
    try {
      expect(await transactionFindings(session)).toMatchObject([{ state: 'ok' }]);
      await writer.query('BEGIN');
      await writer.query('SELECT txid_current()');
      const [waits] = await transactionFindings(session, 0);
      expect(waits).toMatchObject({ state: 'warning' });
      expect(waits?.sentence).toContain('user postgres, "batch job"');
      await session.query(waits?.sql ?? '');
      const looker = await openSqlSession(shop, { applicationName });
      try {
        const [hidden] = await transactionFindings(looker, 0);
        expect(hidden?.sentence).toContain('1 transaction of others runs now');
      } finally {
        await looker.close();
      }
      await writer.query("PREPARE TRANSACTION 'forgotten'");
      const [forgotten] = await transactionFindings(session, 0);
      expect(forgotten?.sentence).toContain('"forgotten"');
      await session.query(forgotten?.sql ?? '');
    } finally {
      await writer.query("ROLLBACK PREPARED 'forgotten'");
      await writer.end();
      await session.close();
    }
  });

  it('tells a synchronous_standby_names that everybody matches, and a sender timeout of 0', async () => {
    cluster.configure({ synchronous_standby_names: '*', wal_sender_timeout: '0' });
    cluster.reload();
    await eventually(
      async () => (await check(shop)).some(({ code }) => code === 'synchronous'),
      'the settings count',
    );
    const findings = await check(shop);
    expect(found(findings, 'synchronous').state).toBe('warning');
    expect(found(findings, 'sender-timeout').state).toBe('warning');
    cluster.configure({ synchronous_standby_names: '', wal_sender_timeout: '60s' });
    cluster.reload();
    await eventually(
      async () => !(await check(shop)).some(({ code }) => code === 'synchronous'),
      'the settings are as they were',
    );
  });

  it('works where the control file may not be read', async () => {
    await cluster.adminQuery(
      'REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC',
      'other',
    );
    const target = { ...shop, database: 'other' };
    const findings = await check(target);
    expect(problems(findings)).toEqual([]);
    expect(found(findings, 'system-identifier').sentence).toContain('pg_control_system');
    const session = await openSqlSession(target, { applicationName });
    try {
      const facts = await readServerFacts(session);
      expect(facts).toMatchObject({ systemIdentifier: '', role: 'primary', walLevel: 'logical' });
    } finally {
      await session.close();
    }
  });

  it('tells a slot that is lost', async () => {
    await cluster.adminQuery(
      "SELECT pg_create_logical_replication_slot('lost', 'pgoutput')",
      'shop',
    );
    cluster.configure({ max_slot_wal_keep_size: '1MB' });
    cluster.reload();
    await eventually(async () => {
      await cluster.adminQuery('CREATE TABLE w (a int); DROP TABLE w; SELECT pg_switch_wal()');
      await cluster.adminQuery('CHECKPOINT');
      const [row] = await cluster.adminQuery(
        "SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'lost'",
      );
      return row?.['wal_status'] === 'lost';
    }, 'the slot is lost');
    const findings = await check(shop, { slot: 'lost' });
    expect(problems(findings)).toEqual(['slot']);
    const { sentence, sql } = found(findings, 'slot');
    expect(sentence).toBe(
      'The slot "lost" can no longer be read: WAL that it needs has been removed.',
    );
    expect(found(findings, 'keep-size').sentence).toContain('1 MB');
    await cluster.adminQuery(sql ?? '', 'shop');
  });

  it('is a command: a line a finding, and an exit status', async () => {
    const url = cluster.url('shop', 'looker');
    const good = await pgwal('check', '--url', url, '--publication', 'good');
    expect(good).toMatchObject({ status: 0, stderr: '' });
    for (const line of good.stdout.trimEnd().split('\n')) {
      expect(line).toMatch(/^(ok {5}|warning|unknown) {2}[A-Z][A-Za-z' ]+: [A-Za-z0-9].*$/);
    }
    const bad = await pgwal(
      'check',
      '--url',
      url,
      '--publication',
      'nope',
      '--slot',
      'nope',
      '--json',
    );
    expect(bad).toMatchObject({
      status: 1,
      stderr: 'pgwal check: 2 problems stand in the way\n',
    });
    const all = JSON.parse(bad.stdout) as readonly Finding[];
    expect(problems(all)).toEqual(['slot', 'publication']);
    const away = await pgwal('check', '--url', cluster.url('shop', 'looker', 'wrong'));
    expect(away.status).toBe(1);
    expect(away.stdout).toMatch(/^problem {2}Connection: .* did not accept the password/);
    expect(await pgwal('check', '--url', url, '--consume')).toMatchObject({ status: 2 });
  });
});

describe.each(MAJORS)('a server that cannot be looked at well, PostgreSQL %i', major => {
  let poor: Cluster;
  beforeAll(async () => {
    poor = await startCluster({
      major,
      name: 'poor',
      settings: { wal_level: 'replica', max_replication_slots: '1', max_wal_senders: '1' },
    });
  });
  afterAll(async () => {
    await poor.dispose();
  });

  it('has too low a wal_level, and no slot and no sender left', async () => {
    const before = await check(targetOf(poor));
    expect(found(before, 'wal-level')).toEqual({
      code: 'wal-level',
      state: 'problem',
      subject: 'WAL level',
      sentence: 'wal_level is replica: nothing can be decoded here.',
      action: 'Set wal_level = logical on the server and restart it.',
      sql: "ALTER SYSTEM SET wal_level = 'logical';",
    });
    expect(found(before, 'slots')).toMatchObject({ state: 'warning' });
    expect(found(before, 'senders').sentence).toContain('1 of 1 WAL senders is free; two must');

    await poor.adminQuery("SELECT pg_create_physical_replication_slot('taken', true)");
    const holder = await openReplicationSession(targetOf(poor), { applicationName: 'backup' });
    try {
      const after = await check(targetOf(poor));
      expect(problems(after)).toEqual(['wal-level', 'slots', 'senders', 'replication']);
      expect(found(after, 'slots').sentence).toMatch(
        /^0 of 1 replication slots are free\. Taken: "taken" \(idle, retains .*\)\.$/,
      );
      expect(found(after, 'senders').sentence).toContain(
        `"backup" (PID ${String(holder.backendPid)})`,
      );
      expect(found(after, 'replication').cause).toBe('no-free-sender');
      // What it takes to mend it is what the server takes.
      for (const { sql } of after)
        if (sql !== undefined) for (const one of sql.split('\n')) await poor.adminQuery(one);
    } finally {
      await holder.close();
    }
    await poor.restart();
    expect(problems(await check(targetOf(poor)))).toEqual([]);
  });
});

it.each(MAJORS)('a standby, PostgreSQL %i', async major => {
  const primary = await startCluster({ major, name: 'checked' });
  try {
    const standby = await primary.addStandby();
    const findings = await check(targetOf(standby));
    if (major === 14) {
      expect(problems(findings)).toEqual(['role']);
      expect(found(findings, 'role').sentence).toContain('standbys decode from 16 on');
      return;
    }
    expect(problems(findings)).toEqual([]);
    expect(found(findings, 'role', 'warning').sentence).toContain('hot_standby_feedback is off');
    expect(found(findings, 'role', 'ok').sql).toBe('SELECT pg_catalog.pg_log_standby_snapshot();');
  } finally {
    await primary.dispose();
  }
});

it('a pooler in the way, whether it hides or not', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-check-'));
  const cluster = await startCluster({ major: 18, name: 'pooled' });
  try {
    await cluster.adminQuery(`CREATE ROLE looker LOGIN REPLICATION PASSWORD '${cluster.password}'`);
    for (const [extra, code] of [
      [[], 'reachable'],
      [['ignore_startup_parameters = options'], 'pooler'],
      [['ignore_startup_parameters = options,replication'], 'pooler'],
    ] as const) {
      const bouncer = await Bouncer.start(folder, cluster, [...extra, 'pool_mode = transaction']);
      try {
        const findings = await check(targetOf(cluster, { user: 'looker', port: bouncer.port }));
        expect(found(findings, code)).toMatchObject({ state: 'problem', cause: 'pooler' });
      } finally {
        await bouncer.stop();
      }
    }
  } finally {
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  }
});
