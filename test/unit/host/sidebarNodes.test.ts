import { describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../../src/host/commandIds';
import type { ConnectionProfile } from '../../../src/host/connections/profile';
import { toLsn } from '../../../src/base/lsn';
import { coarseBytes } from '../../../src/host/sidebar/coarseBytes';
import { DrawnLines } from '../../../src/host/sidebar/drawnLines';
import { listLines } from '../../../src/host/sidebar/listLines';
import { PAGE } from '../../../src/host/sidebar/listScopes';
import { failureNodes, walLevelNode } from '../../../src/host/sidebar/messageNode';
import { publicationNode, tableNode } from '../../../src/host/sidebar/publicationNode';
import {
  databaseNode,
  publicationsNode,
  serverNode,
  slotsNode,
} from '../../../src/host/sidebar/serverNode';
import { nodeId } from '../../../src/host/sidebar/sidebarNode';
import { slotNode } from '../../../src/host/sidebar/slotNode';
import { subscriptionNode } from '../../../src/host/sidebar/subscriptionNode';
import type { PublicationInfo } from '../../../src/postgres/catalog/publications';
import type { PublishedTable } from '../../../src/postgres/catalog/publishedTables';
import type { ServerFacts } from '../../../src/postgres/catalog/serverFacts';
import type { SlotInfo } from '../../../src/postgres/catalog/slots';
import type { SubscriptionInfo } from '../../../src/postgres/catalog/subscriptions';

const facts: ServerFacts = {
  versionNum: 180_004,
  version: '18.4',
  role: 'primary',
  walLevel: 'logical',
  effectiveWalLevel: undefined,
  currentLsn: toLsn(0x16b6c50n),
  systemIdentifier: '1',
  synchronousStandbyNames: '',
  maxSlots: 10,
  freeSlots: 8,
  maxSenders: 10,
  freeSenders: 9,
  maxSlotWalKeepBytes: undefined,
  walSenderTimeoutMs: 60_000,
};

const slot: SlotInfo = {
  name: 'debezium',
  type: 'logical',
  plugin: 'pgoutput',
  database: 'shop',
  temporary: false,
  active: true,
  consumer: {
    pid: 42,
    applicationName: 'debezium',
    user: 'cdc',
    client: '10.0.0.7',
    query: undefined,
    since: '',
  },
  restartLsn: toLsn(0x10n),
  confirmedFlushLsn: toLsn(0x20n),
  retainedBytes: 36_900,
  pendingBytes: 100,
  walStatus: 'reserved',
  safeWalSize: undefined,
  twoPhase: false,
  failover: false,
  synced: false,
  inactiveSince: undefined,
  health: 'normal',
  healthExplanation: '',
  isOurs: false,
  columns: { slot_name: 'debezium', safe_wal_size: null },
};

const publication: PublicationInfo = {
  name: 'p',
  owner: 'o',
  allTables: false,
  allSequences: false,
  insert: true,
  update: true,
  delete: true,
  truncate: false,
  viaRoot: false,
  generatedColumns: false,
  schemas: [],
};

const table: PublishedTable = {
  oid: 1,
  schema: 'public',
  name: 'orders',
  isPartitioned: false,
  replicaIdentity: 'default',
  keyColumns: ['id'],
  hasUsableIdentity: true,
  columnList: undefined,
  rowFilter: undefined,
};

const profile: ConnectionProfile = {
  name: 'shop',
  url: 'postgresql://ada@db:5433/shop',
  readOnly: false,
  label: '',
  color: '',
};

describe('a server', () => {
  it('is an address until it was asked', () => {
    expect(serverNode(profile, undefined).description).toBe('shop@db');
    expect(serverNode(profile, facts).description).toBe('18.4 · primary · logical');
  });

  it('warns when nothing can be decoded there', () => {
    const node = serverNode(profile, { ...facts, walLevel: 'replica' });
    expect(node.icon.name).toBe('warning');
    expect(node.accessible).toContain('nothing can be decoded');
  });

  it('takes the effective level of 19 for what counts', () => {
    const raised = { ...facts, walLevel: 'replica', effectiveWalLevel: 'logical' };
    expect(serverNode(profile, raised).icon.name).toBe('server');
  });

  it('shows an address that cannot be read all the same', () => {
    const broken = { ...profile, url: 'mysql://x' };
    expect(serverNode(broken, undefined).description).toBe('address cannot be read');
  });
});

describe('a message', () => {
  it('says in full what a narrow line cuts, after a click', () => {
    const failure = { code: 'x', message: 'It is down.', action: 'Start it.', detail: '' };
    const lines = [
      ...failureNodes('server/s', 's', failure),
      walLevelNode('server/s', 's', 'replica'),
    ];
    expect(lines.map(line => line.label)).toEqual([
      'It is down.',
      'Start it.',
      'wal_level is replica, not logical',
    ]);
    for (const line of lines) expect(line.action?.command).toBe(COMMANDS.explainItem);
    expect(lines.at(-1)!.accessible).toContain('ALTER SYSTEM SET wal_level = logical');
  });
});

describe('a slot', () => {
  it('says who uses it and what it keeps', () => {
    const node = slotNode('shop', slot, 0);
    expect(node.description).toBe('36 kB · pgoutput · shop · in use by debezium@10.0.0.7');
    expect(node.tooltip.facts).toContainEqual(['safe_wal_size', 'no limit, or lost']);
    expect(node.context).toBe('slot.logical.active');
  });

  it('says for how long nobody used it', () => {
    const now = Date.parse('2026-11-20T18:00:00Z');
    const idle = { ...slot, active: false, consumer: undefined };
    const since = (inactiveSince: string | undefined) =>
      slotNode('s', { ...idle, inactiveSince }, now).description;
    expect(since('2026-11-17 17:59:00.123456+00')).toContain('idle 3 days');
    expect(since(undefined)).toMatch(/· idle$/);
    expect(since('infinity')).toMatch(/· idle$/);
  });

  it.each([
    ['lost', 'error', 'lost'],
    ['unsafe', 'warning', 'unsafe'],
  ] as const)('marks %s by icon, colour and word', (health, icon, word) => {
    const node = slotNode('s', { ...slot, health, healthExplanation: 'Because.' }, 0);
    expect(node.icon.name).toBe(icon);
    expect(node.icon.color).toBeDefined();
    expect(node.description).toMatch(new RegExp(`^${word} `));
    expect(node.accessible).toContain('Because.');
  });

  it('offers no peek where there is nothing to decode', () => {
    expect(slotNode('s', { ...slot, health: 'lost' }, 0).context).toBe(
      'slot.logical.active.invalid',
    );
    const physical = { ...slot, type: 'physical', plugin: undefined, database: undefined } as const;
    expect(slotNode('s', physical, 0).context).toBe('slot.physical.active');
  });
});

describe('a context', () => {
  it('says what menus ask for, in one order', () => {
    const every = { active: false, temporary: true, isOurs: true, synced: true } as const;
    expect(slotNode('s', { ...slot, ...every, health: 'lost' }, 0).context).toBe(
      'slot.logical.inactive.temporary.own.synced.invalid',
    );
    expect(serverNode(profile, undefined).context).toBe('server');
    expect(serverNode({ ...profile, readOnly: true }, facts).context).toBe('server.readonly');
    const standby = serverNode({ ...profile, readOnly: true }, { ...facts, role: 'standby' });
    expect(standby.context).toBe('server.standby.readonly');
  });
});

describe('slots together', () => {
  const summary = {
    slots: 2,
    lostSlots: 0,
    unsafeSlots: 0,
    retainedBytes: 1024 ** 3,
    publications: 0,
    subscriptions: 0,
  };

  it('say how many there are and what they keep', () => {
    expect(slotsNode('s', summary).description).toBe('2 · 1 GB retained');
    expect(slotsNode('s', summary).expandable).toBe('expanded');
    expect(slotsNode('s', { ...summary, slots: 0 }).expandable).toBe(false);
    // A thousand lines would push everything else out of sight.
    expect(slotsNode('s', { ...summary, slots: 1000 })).toMatchObject({
      description: '1,000 · 1 GB retained',
      expandable: 'collapsed',
    });
  });

  it('warn of those that are in danger', () => {
    const node = slotsNode('s', { ...summary, lostSlots: 1, unsafeSlots: 2 });
    expect(node.description).toContain('3 lost or unsafe');
    expect(node.icon.name).toBe('warning');
  });
});

describe('bytes in a list', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 kB'],
    [1290, '1.2 kB'],
    [36_900, '36 kB'],
    [347 * 1024, '340 kB'],
    [1023 * 1024, '1020 kB'],
    [1.29 * 1024 ** 3, '1.2 GB'],
  ])('have two digits that count: %d', (bytes, text) => {
    expect(coarseBytes(bytes)).toBe(text);
  });
});

describe('a publication', () => {
  const database = databaseNode('s', { name: 'shop', encoding: 'UTF8', mayConnect: true }, true);
  const parent = publicationsNode(database, 's', 'shop');
  const place = { server: 's', database: 'shop' };
  const node = publicationNode(parent, place, publication);

  it('opens with its database when that is the own one', () => {
    expect(database.expandable).toBe('expanded');
    expect(parent.expandable).toBe('expanded');
  });

  it('says what it lets through', () => {
    expect(node.description).toBe('I U D');
    const all = publicationNode(parent, place, {
      ...publication,
      allTables: true,
      viaRoot: true,
      truncate: true,
    });
    expect(all.description).toBe('all tables · via root · I U D T');
  });

  it('shows key, column list and filter of a table', () => {
    const line = tableNode(node, place, publication, {
      ...table,
      columnList: ['id', 'total'],
      rowFilter: '(total > 100)',
    });
    expect(line.description).toBe('key: id · 2 columns · where (total > 100)');
  });

  it('warns of a table whose updates fail, and only then', () => {
    const bare = { ...table, keyColumns: [], hasUsableIdentity: false };
    const bad = tableNode(node, place, publication, bare);
    expect(bad.icon.name).toBe('warning');
    const inserts = { ...publication, update: false, delete: false };
    const fine = tableNode(node, place, inserts, bare);
    expect(fine.icon.name).toBe('table');
    expect(fine.description).toBe('no key');
  });

  it('lists a bounded number of tables and says how many more there are', () => {
    const lines = [tableNode(node, place, publication, table)];
    const list = (matching: number, filter: string) =>
      listLines({ parent: node, lines, matching, scope: { limit: 1, filter }, word: 'table' });
    expect(list(1, '')).toEqual(lines);
    const more = list(3 + PAGE, '').at(-1)!;
    expect(more.label).toBe('500 more…');
    expect(more.description).toBe('502 not shown');
    expect(more.subject).toEqual({ kind: 'list', server: 's', parent: node.id });
    const [filter] = list(1, 'ord');
    expect(filter).toMatchObject({ label: 'Filter: ord', description: '1 table' });
    const none = { parent: node, lines: [], matching: 0, word: 'table' };
    expect(listLines({ ...none, scope: { limit: 1, filter: '' } })[0]!.label).toBe('No tables');
    const shop = { server: 's', database: 'shop' };
    const publications = { ...node, subject: { kind: 'publications', ...shop } } as const;
    const [first] = listLines({ ...none, parent: publications, scope: { limit: 1, filter: '' } });
    expect(first).toMatchObject({
      label: 'No publications: create one…',
      subject: publications.subject,
      action: { command: COMMANDS.createPublication },
    });
    expect(listLines({ ...none, scope: { limit: 1, filter: 'x' } })[0]!.description).toBe(
      'no table has it',
    );
  });
});

describe('a subscription', () => {
  const subscription: SubscriptionInfo = {
    name: 'from_shop',
    database: 'archive',
    owner: 'ada',
    state: 'running',
    publications: ['p', 'q'],
    slot: 'from_shop',
    publisher: 'ada@db:5432/shop',
    publisherHidden: 'no',
    workerPid: 7,
    receivedLsn: '0/1',
    lastMessageAt: undefined,
    applyErrors: 0,
    columns: { oid: '1', subenabled: 't' },
  };

  it('says whether it receives, and from where', () => {
    const node = subscriptionNode('s', subscription);
    expect(node.description).toBe('receiving · archive · p, q · from ada@db:5432/shop');
    expect(node.tooltip.facts).toContainEqual(['subenabled', 't']);
  });

  it('warns of one that should receive and does not, and says what may not be read', () => {
    const node = subscriptionNode('s', {
      ...subscription,
      state: 'down',
      publisher: undefined,
      publisherHidden: 'privilege',
    });
    expect(node.icon.name).toBe('warning');
    expect(node.tooltip.notes.join(' ')).toMatch(/no worker.*superusers/);
  });
});

describe('a line that is drawn', () => {
  it('stays as it is while only what cannot be seen changes', () => {
    const lines = new DrawnLines();
    const now = slotNode('s', { ...slot, pendingBytes: 9 }, 0);
    expect(lines.looksSame(slotNode('s', slot, 0), now)).toBe(true);
    expect(
      lines.looksSame(slotNode('s', slot, 0), slotNode('s', { ...slot, active: false }, 0)),
    ).toBe(false);
  });

  it('is drawn again when its tooltip has been wrong for a minute', () => {
    vi.useFakeTimers();
    try {
      const lines = new DrawnLines();
      const before = slotNode('s', slot, 0);
      const now = slotNode('s', { ...slot, pendingBytes: 9 }, 0);
      lines.tooltipMade(before);
      vi.advanceTimersByTime(59_000);
      expect(lines.looksSame(before, now)).toBe(true);
      vi.advanceTimersByTime(2_000);
      expect(lines.looksSame(before, before)).toBe(true);
      expect(lines.looksSame(before, now)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('ids', () => {
  it('cannot be confused by names', () => {
    expect(nodeId('a/b', 'c')).not.toBe(nodeId('a', 'b/c'));
    expect(nodeId('a', 'b')).not.toBe(nodeId('a%2Fb'));
  });
});
