import { describe, expect, it } from 'vitest';
import type { ConnectionProfile } from '../../../src/host/connections/profile';
import { toLsn } from '../../../src/base/lsn';
import {
  publicationNode,
  TABLE_LIMIT,
  tableNodes,
} from '../../../src/host/sidebar/publicationNode';
import {
  databaseNode,
  publicationsNode,
  serverNode,
  slotsNode,
} from '../../../src/host/sidebar/serverNode';
import { nodeId } from '../../../src/host/sidebar/sidebarNode';
import { slotNode } from '../../../src/host/sidebar/slotNode';
import type { PublicationInfo } from '../../../src/postgres/catalog/publications';
import type { PublishedTable } from '../../../src/postgres/catalog/publishedTables';
import type { ServerFacts } from '../../../src/postgres/catalog/serverFacts';
import type { SlotInfo } from '../../../src/postgres/catalog/slots';

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

describe('a slot', () => {
  it('says who uses it and what it keeps', () => {
    const node = slotNode('shop', slot, 0);
    expect(node.description).toBe('36 kB · pgoutput · shop · in use by debezium@10.0.0.7');
    expect(node.tooltip.facts).toContainEqual(['safe_wal_size', 'NULL']);
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
    expect(slotsNode('s', [{ ...slot, health }]).description).toContain('1 lost or unsafe');
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
  it('keep what the oldest keeps, not the sum', () => {
    const node = slotsNode('s', [slot, { ...slot, retainedBytes: 1024 ** 3 }]);
    expect(node.description).toBe('2 · 1 GB retained');
    expect(slotsNode('s', []).expandable).toBe(false);
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
    const [line] = tableNodes(node, place, publication, [
      { ...table, columnList: ['id', 'total'], rowFilter: '(total > 100)' },
    ]);
    expect(line?.description).toBe('key: id · 2 columns · where (total > 100)');
  });

  it('warns of a table whose updates fail, and only then', () => {
    const bare = { ...table, keyColumns: [], hasUsableIdentity: false };
    const [bad] = tableNodes(node, place, publication, [bare]);
    expect(bad?.icon.name).toBe('warning');
    const inserts = { ...publication, update: false, delete: false };
    const [fine] = tableNodes(node, place, inserts, [bare]);
    expect(fine?.icon.name).toBe('table');
    expect(fine?.description).toBe('no key');
  });

  it('lists a bounded number of tables and says how many more there are', () => {
    const many = Array.from({ length: TABLE_LIMIT + 5 }, (_, oid) => ({
      ...table,
      oid,
      name: `t${oid}`,
    }));
    const nodes = tableNodes(node, place, publication, many);
    expect(nodes).toHaveLength(TABLE_LIMIT + 1);
    expect(nodes.at(-1)?.label).toBe('and 5 more tables');
  });
});

describe('ids', () => {
  it('cannot be confused by names', () => {
    expect(nodeId('a/b', 'c')).not.toBe(nodeId('a', 'b/c'));
    expect(nodeId('a', 'b')).not.toBe(nodeId('a%2Fb'));
  });
});
