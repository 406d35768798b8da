import { formatLsn } from '../../base/lsn';
import { formatBytes, formatCount, formatPlural } from '../../base/quantity';
import type { DatabaseInfo } from '../../postgres/catalog/databases';
import type { ServerFacts } from '../../postgres/catalog/serverFacts';
import type { ServerSummary } from '../../postgres/catalog/serverSummary';
import { parseConnectionString } from '../../postgres/connectionString';
import { serverThemeColor } from '../../shared/serverThemeColor';
import type { ConnectionProfile } from '../connections/profile';
import { suggestName } from '../connections/profileUrl';
import { coarseBytes } from './coarseBytes';
import { nodeContext } from './nodeContext';
import type { SidebarNode } from './sidebarNode';
import { ERROR_COLOR, nodeId, WARNING_COLOR } from './sidebarNode';

export function serverId(name: string): string {
  return nodeId('server', name);
}

/** A server: by its address until it was asked, then by what it is. */
export function serverNode(
  profile: ConnectionProfile,
  facts: ServerFacts | undefined,
): SidebarNode {
  const access = profile.readOnly ? ['read-only'] : [];
  const label = profile.label === '' ? [] : [profile.label];
  const about =
    facts === undefined ? addressOf(profile) : [facts.version, facts.role, walLevelOf(facts)];
  const decodes = facts === undefined || walLevelOf(facts) === 'logical';
  const warning = decodes ? [] : ['wal_level is not logical: nothing can be decoded here.'];
  const description = [...label, ...about, ...access].join(' · ');
  return {
    id: serverId(profile.name),
    subject: { kind: 'server', server: profile.name },
    context: nodeContext(
      'server',
      facts?.role === 'standby' && 'standby',
      profile.readOnly && 'readonly',
    ),
    label: profile.name,
    description,
    icon: decodes
      ? {
          name: profile.readOnly ? 'lock' : 'server',
          ...(profile.color === '' ? {} : { color: serverThemeColor(profile.color) }),
        }
      : { name: 'warning', color: WARNING_COLOR },
    accessible: [profile.name, ...label, 'server', ...about, ...access, ...warning].join(', '),
    tooltip: {
      title: profile.name,
      notes: [
        ...warning,
        ...(profile.readOnly ? ['Read-only: every statement that changes it is refused.'] : []),
      ],
      facts: [
        ...(profile.ssh === undefined ? [] : [['through SSH', profile.ssh] as const]),
        ...(facts === undefined ? [] : factRows(facts)),
      ],
    },
    expandable: 'collapsed',
  };
}

/** An entry of the setting that cannot be used. */
export function settingProblemNode(problem: string, command: SidebarNode['action']): SidebarNode {
  return {
    id: nodeId('problem', problem),
    subject: { kind: 'message', server: '' },
    context: 'message.problem',
    label: problem,
    description: 'setting walExplorer.servers',
    icon: { name: 'error', color: ERROR_COLOR },
    accessible: `Error: ${problem} In the setting walExplorer.servers.`,
    tooltip: { title: problem, notes: ['A click opens the settings.'], facts: [] },
    expandable: false,
    ...(command === undefined ? {} : { action: command }),
  };
}

/** A database; the one that the profile names opens with its server, unless that is too much. */
export function databaseNode(server: string, database: DatabaseInfo, opens: boolean): SidebarNode {
  const description = database.mayConnect ? '' : 'no CONNECT privilege';
  return {
    id: `${serverId(server)}/${nodeId('database', database.name)}`,
    subject: { kind: 'database', server, database: database.name },
    context: database.mayConnect ? 'database' : 'database.closed',
    label: database.name,
    description,
    icon: { name: 'database' },
    accessible: [database.name, 'database', description].filter(Boolean).join(', '),
    tooltip: { title: database.name, notes: [], facts: [['encoding', database.encoding]] },
    expandable: database.mayConnect ? (opens ? 'expanded' : 'collapsed') : false,
  };
}

export function publicationsNode(
  parent: SidebarNode,
  server: string,
  database: string,
): SidebarNode {
  return {
    id: `${parent.id}/${nodeId('publications')}`,
    subject: { kind: 'publications', server, database },
    context: 'publications',
    label: 'Publications',
    description: '',
    icon: { name: 'broadcast' },
    accessible: `Publications of ${database}`,
    tooltip: { title: `Publications of ${database}`, notes: [], facts: [] },
    expandable: parent.expandable === 'expanded' ? 'expanded' : 'collapsed',
  };
}

/** Whether so many lines open with their server; more would push everything else out of sight. */
export function opensByItself(lines: number): boolean {
  return lines <= 30;
}

export function slotsNode(server: string, summary: ServerSummary): SidebarNode {
  const { slots } = summary;
  const bad = summary.lostSlots + summary.unsafeSlots;
  const description = [
    formatCount(slots),
    // What one slot keeps, the others keep too: the oldest position counts, not the sum.
    ...(slots === 0 ? [] : [`${coarseBytes(summary.retainedBytes)} retained`]),
    ...(bad === 0 ? [] : [`${formatCount(bad)} lost or unsafe`]),
  ].join(' · ');
  return {
    id: `${serverId(server)}/${nodeId('slots')}`,
    subject: { kind: 'slots', server },
    context: nodeContext('slots'),
    label: 'Slots',
    description,
    icon: bad === 0 ? { name: 'layers' } : { name: 'warning', color: WARNING_COLOR },
    accessible: `Slots, ${formatPlural(slots, 'slot')}, ${description}`,
    tooltip: {
      title: 'Replication slots',
      notes: ['A slot makes the server keep the WAL that its consumer has not confirmed yet.'],
      facts: [],
    },
    expandable: slots === 0 ? false : opensByItself(slots) ? 'expanded' : 'collapsed',
  };
}

function addressOf(profile: ConnectionProfile): readonly string[] {
  try {
    const address = suggestName(parseConnectionString(profile.url));
    return address === profile.name ? [] : [address];
  } catch {
    // The failure is told in full when the server is opened.
    return ['address cannot be read'];
  }
}

/** What the server can decode with: from 19 on that may be more than the setting says. */
export function walLevelOf(facts: ServerFacts): string {
  return facts.effectiveWalLevel ?? facts.walLevel;
}

function factRows(facts: ServerFacts): readonly (readonly [string, string])[] {
  return [
    ['version', facts.version],
    ['role', facts.role],
    ['wal_level', facts.walLevel],
    ...(facts.effectiveWalLevel === undefined
      ? []
      : [['effective_wal_level', facts.effectiveWalLevel] as const]),
    ['current LSN', formatLsn(facts.currentLsn)],
    ['replication slots', `${facts.freeSlots} of ${facts.maxSlots} free`],
    ['WAL senders', `${facts.freeSenders} of ${facts.maxSenders} free`],
    [
      'max_slot_wal_keep_size',
      facts.maxSlotWalKeepBytes === undefined ? 'no limit' : formatBytes(facts.maxSlotWalKeepBytes),
    ],
    ['synchronous_standby_names', facts.synchronousStandbyNames || 'none'],
    ['system identifier', facts.systemIdentifier],
  ];
}
