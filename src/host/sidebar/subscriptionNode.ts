import { formatPlural } from '../../base/quantity';
import type { SubscriptionInfo } from '../../postgres/catalog/subscriptions';
import { nodeContext } from './nodeContext';
import { serverId } from './serverNode';
import type { SidebarNode } from './sidebarNode';
import { nodeId, WARNING_COLOR } from './sidebarNode';

/** What a server receives; there is such a line only where there is a subscription. */
export function subscriptionsNode(server: string, count: number): SidebarNode {
  return {
    id: `${serverId(server)}/${nodeId('subscriptions')}`,
    subject: { kind: 'subscriptions', server },
    context: nodeContext('subscriptions'),
    label: 'Subscriptions',
    description: String(count),
    icon: { name: 'cloud-download' },
    accessible: `Subscriptions, ${formatPlural(count, 'subscription')}`,
    tooltip: {
      title: 'Subscriptions',
      notes: ['A subscription makes this server receive what a publisher sends.'],
      facts: [],
    },
    expandable: 'collapsed',
  };
}

const STATE_WORDS = {
  running: 'receiving',
  down: 'enabled, but not receiving',
  disabled: 'disabled',
} as const;

/** A subscription: whether it receives, and what from where. */
export function subscriptionNode(server: string, subscription: SubscriptionInfo): SidebarNode {
  const { name, database, state, publications } = subscription;
  const isDown = state === 'down';
  const source = subscription.publisher === undefined ? [] : [`from ${subscription.publisher}`];
  const parts = [STATE_WORDS[state], database, publications.join(', '), ...source];
  return {
    id: `${serverId(server)}/${nodeId('subscriptions', database, name)}`,
    subject: { kind: 'subscription', server, database, subscription: name },
    context: nodeContext('subscription'),
    label: name,
    description: parts.join(' · '),
    icon: isDown
      ? { name: 'warning', color: WARNING_COLOR }
      : { name: state === 'running' ? 'plug' : 'debug-disconnect' },
    accessible: [name, 'subscription', ...(isDown ? ['warning'] : []), ...parts].join(', '),
    tooltip: { title: name, notes: notesOf(subscription), facts: factsOf(subscription) },
    expandable: false,
  };
}

function notesOf(subscription: SubscriptionInfo): readonly string[] {
  return [
    ...(subscription.state === 'down'
      ? ['It is enabled and no worker receives: the log of the server says why.']
      : []),
    ...(subscription.publisherHidden === 'privilege'
      ? ['Where it receives from may be read by superusers and members of pg_read_all_data.']
      : []),
    ...(subscription.publisherHidden === 'unreadable'
      ? ['Its connection cannot be shown without what may be secret in it.']
      : []),
  ];
}

function factsOf(subscription: SubscriptionInfo): SidebarNode['tooltip']['facts'] {
  const { workerPid, receivedLsn, lastMessageAt, applyErrors, publisher } = subscription;
  return [
    ['database', subscription.database],
    ['owner', subscription.owner],
    ['publications', subscription.publications.join(', ')],
    ...(publisher === undefined ? [] : [['publisher', publisher] as const]),
    ['slot at the publisher', subscription.slot ?? 'none'],
    ...(workerPid === undefined ? [] : [['worker', `PID ${workerPid}`] as const]),
    ...(receivedLsn === undefined ? [] : [['received up to', receivedLsn] as const]),
    ...(lastMessageAt === undefined ? [] : [['heard from it last', lastMessageAt] as const]),
    ...(applyErrors === undefined ? [] : [['errors while applying', String(applyErrors)] as const]),
    ...Object.entries(subscription.columns)
      .filter(([column]) => !TOLD_ABOVE.has(column))
      .map(([column, value]) => [column, value ?? 'NULL'] as const),
  ];
}

const TOLD_ABOVE: ReadonlySet<string> = new Set([
  'oid',
  'subdbid',
  'subname',
  'subowner',
  'subslotname',
  'subpublications',
]);
