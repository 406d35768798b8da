import { describe, expect, it } from 'vitest';
import { INVALID_LSN } from '../../../../src/base/lsn';
import type { ServerFacts } from '../../../../src/postgres/catalog/serverFacts';
import { alterSystem } from '../../../../src/postgres/preflight/adviceSql';
import type { CheckFacts } from '../../../../src/postgres/preflight/checkFacts';
import { toNeed } from '../../../../src/postgres/preflight/checkRequest';
import { encryption } from '../../../../src/postgres/preflight/connectionFindings';
import { nameList } from '../../../../src/postgres/preflight/finding';
import { managerByMarks } from '../../../../src/postgres/preflight/manager';
import {
  pluginFindings,
  roleFindings,
  synchronousFindings,
  valueFindings,
  walLevelFinding,
} from '../../../../src/postgres/preflight/serverFindings';
import { versionFinding } from '../../../../src/postgres/preflight/versionFindings';
import type { ConnectionTarget } from '../../../../src/shared/connection';

function factsOf(
  server: Partial<ServerFacts>,
  settings: Readonly<Record<string, string>> = {},
  more: Partial<CheckFacts> = {},
): CheckFacts {
  return {
    server: {
      versionNum: 180_004,
      version: '18.4',
      role: 'primary',
      walLevel: 'logical',
      effectiveWalLevel: undefined,
      currentLsn: INVALID_LSN,
      systemIdentifier: '1',
      synchronousStandbyNames: '',
      maxSlots: 10,
      freeSlots: 10,
      maxSenders: 10,
      freeSenders: 10,
      maxSlotWalKeepBytes: undefined,
      walSenderTimeoutMs: 60_000,
      ...server,
    },
    settings: new Map(Object.entries(settings)),
    tlsVersion: undefined,
    servingPid: 1,
    mayReadStatistics: true,
    mayReadControlFile: true,
    roleSettings: [],
    manager: undefined,
    ...more,
  };
}

const rds = managerByMarks({ roles: ['rds_superuser'], settings: [], applications: [] });

describe('the output plugins that a server allows', () => {
  const list = (plugins: string, plugin: string, more: Partial<CheckFacts> = {}) =>
    pluginFindings(
      factsOf({ versionNum: 180_007 }, { output_plugin_libraries: plugins }, more),
      plugin,
      false,
    );

  it('are those of its list, which the statement keeps', () => {
    expect(list('pgoutput, test_decoding', 'pgoutput')).toMatchObject([{ state: 'ok' }]);
    expect(list('"pgoutput", "wal2json"', 'wal2json')).toMatchObject([{ state: 'ok' }]);
    expect(list('pgoutput, test_decoding', 'wal2json')).toMatchObject([
      {
        state: 'problem',
        sql: "ALTER SYSTEM SET output_plugin_libraries = 'pgoutput', 'test_decoding', 'wal2json';\nSELECT pg_catalog.pg_reload_conf();",
      },
    ]);
    // Part of a name is no name.
    expect(list('pgoutput2', 'pgoutput')).toMatchObject([{ state: 'problem' }]);
  });

  it('are told without a statement where the server is not ours to configure', () => {
    const [managed] = list('pgoutput', 'wal2json', { manager: rds });
    expect(managed?.sql).toBeUndefined();
    expect(managed?.action).toContain('parameter group');
  });

  it('never lead to the setting on a release that does not know it, as it would not start with it', () => {
    for (const [versionNum, known] of [
      [140_023, false],
      [150_018, false],
      [160_014, false],
      [170_010, false],
      [180_005, false],
      [140_024, true],
      [150_019, true],
      [160_015, true],
      [170_011, true],
      [180_006, true],
      [190_000, true],
    ] as const) {
      for (const plugin of ['pgoutput', 'wal2json']) {
        const [finding] = pluginFindings(factsOf({ versionNum }), plugin, true);
        expect(finding?.sql).toBeUndefined();
        // What a release has and does not show is not known.
        expect([versionNum, finding?.state]).toEqual([versionNum, known ? 'unknown' : 'ok']);
      }
    }
    expect(pluginFindings(factsOf({ versionNum: 160_001 }), 'wal2json', false)).toMatchObject([
      { state: 'unknown' },
    ]);
  });

  it('are warned of where test_decoding crashes the server', () => {
    const states = (versionNum: number) =>
      pluginFindings(
        factsOf({ versionNum }, { output_plugin_libraries: 'test_decoding' }),
        'test_decoding',
        true,
      ).map(({ state }) => state);
    expect(states(170_011)).toEqual(['ok']);
    expect(states(180_000)).toEqual(['ok', 'warning']);
    expect(states(180_006)).toEqual(['ok', 'warning']);
    expect(states(180_007)).toEqual(['ok']);
  });
});

describe('the WAL level', () => {
  const nineteen = { versionNum: 190_000, version: '19.0', walLevel: 'replica' } as const;
  const look = (server: Partial<ServerFacts>, readOnly = false, more: Partial<CheckFacts> = {}) =>
    walLevelFinding(factsOf(server, {}, more), toNeed({ readOnly }));

  it('is what a slot would switch on in 19, and a read-only server refuses that', () => {
    const effectiveWalLevel = 'replica';
    expect(look({ ...nineteen, effectiveWalLevel }).state).toBe('warning');
    expect(look({ ...nineteen, effectiveWalLevel }, true).state).toBe('problem');
    expect(look({ ...nineteen, effectiveWalLevel: 'logical' }, true).state).toBe('ok');
    expect(look({ ...nineteen, effectiveWalLevel, role: 'standby' })).toMatchObject({
      state: 'problem',
      action: 'Set wal_level = logical on the primary and restart it.',
    });
    expect(look({ ...nineteen, walLevel: 'minimal', effectiveWalLevel: 'minimal' }).state).toBe(
      'problem',
    );
  });

  it('is set where the service has it', () => {
    const managed = look({ walLevel: 'replica' }, false, { manager: rds });
    expect(managed.action).toContain('rds.logical_replication');
    expect(managed.sql).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([
    [130_020, '13.20', '2026-01-01', 'problem'],
    [140_024, '14.24', '2026-11-12', 'ok'],
    [140_024, '14.24', '2026-11-13', 'warning'],
    [190_000, '19.0', '2026-11-21', 'ok'],
    [200_000, '20devel', '2026-11-21', 'warning'],
    [0, 'odd', '2026-11-21', 'warning'],
  ])('%i (%s) on %s', (versionNum, version, today, state) => {
    expect(versionFinding(factsOf({ versionNum, version }).server, today).state).toBe(state);
  });
});

describe('encryption', () => {
  const target = (part: Partial<ConnectionTarget>): ConnectionTarget => ({
    host: 'db.example.com',
    port: 5432,
    user: 'me',
    database: 'shop',
    sslMode: 'prefer',
    connectTimeout: 10,
    ...part,
  });
  it('is a warning where somebody could read along, or stand in for the server', () => {
    expect(encryption(target({}), false, undefined).state).toBe('warning');
    expect(encryption(target({}), true, 'TLSv1.3').state).toBe('warning');
    expect(encryption(target({ sslMode: 'verify-full' }), true, 'TLSv1.3').state).toBe('ok');
    expect(encryption(target({ sslRootCert: 'a' }), true, 'TLSv1.3').sentence).toContain(
      'its name is not',
    );
    for (const host of ['localhost', '127.0.0.1', '::1', '/var/run/postgresql']) {
      expect(encryption(target({ host }), false, undefined).state).toBe('ok');
    }
    expect(encryption(target({ ssh: 'bastion' }), false, undefined).state).toBe('ok');
    // Behind an SSH server this is another machine's localhost, reached encrypted up to there.
    expect(encryption(target({ host: 'localhost', ssh: 'b' }), true, 'x').state).toBe('warning');
    expect(encryption(target({ host: '127.example.com' }), false, undefined).state).toBe('warning');
  });
});

describe('the rest', () => {
  it('tells standbys that decode and that do not', () => {
    const states = (versionNum: number, feedback: string) =>
      roleFindings(
        factsOf({ role: 'standby', versionNum }, { hot_standby_feedback: feedback }),
      ).map(({ state }) => state);
    expect(states(150_010, 'on')).toEqual(['problem']);
    expect(states(160_000, 'on')).toEqual(['ok']);
    expect(states(160_000, 'off')).toEqual(['ok', 'warning']);
  });

  it('tells a synchronous standby name that is ours too', () => {
    const states = (names: string) =>
      synchronousFindings(factsOf({ synchronousStandbyNames: names })).length;
    expect(states('')).toBe(0);
    expect(states('FIRST 1 (a, b)')).toBe(0);
    expect(states('ANY 1 (*)')).toBe(1);
  });

  it('tells an encoding that is none, and settings that would bend values', () => {
    const facts = factsOf(
      {},
      { server_encoding: 'SQL_ASCII' },
      { roleSettings: ['extra_float_digits=-5', 'work_mem=1GB'] },
    );
    const [encoding, settings] = valueFindings(facts);
    expect(encoding?.state).toBe('warning');
    expect(settings).toMatchObject({ state: 'ok' });
    expect(settings?.sentence).toContain('extra_float_digits=-5');
    expect(settings?.sentence).not.toContain('work_mem');
    expect(valueFindings(factsOf({}, { server_encoding: 'UTF8' }))).toEqual([]);
  });

  it('knows who manages a server by what they leave on it', () => {
    const marks = { roles: [], settings: [], applications: [] };
    expect(managerByMarks(marks)).toBeUndefined();
    expect(managerByMarks({ ...marks, applications: ['Patroni heartbeat'] })?.name).toBe('Patroni');
    expect(managerByMarks({ ...marks, roles: ['neon_superuser'] })?.name).toBe('Neon');
    expect(rds?.grant?.('a"b')).toBe('GRANT rds_replication TO "a""b";');
  });

  it('quotes values, and names some of many', () => {
    expect(alterSystem('x', ["it's"], false)).toBe("ALTER SYSTEM SET x = 'it''s';");
    expect(nameList(['a"b', 'c'], 1)).toBe('"a\\"b" and 1 more');
  });
});
