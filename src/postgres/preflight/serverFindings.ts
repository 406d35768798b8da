import { formatBytes } from '../../base/quantity';
import { matchesSynchronousStandby } from '../syncStandby';
import { alterSystem, grantMembership, LOG_STANDBY_SNAPSHOT } from './adviceSql';
import type { CheckFacts } from './checkFacts';
import type { CheckNeed } from './checkRequest';
import { ok, problem, unknown, warning, type Finding } from './finding';

/** Standbys decode from here on. */
const DECODING_STANDBY = 160_000;

/** Primary or standby, and what decoding on a standby needs. */
export function roleFindings({ server, settings }: CheckFacts): readonly Finding[] {
  if (server.role === 'primary') {
    const readOnly = settings.get('default_transaction_read_only') === 'on';
    return [
      ok(
        'role',
        readOnly
          ? 'A primary, read-only for this user by default_transaction_read_only; that keeps nobody from creating and dropping slots.'
          : 'A primary.',
      ),
    ];
  }
  if (server.versionNum < DECODING_STANDBY) {
    return [
      problem(
        'role',
        `A standby with PostgreSQL ${server.version}: standbys decode from 16 on.`,
        'Connect to the primary.',
      ),
    ];
  }
  const findings = [
    ok(
      'role',
      'A standby: decoding here costs the primary nothing. A new slot waits until the primary writes down its running transactions; on a quiet one that takes a while.',
      'Run this on the primary if a tail does not begin.',
      LOG_STANDBY_SNAPSHOT,
    ),
  ];
  if (settings.get('hot_standby_feedback') === 'off') {
    findings.push(
      warning(
        'role',
        'hot_standby_feedback is off: a vacuum on the primary can invalidate slots here at any time.',
        'Turn it on at this standby, and have it use a physical slot of the primary (primary_slot_name).',
        alterSystem('hot_standby_feedback', ['on'], true),
      ),
    );
  }
  return findings;
}

export function managerFindings({ manager }: CheckFacts): readonly Finding[] {
  return manager === undefined ? [] : [ok('manager', `${manager.name}. ${manager.remark}`)];
}

/** Whether changes can be decoded, and what a slot would switch on (19 and later). */
export function walLevelFinding({ server, manager }: CheckFacts, need: CheckNeed): Finding {
  const { walLevel, effectiveWalLevel, versionNum, role } = server;
  const level = effectiveWalLevel ?? walLevel;
  if (level === 'logical') {
    return ok(
      'wal-level',
      walLevel === 'logical'
        ? 'wal_level is logical: changes can be decoded.'
        : 'wal_level is replica, and effective_wal_level is logical as long as there is a logical slot: changes can be decoded.',
    );
  }
  if (role === 'primary' && versionNum >= 190_000 && walLevel === 'replica') {
    const sentence =
      'wal_level is replica: the first logical slot, also a temporary one, raises effective_wal_level to logical for the whole server, and its end lowers it, which can invalidate logical slots on standbys.';
    return need.readOnly
      ? problem(
          'wal-level',
          `${sentence} A read-only server refuses that.`,
          'Set wal_level = logical and restart the server, or keep a logical slot.',
          alterSystem('wal_level', ['logical'], false),
        )
      : warning(
          'wal-level',
          sentence,
          'Set wal_level = logical and restart the server where standbys have logical slots; otherwise confirm it when you are asked.',
          alterSystem('wal_level', ['logical'], false),
        );
  }
  const where = role === 'standby' ? 'on the primary' : 'on the server';
  return problem(
    'wal-level',
    `wal_level is ${level}: nothing can be decoded here.`,
    manager?.settings === undefined
      ? `Set wal_level = logical ${where} and restart it.`
      : `Change it ${manager.settings}.`,
    manager?.settings === undefined ? alterSystem('wal_level', ['logical'], false) : undefined,
  );
}

/** Where somebody waits for a flush of whoever has our name. */
export function synchronousFindings({ server }: CheckFacts): readonly Finding[] {
  const setting = server.synchronousStandbyNames;
  if (setting === '' || !matchesSynchronousStandby(setting, 'walexplorer_tail')) return [];
  return [
    warning(
      'synchronous',
      `synchronous_standby_names is ${JSON.stringify(setting)}, which every client matches: a stream that confirms would become the synchronous standby. Ours confirms nothing here, and ends at its budget of retained WAL.`,
      'Name the standbys that are meant in synchronous_standby_names.',
    ),
  ];
}

/** What the server keeps and spends for slots. */
export function limitFindings({ server, settings }: CheckFacts): readonly Finding[] {
  const keep = server.maxSlotWalKeepBytes;
  const memory = settings.get('logical_decoding_work_mem');
  const findings = [
    ok(
      'keep-size',
      keep === undefined
        ? 'max_slot_wal_keep_size sets no limit: a slot that nobody reads can fill the disk. Tails and peeks end at their own budget.'
        : `A slot is lost when it retains more than ${formatBytes(keep)} of WAL (max_slot_wal_keep_size). Tails and peeks end before.`,
    ),
  ];
  if (memory !== undefined) {
    findings.push(
      ok(
        'decoding-memory',
        `Decoding keeps up to ${formatBytes(Number(memory) * 1024)} in memory (logical_decoding_work_mem); what is larger is streamed to us, or spilled to disk where the plugin cannot stream.`,
      ),
    );
  }
  if (settings.get('wal_sender_timeout') === '0') {
    findings.push(
      warning(
        'sender-timeout',
        'wal_sender_timeout is 0: a consumer that is gone without a word keeps its slot in use. Streams of ours set it for themselves.',
        'Set it again, so that other consumers are noticed too.',
        alterSystem('wal_sender_timeout', ['1min'], true),
      ),
    );
  }
  return findings;
}

const BENDING =
  /^(datestyle|intervalstyle|extra_float_digits|bytea_output|lc_monetary|timezone|client_encoding)=/i;

/** What could bend values, and does not here. */
export function valueFindings({ settings, roleSettings }: CheckFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (settings.get('server_encoding') === 'SQL_ASCII') {
    findings.push(
      warning(
        'encoding',
        'The encoding of this database is SQL_ASCII: the server does not know what its bytes mean.',
        'Values that are not UTF-8 are kept and shown as bytes.',
      ),
    );
  }
  const bending = roleSettings.filter(setting => BENDING.test(setting));
  if (bending.length > 0) {
    findings.push(
      ok(
        'role-settings',
        `The role or the database sets ${bending.join(', ')}. Sessions of ours set their own, so that values are shown as they are stored.`,
      ),
    );
  }
  return findings;
}

/** What we may see of others. */
export function statisticsFindings(
  { mayReadStatistics, manager }: CheckFacts,
  user: string,
): readonly Finding[] {
  if (mayReadStatistics) return [];
  // Not to everybody: there, who may grant it is another one.
  const sql =
    manager?.name.startsWith('Amazon') === true
      ? undefined
      : grantMembership('pg_read_all_stats', user);
  return [
    ok(
      'statistics',
      `The user "${user}" does not see what other sessions run: everything works, but with which publications a slot is read, and since when transactions run, is not known.`,
      'To see it, ask for membership in pg_read_all_stats.',
      sql,
    ),
  ];
}

/** Minor releases that know output_plugin_libraries, by major version. */
const PLUGIN_LISTS: ReadonlyMap<number, number> = new Map([
  [14, 140_024],
  [15, 150_019],
  [16, 160_015],
  [17, 170_011],
  [18, 180_006],
]);

/**
 * Whether the server lets the output plugin run. Servers that know output_plugin_libraries refuse what it
 * does not list, to everybody; one that does not know it would not start with it.
 */
export function pluginFindings(
  facts: CheckFacts,
  plugin: string,
  isInUse: boolean,
): readonly Finding[] {
  const { versionNum } = facts.server;
  const allowed = pluginAllowed(facts, plugin, isInUse);
  if (plugin !== 'test_decoding' || versionNum < 180_000 || versionNum > 180_006) return [allowed];
  return [
    allowed,
    warning(
      'plugin',
      'test_decoding of PostgreSQL 18.0 to 18.6 crashes when a transaction larger than logical_decoding_work_mem was rolled back, and the whole server restarts.',
      'Use pgoutput with a publication, or update the server to 18.7 or newer first.',
    ),
  ];
}

function pluginAllowed(facts: CheckFacts, plugin: string, isInUse: boolean): Finding {
  const { server, settings, manager } = facts;
  const list = settings.get('output_plugin_libraries');
  const name = JSON.stringify(plugin);
  if (list === undefined) {
    const since = PLUGIN_LISTS.get(Math.floor(server.versionNum / 10_000)) ?? 190_000;
    if (server.versionNum >= since) {
      return unknown(
        'plugin',
        `Whether the output plugin ${name} is allowed cannot be seen: output_plugin_libraries is hidden from this user.`,
        'Start, and see.',
      );
    }
    return isInUse || ['pgoutput', 'test_decoding'].includes(plugin)
      ? ok('plugin', `This release lets every output plugin run, ${name} too.`)
      : unknown(
          'plugin',
          `This release lets every output plugin run; whether ${name} is installed shows when a slot is made.`,
          'Start, and see.',
        );
  }
  const listed = list
    .split(',')
    .map(each => each.trim().replace(/^"(.*)"$/, '$1'))
    .filter(each => each !== '');
  if (listed.includes(plugin)) return ok('plugin', `The output plugin ${name} is allowed.`);
  return problem(
    'plugin',
    `The output plugin ${name} is not in output_plugin_libraries (${list}): the server refuses it to everybody, superusers too.`,
    manager?.settings === undefined
      ? 'Add it; the setting replaces the list, so keep what it has.'
      : `Add it ${manager.settings}; keep what the list has.`,
    manager?.settings === undefined
      ? alterSystem('output_plugin_libraries', [...listed, plugin], true)
      : undefined,
  );
}
