import type { ServerFacts } from '../postgres/catalog/serverFacts';
import type { SlotInfo } from '../postgres/catalog/slots';
import type { Lsn } from '../base/lsn';
import { SessionEnded } from './sessionRequest';

/** A slot whose changes can be read. */
export type ReadableSlot = SlotInfo & {
  readonly database: string;
  readonly plugin: string;
  readonly restartLsn: Lsn;
  readonly confirmedFlushLsn: Lsn;
};

/** Throws, with the reason, where the changes of a slot cannot be read by anybody. */
export function requireReadable(
  name: string,
  slot: SlotInfo | undefined,
  server: ServerFacts,
): ReadableSlot {
  const quoted = JSON.stringify(name);
  if (server.role === 'standby' && server.versionNum < 160_000) {
    throw failed(
      'standby-cannot-decode',
      `This server is a standby with PostgreSQL ${server.version}: standbys decode from 16 on`,
      'Connect to the primary.',
    );
  }
  if (slot === undefined) {
    throw failed('slot-missing', `There is no slot ${quoted} on this server`, 'List its slots.');
  }
  const { database, plugin, restartLsn, confirmedFlushLsn } = slot;
  if (slot.type !== 'logical' || database === undefined || plugin === undefined) {
    throw failed(
      'slot-physical',
      `The slot ${quoted} is physical: it holds back WAL, not decoded changes`,
      'Choose a logical slot.',
    );
  }
  if (slot.health === 'lost') {
    throw failed(
      'slot-lost',
      `The slot ${quoted} can no longer be read: ${lowerFirst(slot.healthExplanation)}`,
      'Its changes are gone; it can only be dropped and made anew.',
    );
  }
  if (restartLsn === undefined || confirmedFlushLsn === undefined) {
    throw failed(
      'slot-unfinished',
      `The slot ${quoted} is not finished: it waits for running transactions to end`,
      'Try again when it has a confirmed_flush_lsn.',
    );
  }
  return { ...slot, database, plugin, restartLsn, confirmedFlushLsn };
}

function lowerFirst(text: string): string {
  // An abbreviation such as WAL stays as it is.
  const begin = /^[A-Z]{2}/.test(text) ? text.charAt(0) : text.charAt(0).toLowerCase();
  return begin + text.slice(1).replace(/\.$/, '');
}

function failed(code: string, message: string, action: string): SessionEnded {
  return SessionEnded.failed({ code, message, action, detail: '' });
}
