/**
 * `lost`: cannot be used any more, ever. `unsafe`: WAL that it needs may be removed at the next
 * checkpoint. `extended`: keeps more than max_wal_size, and is still protected. `creating`: waits for
 * running transactions and gives nothing yet. `unreserved`: a physical slot that was never used.
 */
export type SlotHealth = 'normal' | 'extended' | 'creating' | 'unreserved' | 'unsafe' | 'lost';

export interface HealthFacts {
  readonly isLogical: boolean;
  readonly walStatus: string | undefined;
  readonly hasRestartLsn: boolean;
  readonly hasConfirmedLsn: boolean;
  /** 17 and later. */
  readonly invalidationReason: string | undefined;
  /** 16 and later. */
  readonly conflicting: boolean;
}

export interface Health {
  readonly health: SlotHealth;
  /** One sentence for a tooltip; empty when all is well. */
  readonly explanation: string;
}

/** pg_replication_slots.invalidation_reason in words (doc: system-views, "pg_replication_slots"). */
const REASONS: Readonly<Record<string, string>> = {
  wal_removed: 'WAL that it needs has been removed.',
  rows_removed: 'Catalog rows that it needs have been removed.',
  wal_level_insufficient: 'The wal_level of the primary became too low for logical decoding.',
  idle_timeout: 'It was idle for longer than idle_replication_slot_timeout.',
};

/** Classifies a slot; the states are those of src/backend/replication/slotfuncs.c. */
export function classifySlot(facts: HealthFacts): Health {
  const reason = facts.invalidationReason;
  if (reason !== undefined) {
    return { health: 'lost', explanation: REASONS[reason] ?? `It was invalidated: ${reason}.` };
  }
  if (facts.walStatus === 'lost') {
    return { health: 'lost', explanation: 'WAL that it needs has been removed.' };
  }
  if (facts.conflicting) {
    return { health: 'lost', explanation: 'It conflicts with recovery on this standby.' };
  }
  if (facts.walStatus === 'unreserved') {
    return {
      health: 'unsafe',
      explanation:
        'It has passed max_slot_wal_keep_size: its WAL may be removed at any checkpoint.',
    };
  }
  if (!facts.hasRestartLsn && !facts.isLogical) {
    return { health: 'unreserved', explanation: 'It has never been used and keeps no WAL.' };
  }
  if (facts.isLogical && !facts.hasConfirmedLsn) {
    return {
      health: 'creating',
      explanation: 'It is being created and waits for running transactions to end.',
    };
  }
  if (facts.walStatus === 'extended') {
    return { health: 'extended', explanation: 'It keeps more WAL than max_wal_size.' };
  }
  return { health: 'normal', explanation: '' };
}
