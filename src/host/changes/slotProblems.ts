import { formatLsn, type Lsn } from '../../base/lsn';
import type { SlotInfo } from '../../postgres/catalog/slots';
import type { SlotPreview } from '../../postgres/changes/slotPreview';
import { positionOf } from '../../postgres/changes/slotPreview';
import type { Failure } from '../../shared/connection';

/** What rules out a change of a slot as it stands, before anything is asked. */
export function slotProblem(
  slot: SlotInfo,
  change: 'advance' | 'drop' | 'consume' | 'copy',
): Failure | undefined {
  const quoted = `"${slot.name}"`;
  if (slot.synced) {
    return problem(
      'slot-synced',
      `The slot ${quoted} is copied here from the primary, which alone can change it.`,
      'Change it on the primary.',
      slot,
    );
  }
  if (slot.health === 'lost' && change !== 'drop') {
    return problem(
      'slot-invalid',
      `The slot ${quoted} is lost: ${slot.healthExplanation}`,
      'It can only be dropped.',
      slot,
    );
  }
  if (change === 'consume' && slot.type === 'physical') {
    return problem(
      'physical-slot',
      `The slot ${quoted} is physical: it holds back WAL, not decoded changes.`,
      'Choose a logical slot.',
      slot,
    );
  }
  if (slot.active && change !== 'copy') {
    const who =
      slot.consumer === undefined
        ? ''
        : ` by PID ${slot.consumer.pid}${slot.consumer.applicationName === '' ? '' : ` (${slot.consumer.applicationName})`}`;
    return problem(
      'slot-in-use',
      `The slot ${quoted} is in use${who}, so it cannot be ${PARTICIPLE[change]}.`,
      'Stop that consumer first.',
      slot,
    );
  }
  return undefined;
}

const PARTICIPLE = { advance: 'advanced', drop: 'dropped', consume: 'consumed' } as const;

/** Why an LSN that is being typed cannot be advanced to; undefined when it can. */
export function advanceTargetProblem(text: string, preview: SlotPreview, to: Lsn | undefined) {
  if (to === undefined) {
    return text.trim() === ''
      ? 'Enter an LSN.'
      : 'An LSN looks like 0/16B6C50: two hexadecimal numbers.';
  }
  const from = positionOf(preview.slot);
  if (from !== undefined && to <= from) {
    return `The slot stands at ${formatLsn(from)} already; it cannot go back.`;
  }
  if (to > preview.currentLsn) {
    return `The server's WAL ends at ${formatLsn(preview.currentLsn)}.`;
  }
  return undefined;
}

function problem(code: string, message: string, action: string, slot: SlotInfo): Failure {
  return { code, message, action, detail: slot.name };
}
