import { parseLsn } from '../../base/lsn';
import { HostFailure } from '../hostFailure';
import type { Timeline } from '../timeline/timeline';
import { advanceSlotTo } from './advanceSlot';
import type { ChangeParts } from './changeParts';

/**
 * Advances the slot that the active timeline peeks at to the end of a transaction in it: what a menu
 * of the timeline hands over names one of its messages. Throws Cancelled.
 */
export async function advanceToTransaction(parts: ChangeParts, arg: unknown): Promise<string> {
  const seq = seqOf(arg);
  const timeline = parts.timelines.list().find(each => each.panel.active);
  const request = timeline?.request;
  if (timeline === undefined || seq === undefined || request?.kind !== 'peek') {
    throw new HostFailure({
      code: 'no-peek',
      message: 'There is no peek in front whose slot could be advanced.',
      action: 'Peek at the slot, and choose a transaction there.',
      detail: '',
    });
  }
  const end = parseLsn(await endOf(timeline, seq));
  if (end === undefined) {
    throw new HostFailure({
      code: 'no-end',
      message: 'This line has no committed transaction, so there is no position after it.',
      action: 'Choose a transaction that is complete.',
      detail: String(seq),
    });
  }
  return advanceSlotTo(parts, { server: request.server, slot: request.slot }, end);
}

/** `X/X` after the commit; empty where there is none. */
async function endOf(timeline: Timeline, seq: number): Promise<string> {
  const transaction = await timeline.transactionOf(seq);
  return transaction?.fate === 'committed' ? transaction.endLsn : '';
}

function seqOf(arg: unknown): number | undefined {
  if (typeof arg !== 'object' || arg === null || !('seq' in arg)) return undefined;
  const { seq } = arg;
  return typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0 ? seq : undefined;
}
