import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../scripts/postgres/cluster';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { INVALID_LSN, toLsn } from '../../../src/base/lsn';
import { WritePermit } from '../../../src/postgres/changes/writePermit';
import type { ChangeKind, ServerChange } from '../../../src/postgres/changes/serverChange';
import { readSlotPreview } from '../../../src/postgres/changes/slotPreview';
import { openReplicationSession } from '../../../src/postgres/replicationSession';
import { openSqlSession, type SqlSession } from '../../../src/postgres/sqlSession';
import { WriteGate } from '../../../src/postgres/writeGate';
import { targetOf } from '../targetOf';

const PROFILE = { name: 'prod', readOnly: true };
const gate = new WriteGate(PROFILE);

/** Statements that change a server, or a session's neighbours, wherever they stand in a text. */
const CHANGING =
  /\b(?:pg_(?:drop|create|copy|sync)_\w*|pg_replication_(?:slot_advance|origin_\w+)|pg_logical_(?:slot_get\w*|emit_message)|pg_(?:terminate|cancel)_backend|pg_(?:reload_conf|switch_wal|log_standby_snapshot|promote|rotate_logfile|create_restore_point|wal_replay_\w+|stat_reset\w*|notify|backup_\w+|file_write|lo_\w+)|CREATE_REPLICATION_SLOT|DROP_REPLICATION_SLOT|ALTER_REPLICATION_SLOT|(?:CREATE|DROP|ALTER)\s+[A-Z]|INSERT\s+INTO|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM|TRUNCATE\s+\S|GRANT\s+\S|REVOKE\s+\S|VACUUM\b|CLUSTER\s|REINDEX\s|CHECKPOINT\b|COPY\s+\S+\s+FROM|LOCK\s+TABLE|SECURITY\s+LABEL|COMMENT\s+ON|REASSIGN\s|IMPORT\s+FOREIGN|CALL\s+\w|DO\s+\$)/;

/** Advice for a person begins like a sentence, which no statement does. */
const SENTENCE = /^[A-Z][a-z]*\s/;

const GATE =
  /^src\/postgres\/(?:writeGate\.ts|changes\/(?:serverChange|publicationChange|createPublication)\.ts)$/;

/** Statements that are shown to be run elsewhere: what these files import can run none. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  'src/postgres/preflight/adviceSql.ts': ['../quote'],
  'src/export/changeSql.ts': [
    '../base/sqlText',
    '../logical/event',
    '../base/hex',
    './sqlConditions',
    './sqlConditions',
  ],
  'src/export/sqlConditions.ts': ['../base/sqlText', '../logical/event'],
};

/** Every text of a source file, templates joined over their holes. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node)) {
      texts.push(
        [node.head.text, ...node.templateSpans.map(span => span.literal.text)].join('hole'),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function sourceFiles(): string[] {
  const root = path.join(PROJECT_ROOT, 'src');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => `src/${name.split(path.sep).join('/')}`);
}

describe('statements that change a server', () => {
  it('stand in the write gate and nowhere else', () => {
    const files = sourceFiles();
    expect(files.length).toBeGreaterThan(200);
    const found: string[] = [];
    const inGate = new Set<string>();
    for (const file of files) {
      for (const text of textsOf(path.join(PROJECT_ROOT, file))) {
        if (!CHANGING.test(text)) continue;
        if (file in SHOWN) continue;
        if (GATE.test(file)) inGate.add(file);
        else if (!SENTENCE.test(text)) found.push(`${file}: ${text.slice(0, 80)}`);
      }
    }
    expect(found).toEqual([]);
    for (const [file, imports] of Object.entries(SHOWN)) {
      const text = readFileSync(path.join(PROJECT_ROOT, file), 'utf8');
      expect([...text.matchAll(/from '(.*)'/g)].map(([, from]) => from)).toEqual(imports);
    }
    // The search does find them: each of these has some.
    expect([...inGate].sort()).toEqual([
      'src/postgres/changes/createPublication.ts',
      'src/postgres/changes/publicationChange.ts',
      'src/postgres/changes/serverChange.ts',
      'src/postgres/writeGate.ts',
    ]);
  });
});

describe.each([14, 18] as const)('a read-only profile on %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  beforeAll(async () => {
    cluster = await startCluster({ major, settings: { synchronous_commit: 'on' } });
    session = await openSqlSession(targetOf(cluster), { applicationName: 'walexplorer_test' });
    await cluster.adminQuery('CREATE TABLE public.t (a int primary key)');
    await cluster.adminQuery('CREATE PUBLICATION p FOR TABLE t');
    await cluster.adminQuery(`SELECT pg_create_logical_replication_slot('theirs', 'pgoutput')`);
    await cluster.adminQuery(`SELECT pg_create_physical_replication_slot('standby', true)`);
    await cluster.adminQuery('INSERT INTO t VALUES (1)');
  });
  afterAll(async () => {
    await session.close();
    await cluster.dispose();
  });

  /** All that a change of ours could touch. */
  const state = async () => {
    const [row] = await session.query(`
      SELECT (SELECT json_agg(s ORDER BY slot_name) FROM (
          SELECT slot_name, slot_type, plugin, database, temporary, restart_lsn, confirmed_flush_lsn
          FROM pg_replication_slots) s) AS slots,
        (SELECT json_agg(p ORDER BY pubname) FROM pg_publication p) AS publications,
        (SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL) AS sessions,
        pg_current_wal_insert_lsn() AS wal`);
    return row;
  };

  it('refuses every change there is, and the server stays as it was', async () => {
    const preview = (await readSlotPreview(session, 'theirs'))!;
    const expected = preview.identity;
    const publication = {
      kind: 'create-publication',
      name: 'new',
      operations: ['insert'],
      viaPartitionRoot: false,
    } as const;
    // A new kind of change without an entry here does not compile.
    const changes: Readonly<Record<ChangeKind, readonly ServerChange[]>> = {
      'create-slot': [
        { kind: 'create-slot', type: 'logical', slot: 'new', plugin: 'pgoutput', override: true },
        { kind: 'create-slot', type: 'physical', slot: 'new', reserveWal: true, override: true },
      ],
      'copy-slot': [
        { kind: 'copy-slot', type: 'logical', source: 'theirs', slot: 'new', override: true },
        { kind: 'copy-slot', type: 'physical', source: 'standby', slot: 'new', override: true },
      ],
      'advance-slot': [
        { kind: 'advance-slot', slot: 'theirs', to: preview.currentLsn, expected },
        { kind: 'advance-slot', slot: 'theirs', to: toLsn(1n), expected },
      ],
      'drop-slot': [{ kind: 'drop-slot', slot: 'theirs', expected, override: true }],
      'consume-slot': [{ kind: 'consume-slot', slot: 'theirs' }],
      'create-publication': [
        { ...publication, scope: { kind: 'all' }, acceptFailing: true },
        { ...publication, scope: { kind: 'schemas', schemas: ['public'] } },
        { ...publication, scope: { kind: 'tables', tables: [{ schema: 'public', name: 't' }] } },
      ],
    };
    const before = await state();
    const refused = { code: 'read-only', overridable: false };
    for (const change of Object.values(changes).flat()) {
      await expect(gate.change(session, change)).rejects.toMatchObject(refused);
      const name = 'slot' in change ? change.slot : change.name;
      expect(gate.refusalOf({ kind: change.kind, name })).toMatchObject(refused);
      expect(() => WritePermit.of({ kind: change.kind, name }, PROFILE)).toThrow(/is read-only/);
    }
    const held = gate.createHeldSlot(session, {
      kind: 'create-slot',
      type: 'logical',
      slot: 'new',
      plugin: 'pgoutput',
    });
    await expect(held).rejects.toMatchObject(refused);
    expect(() => gate.permitConsume('theirs')).toThrow(/is read-only/);
    expect(await state()).toEqual(before);
  });

  it('has no way past the permission: what it was given for, and nothing else', async () => {
    const { advanceSlot } = await import('../../../src/postgres/changes/advanceSlot');
    const { copySlot } = await import('../../../src/postgres/changes/copySlot');
    const { createPublication } = await import('../../../src/postgres/changes/createPublication');
    const { createSlot } = await import('../../../src/postgres/changes/createSlot');
    const { dropSlot } = await import('../../../src/postgres/changes/dropSlot');
    const preview = (await readSlotPreview(session, 'theirs'))!;
    const expected = preview.identity;
    const other = WritePermit.of(
      { kind: 'consume-slot', name: 'x' },
      { name: 'dev', readOnly: false },
    );
    const before = await state();
    const refused = { code: 'no-permission' };
    const calls = {
      advance: () =>
        advanceSlot(
          other,
          session,
          { kind: 'advance-slot', slot: 'theirs', to: preview.currentLsn, expected },
          {},
        ),
      copy: () =>
        copySlot(
          other,
          session,
          { kind: 'copy-slot', type: 'logical', source: 'theirs', slot: 'new' },
          {},
        ),
      create: () =>
        createSlot(other, session, { kind: 'create-slot', type: 'physical', slot: 'new' }, {}),
      drop: () => dropSlot(other, session, { kind: 'drop-slot', slot: 'theirs', expected }),
      publish: () =>
        createPublication(
          other,
          session,
          {
            kind: 'create-publication',
            name: 'new',
            scope: { kind: 'all' },
            operations: ['insert'],
            viaPartitionRoot: false,
          },
          {},
        ),
    };
    for (const call of Object.values(calls)) await expect(call()).rejects.toMatchObject(refused);
    expect(await state()).toEqual(before);
  });

  it('streams a slot of somebody else without confirming anything, whatever it is told', async () => {
    const replication = await openReplicationSession(targetOf(cluster), {
      applicationName: 'walexplorer_test',
    });
    const before = (await readSlotPreview(session, 'theirs'))!;
    let frames = 0;
    const options = {
      slot: 'theirs',
      startLsn: INVALID_LSN,
      options: [
        ['proto_version', '1'],
        ['publication_names', '"p"'],
      ],
      // Asks to confirm everything there is.
      positions: { received: () => before.currentLsn, flushed: () => before.currentLsn },
      feedbackIntervalMs: 20,
    } as const;
    const handlers = {
      onFrame: () => {
        frames += 1;
      },
      onEnd: () => undefined,
    };
    const twoPhase = { ...options, options: [...options.options, ['two_phase', 'on']] } as const;
    await expect(replication.startLogical(twoPhase, handlers)).rejects.toMatchObject({
      code: 'no-permission',
    });
    const stream = await replication.startLogical(options, handlers);
    await expect.poll(() => frames, { timeout: 10_000 }).toBeGreaterThan(2);
    for (let i = 0; i < 5; i++) stream.sendFeedback();
    await stream.stop();
    await replication.close();
    const after = (await readSlotPreview(session, 'theirs'))!;
    expect(after.identity.confirmedFlushLsn).toBe(before.identity.confirmedFlushLsn);
  });

  it('lets only our own temporary slots come and go', async () => {
    const replication = await openReplicationSession(targetOf(cluster), {
      applicationName: 'walexplorer_test',
    });
    const before = await state();
    const foreign = { code: 'not-ours' };
    const request = { name: 'new', plugin: 'pgoutput', lockTimeoutMs: 1000 };
    await expect(gate.createTemporarySlot(replication, request)).rejects.toMatchObject(foreign);
    const copy = { source: 'theirs', name: 'new' };
    await expect(gate.copySlotTemporarily(replication, copy)).rejects.toMatchObject(foreign);
    await expect(gate.dropTemporarySlot(replication, 'theirs')).rejects.toMatchObject(foreign);
    await expect(gate.endOrphan(session, 'theirs', session.backendPid)).rejects.toMatchObject(
      foreign,
    );
    expect(await state()).toEqual(before);
    await replication.close();
  });
});
