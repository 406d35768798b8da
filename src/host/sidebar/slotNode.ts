import { formatLsn } from '../../base/lsn';
import { formatBytes, formatSpan } from '../../base/quantity';
import { serverTimeMs } from '../../postgres/catalog/serverTime';
import type { SlotHealth } from '../../postgres/catalog/slotHealth';
import type { SlotInfo } from '../../postgres/catalog/slots';
import { coarseBytes } from './coarseBytes';
import { nodeContext } from './nodeContext';
import { slotId } from './nodePlaces';
import type { SidebarNode } from './sidebarNode';
import { ERROR_COLOR, WARNING_COLOR } from './sidebarNode';
import { slotFacts } from './slotFacts';

/** The word for a state that is not as it should be; absent where all is well. */
const HEALTH_WORDS: Readonly<Partial<Record<SlotHealth, string>>> = {
  lost: 'lost',
  unsafe: 'unsafe',
  creating: 'being created',
  unreserved: 'never used',
};

/** A slot: what it is, who uses it, what it keeps. Bad states have an icon, a colour and a word. */
export function slotNode(server: string, slot: SlotInfo, now: number): SidebarNode {
  const health = HEALTH_WORDS[slot.health];
  const parts = [
    ...(health === undefined ? [] : [health]),
    ...(slot.isOurs ? ['ours'] : []),
    // A narrow sidebar cuts the end, so what the slot costs comes first.
    ...(slot.retainedBytes === undefined ? [] : [coarseBytes(slot.retainedBytes)]),
    slot.plugin ?? slot.type,
    ...(slot.database === undefined ? [] : [slot.database]),
    usage(slot, now),
  ];
  return {
    id: slotId(server, slot.name),
    subject: {
      kind: 'slot',
      server,
      slot: slot.name,
      restartLsn: slot.restartLsn === undefined ? '' : formatLsn(slot.restartLsn),
      confirmedFlushLsn:
        slot.confirmedFlushLsn === undefined ? '' : formatLsn(slot.confirmedFlushLsn),
    },
    context: nodeContext(
      'slot',
      slot.type,
      slot.active ? 'active' : 'inactive',
      slot.temporary && 'temporary',
      slot.isOurs && 'own',
      slot.synced && 'synced',
      slot.health === 'lost' && 'invalid',
    ),
    label: slot.name,
    description: parts.join(' · '),
    icon: iconOf(slot),
    accessible: [slot.name, 'slot', ...parts, slot.healthExplanation].filter(Boolean).join(', '),
    tooltip: {
      title: slot.name,
      notes: [slot.healthExplanation, ...notesOf(slot)].filter(Boolean),
      facts: slotFacts(slot, now),
    },
    expandable: false,
  };
}

function usage(slot: SlotInfo, now: number): string {
  const { consumer } = slot;
  if (consumer !== undefined) {
    const who = consumer.applicationName || consumer.user || `PID ${consumer.pid}`;
    return `in use by ${who}${consumer.client === '' ? '' : `@${consumer.client}`}`;
  }
  if (slot.active) return 'in use';
  const since = serverTimeMs(slot.inactiveSince);
  // Seconds would be another text with every reading, and so another drawing.
  if (since === undefined || now - since < 60_000) return 'idle';
  return `idle ${formatSpan((now - since) / 1000)}`;
}

function iconOf(slot: SlotInfo): SidebarNode['icon'] {
  if (slot.health === 'lost') return { name: 'error', color: ERROR_COLOR };
  if (slot.health === 'unsafe') return { name: 'warning', color: WARNING_COLOR };
  if (slot.isOurs) return { name: 'pulse' };
  return { name: slot.active ? 'plug' : 'debug-disconnect' };
}

function notesOf(slot: SlotInfo): readonly string[] {
  const { consumer } = slot;
  return [
    ...(consumer === undefined
      ? []
      : [`Used by PID ${consumer.pid} (${consumer.applicationName}), user ${consumer.user}.`]),
    ...(slot.retainedBytes === undefined
      ? []
      : [`The server keeps ${formatBytes(slot.retainedBytes)} of WAL for it.`]),
    ...(slot.pendingBytes === undefined
      ? []
      : [`Its consumer is ${formatBytes(slot.pendingBytes)} of WAL behind.`]),
    ...(slot.synced
      ? ['Copied here from the primary: it can be neither decoded nor dropped.']
      : []),
  ];
}
