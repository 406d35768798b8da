import { formatLsn, type Lsn } from '../base/lsn';
import { formatBytes } from '../base/quantity';
import type { SlotInfo } from '../postgres/catalog/slots';
import { readSlots } from '../postgres/catalog/slots';
import type { Command } from './command';
import { CONNECTION_OPTIONS } from './connectionOptions';
import { JSON_OPTION, printList } from './listCommand';

export const slotsCommand: Command = {
  name: 'slots',
  summary: 'List the replication slots of a server.',
  usage: ['[OPTION]...'],
  positionals: [],
  description: [
    'Lists all slots, with what they retain. --json prints an array with an object a slot: every column that the version has, as text or null, and beside them retained_bytes, pending_bytes, application_name, health and health_explanation.',
  ],
  options: [...CONNECTION_OPTIONS, JSON_OPTION],
  run: (args, terminal) =>
    printList(args, terminal, {
      read: readSlots,
      head: [
        'slot',
        'plugin',
        'database',
        'consumer',
        'restart',
        'confirmed',
        'retained',
        'status',
      ],
      row: slot => [
        slot.name,
        slot.plugin ?? 'physical',
        slot.database ?? '',
        consumerText(slot),
        lsnText(slot.restartLsn),
        lsnText(slot.confirmedFlushLsn),
        slot.retainedBytes === undefined ? '' : formatBytes(slot.retainedBytes),
        slot.health === 'normal' ? (slot.walStatus ?? '') : slot.health,
      ],
      json: slot => ({
        ...slot.columns,
        retained_bytes: slot.retainedBytes ?? null,
        pending_bytes: slot.pendingBytes ?? null,
        application_name: slot.consumer?.applicationName ?? null,
        health: slot.health,
        health_explanation: slot.healthExplanation,
      }),
    }),
};

function consumerText({ consumer }: SlotInfo): string {
  if (consumer === undefined) return '';
  const name = consumer.applicationName === '' ? consumer.user : consumer.applicationName;
  return `${name} (PID ${String(consumer.pid)})`;
}

function lsnText(lsn: Lsn | undefined): string {
  return lsn === undefined ? '' : formatLsn(lsn);
}
