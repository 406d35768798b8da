import type { SlotConsumer, SlotInfo } from '../catalog/slots';
import { readSlot } from '../catalog/slots';
import { ServerError } from '../serverError';
import type { SqlSession } from '../sqlSession';
import type { SlotIdentity } from './serverChange';
import { WriteRefused } from './writeRefused';

/** The slot as it is now. Throws WriteRefused when there is none of that name. */
export async function requireSlot(session: SqlSession, name: string): Promise<SlotInfo> {
  const slot = await readSlot(session, name);
  if (slot === undefined) throw slotMissing(name);
  return slot;
}

/** Throws where somebody else is using the slot, or only the primary may change it. */
export function assertFree(slot: SlotInfo): void {
  const quoted = JSON.stringify(slot.name);
  if (slot.synced) {
    throw new WriteRefused(
      'slot-synced',
      `The slot ${quoted} is synchronised from the primary. Change it there.`,
    );
  }
  if (slot.temporary) {
    throw new WriteRefused(
      'slot-temporary',
      `The slot ${quoted} is temporary: it belongs to ${consumerText(slot.consumer)} and is gone when that session ends.`,
    );
  }
  if (slot.active) throw slotInUse(slot.name, slot.consumer);
}

/** Throws where this is not what the person saw. */
export function assertUnchanged(slot: SlotInfo, expected: SlotIdentity): void {
  const change = changeSince(slot, expected);
  if (change !== undefined) throw new WriteRefused('slot-moved', change);
}

/** In which way this is not what the person saw, as a sentence with what to do; undefined when it is. */
export function changeSince(slot: SlotInfo, expected: SlotIdentity): string | undefined {
  const quoted = JSON.stringify(slot.name);
  if (
    slot.type !== expected.type ||
    slot.plugin !== expected.plugin ||
    slot.database !== expected.database
  ) {
    return `The slot ${quoted} is another one than before: it was dropped and made anew. Look at it again before you decide.`;
  }
  // An invalidated slot has lost its restart_lsn and nothing more can move it.
  const restartMoved = slot.health !== 'lost' && slot.restartLsn !== expected.restartLsn;
  if (!restartMoved && slot.confirmedFlushLsn === expected.confirmedFlushLsn) return undefined;
  return `The slot ${quoted} has moved since you looked at it: somebody reads it, or made it anew. Look at it again before you decide.`;
}

/** What the server says when it happened after our look, in the same words as when we saw it. */
export function refusedByServer(error: unknown, name: string): unknown {
  if (!(error instanceof ServerError)) return error;
  const quoted = JSON.stringify(name);
  switch (error.sqlState) {
    case '55006':
      return new WriteRefused(
        'slot-in-use',
        `The slot ${quoted} is in use: ${error.message}. Stop its consumer first.`,
      );
    case '42704':
      return slotMissing(name);
    case '42710':
      return nameTaken('slot', name);
    default:
      return error;
  }
}

export function nameTaken(what: 'slot' | 'publication', name: string): WriteRefused {
  return new WriteRefused(
    'name-taken',
    `There is a ${what} ${JSON.stringify(name)} already. Choose another name.`,
  );
}

function slotInUse(name: string, consumer: SlotConsumer | undefined): WriteRefused {
  return new WriteRefused(
    'slot-in-use',
    `The slot ${JSON.stringify(name)} is in use by ${consumerText(consumer)}. Stop that consumer first.`,
  );
}

/** Who reads a slot, in a few words such as `debezium (PID 4711, user cdc, 10.0.0.7)`. */
export function consumerText(consumer: SlotConsumer | undefined): string {
  if (consumer === undefined) return 'another session';
  const { applicationName, pid, user, client } = consumer;
  const facts = [`PID ${String(pid)}`, user === '' ? '' : `user ${user}`, client].filter(
    fact => fact !== '',
  );
  return applicationName === '' ? facts.join(', ') : `${applicationName} (${facts.join(', ')})`;
}

export function slotMissing(name: string): WriteRefused {
  return new WriteRefused(
    'slot-missing',
    `There is no slot ${JSON.stringify(name)} any more. Refresh the list of slots.`,
  );
}
