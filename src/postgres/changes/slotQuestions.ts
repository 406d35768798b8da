import { formatLsn, type Lsn } from '../../base/lsn';
import { formatBytes, formatSpan } from '../../base/quantity';
import { serverTimeMs } from '../catalog/serverTime';
import type { SlotInfo } from '../catalog/slots';
import { positionOf, skippedBytes, type SlotPreview } from './slotPreview';

/**
 * What is asked before a slot is changed, in a window and on a terminal alike; the SQL is added by who
 * asks.
 */
export interface SlotQuestion {
  readonly message: string;
  readonly lines: readonly string[];
  readonly action: string;
}

/** `X/X`, or a word where the slot has no position. */
export function lsnText(lsn: Lsn | undefined): string {
  return lsn === undefined ? 'no position' : formatLsn(lsn);
}

/** Who reads the slot now, or since when nobody does. One sentence. */
function readerSentence(slot: SlotInfo, now: number): string {
  const { consumer } = slot;
  if (consumer !== undefined) {
    const client = consumer.client === '' ? '' : ` from ${consumer.client}`;
    const what = consumer.applicationName === '' ? '' : ` (${consumer.applicationName})`;
    return `In use by PID ${String(consumer.pid)}${what}, user ${consumer.user}${client}.`;
  }
  if (slot.active) return 'It is in use.';
  const since = serverTimeMs(slot.inactiveSince);
  // A consumer that just left, or a server whose clock is ahead.
  return since === undefined || now - since < 1000
    ? 'Nobody reads it at the moment.'
    : `Nobody has read it for ${formatSpan((now - since) / 1000)}.`;
}

/** Name, plugin and database in a few words: `pgoutput · shop`. */
export function slotKind(slot: SlotInfo): string {
  return [slot.plugin ?? slot.type, ...(slot.database === undefined ? [] : [slot.database])].join(
    ' · ',
  );
}

export function dropQuestion(preview: SlotPreview, where: string, now: number): SlotQuestion {
  const { slot } = preview;
  return {
    message: `Drop the slot "${slot.name}" on ${where}?`,
    lines: [
      kindSentence(slot),
      readerSentence(slot, now),
      slot.retainedBytes === undefined
        ? 'It keeps no WAL.'
        : `The server keeps ${formatBytes(slot.retainedBytes)} of WAL for it and may remove that then.`,
      slot.type === 'logical'
        ? 'Its consumer cannot go on without it: a new slot begins at the moment it is made, and what lies between is missing there.'
        : 'A standby that uses it may have to be built anew.',
      ...(slot.failover
        ? ['It is a failover slot: the standbys that keep a copy of it drop that too.']
        : []),
      ...(preview.isWaitedFor
        ? [
            'It stands in synchronized_standby_slots: the consumers of all failover slots will get nothing more until that setting is changed.',
          ]
        : []),
      ...(preview.endsLogicalDecoding
        ? [
            'It is the last logical slot: logical decoding ends for the whole server, and logical slots of its standbys become invalid.',
          ]
        : []),
    ],
    action: 'Drop Slot',
  };
}

export function advanceQuestion(
  preview: SlotPreview,
  to: Lsn,
  where: string,
  now: number,
): SlotQuestion {
  const { slot } = preview;
  const skipped = skippedBytes(slot, to) ?? 0;
  return {
    message: `Advance the slot "${slot.name}" on ${where} by ${formatBytes(skipped)} of WAL?`,
    lines: [
      `From ${lsnText(positionOf(slot))} to ${formatLsn(to)}.`,
      kindSentence(slot),
      readerSentence(slot, now),
      slot.type === 'logical'
        ? 'Changes that were committed in between are gone for its consumer. It cannot go back.'
        : 'WAL in between is no longer kept for its standby. It cannot go back.',
      ...(slot.failover
        ? ['It is a failover slot: advancing waits for the standbys it is synchronised to.']
        : []),
    ],
    action: 'Advance Slot',
  };
}

export function consumeQuestion(
  slot: SlotInfo,
  publications: readonly string[],
  where: string,
  now: number,
): SlotQuestion {
  const names = publications.map(name => JSON.stringify(name)).join(', ');
  return {
    message: `Consume the slot "${slot.name}" on ${where}?`,
    lines: [
      kindSentence(slot),
      readerSentence(slot, now),
      // Other plugins know none.
      ...(names === ''
        ? []
        : [
            `It is read with the ${publications.length === 1 ? 'publication' : 'publications'} ${names}. Changes that are not in there are confirmed too, without being shown.`,
          ]),
      `What is confirmed will not reach the usual consumer of "${slot.name}", and cannot be read again.`,
      'Peek shows the same and leaves the slot as it is.',
    ],
    action: 'Consume Slot',
  };
}

function kindSentence(slot: SlotInfo): string {
  if (slot.type === 'physical') return 'A physical slot.';
  return `A logical slot of the database "${slot.database ?? ''}", decoded by ${slot.plugin ?? ''}.`;
}
