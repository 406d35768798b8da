import { formatBytes } from '../../base/quantity';
import { readSlots, type SlotInfo } from '../catalog/slots';
import { consumerText } from '../changes/slotState';
import type { SqlSession } from '../sqlSession';
import { dropLostSlot } from './adviceSql';
import type { CheckNeed } from './checkRequest';
import { nameList, ok, problem, warning, type Finding } from './finding';

/** The slot that is asked for, and what is said of it. */
export interface SlotLook {
  readonly slot: SlotInfo | undefined;
  readonly findings: readonly Finding[];
}

/** Whether the slot can be read, from where, and what that would mean. */
export async function slotFindings(
  session: SqlSession,
  name: string,
  wants: CheckNeed['wants'],
): Promise<SlotLook> {
  const slots = await readSlots(session);
  const slot = slots.find(each => each.name === name);
  if (slot === undefined) {
    const names = slots.map(each => each.name);
    return {
      slot,
      findings: [
        problem(
          'slot',
          `There is no slot ${JSON.stringify(name)} on this server.`,
          names.length === 0 ? 'The server has none.' : `It has ${nameList(names)}.`,
        ),
      ],
    };
  }
  return {
    slot,
    findings: [
      stateFinding(slot),
      ...databaseFindings(slot, session.target.database),
      ...consumerFindings(slot, wants),
      ...walFindings(slot),
      ...optionFindings(slot, wants),
    ],
  };
}

function stateFinding(slot: SlotInfo): Finding {
  const name = JSON.stringify(slot.name);
  if (slot.type === 'physical') {
    return problem(
      'slot',
      `The slot ${name} is physical: it holds back WAL for a standby or a backup, not decoded changes.`,
      'Choose a logical slot.',
    );
  }
  if (slot.health === 'lost') {
    return problem(
      'slot',
      `The slot ${name} can no longer be read: ${slot.healthExplanation}`,
      'Its changes are gone. Drop it and make it anew; its consumer has to copy its tables again.',
      slot.synced ? undefined : dropLostSlot(slot.name),
    );
  }
  if (slot.health === 'creating') {
    return problem(
      'slot',
      `The slot ${name} is not finished: it waits for running transactions to end.`,
      'Try again when they have ended.',
    );
  }
  if (slot.temporary) {
    return problem(
      'slot',
      `The slot ${name} is temporary: only the session that made it can read it, and it is gone with it.`,
      'Choose a slot that stays.',
    );
  }
  return ok('slot', `The slot ${name} can be read, through ${slot.plugin ?? 'its plugin'}.`);
}

function databaseFindings(slot: SlotInfo, database: string): readonly Finding[] {
  if (slot.database === undefined || slot.database === database) return [];
  return [
    ok(
      'slot-database',
      `The slot belongs to the database ${JSON.stringify(slot.database)}, not to ${JSON.stringify(database)}: streams connect there, and so does what follows here.`,
    ),
  ];
}

function consumerFindings(slot: SlotInfo, wants: CheckNeed['wants']): readonly Finding[] {
  if (slot.type === 'physical' || slot.health === 'lost' || slot.temporary) return [];
  if (!slot.active) {
    const since = slot.inactiveSince === undefined ? '' : ` since ${slot.inactiveSince}`;
    return [ok('slot-consumer', `Nobody reads it${since}.`)];
  }
  const who = consumerText(slot.consumer);
  return wants === 'consume'
    ? [
        problem(
          'slot-consumer',
          `It is being read by ${who}: a slot has one consumer at a time.`,
          'Stop that consumer first. A peek works beside it.',
        ),
      ]
    : [ok('slot-consumer', `It is being read by ${who}; a peek reads a copy beside it.`)];
}

function walFindings(slot: SlotInfo): readonly Finding[] {
  if (slot.health === 'lost' || slot.retainedBytes === undefined) return [];
  const retained = `It retains ${formatBytes(slot.retainedBytes)} of WAL`;
  const safe =
    slot.safeWalSize === undefined
      ? ''
      : ` and is safe for ${formatBytes(Math.max(0, slot.safeWalSize))} more`;
  const status = slot.walStatus === undefined ? '' : ` (wal_status ${slot.walStatus})`;
  const sentence = `${retained}${safe}${status}.`;
  switch (slot.health) {
    case 'unsafe':
      return [
        warning(
          'slot-wal',
          `${sentence} ${slot.healthExplanation}`,
          'Have its consumer catch up at once, or raise max_slot_wal_keep_size where the disk has room.',
        ),
      ];
    case 'extended':
      return [
        warning(
          'slot-wal',
          `${sentence} That is more than max_wal_size.`,
          'Look whether its consumer keeps up.',
        ),
      ];
    case 'normal':
    case 'creating':
    case 'unreserved':
      return [ok('slot-wal', sentence)];
  }
}

function optionFindings(slot: SlotInfo, wants: CheckNeed['wants']): readonly Finding[] {
  const findings: Finding[] = [];
  if (slot.twoPhase) {
    findings.push(
      ok(
        'slot-options',
        wants === 'consume'
          ? 'It decodes prepared transactions at PREPARE (two_phase).'
          : 'It decodes prepared transactions at PREPARE (two_phase); a copy of it, as a peek reads, shows them at their commit.',
      ),
    );
  }
  if (slot.failover && !slot.synced) {
    findings.push(
      ok(
        'slot-options',
        'It is synchronised to standbys (failover): its consumer gets changes when those in synchronized_standby_slots have them.',
      ),
    );
  }
  if (slot.synced) {
    findings.push(
      wants === 'consume'
        ? problem(
            'slot-options',
            'It is synchronised from the primary: it cannot be consumed here.',
            'Consume it on the primary; a peek works here.',
          )
        : ok(
            'slot-options',
            'It is synchronised from the primary; a peek reads a copy of it, and costs the primary no decoding.',
          ),
    );
  }
  return findings;
}
