import { INVALID_LSN, parseLsn, type Lsn } from '../base/lsn';
import type { ProfileFacts } from '../shared/connection';
import { isOwnName } from './ownName';
import { quoteIdentifier, quoteLiteral } from './quote';
import type { ReplicationSession } from './replicationSession';
import type { SqlSession } from './sqlSession';
import { readSlotRoom, type SlotRoom } from './slotRoom';

export type RefusalCode =
  'read-only' | 'too-few-slots' | 'too-few-senders' | 'level-switch' | 'not-ours';

/** A change that the gate did not let through. The message is for a person. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';

  constructor(
    readonly code: RefusalCode,
    message: string,
    /** True when the same change passes with `override`, after the person was asked. */
    readonly overridable = false,
  ) {
    super(message);
  }
}

/** A change that stays when our session is gone. */
export type PersistentChange =
  | {
      readonly kind: 'create-slot';
      readonly slot: string;
      readonly plugin: string;
      readonly override?: boolean;
    }
  | { readonly kind: 'drop-slot'; readonly slot: string }
  | { readonly kind: 'advance-slot'; readonly slot: string; readonly to: Lsn }
  /** Reading a slot and confirming what was read. */
  | { readonly kind: 'consume-slot'; readonly slot: string };

export interface TemporarySlot {
  readonly slot: string;
  /** Changes committed after this position are seen. */
  readonly consistentPoint: Lsn;
}

export interface TemporarySlotRequest {
  readonly name: string;
  readonly plugin: string;
  /** Longest wait for one running transaction, in milliseconds; 0 waits for ever. */
  readonly lockTimeoutMs: number;
  /** The person was asked and wants it although few slots or senders stay free, or wal_level switches. */
  readonly override?: boolean;
}

export interface CopyRequest {
  readonly source: string;
  readonly name: string;
  readonly override?: boolean;
}

/** A standby that reconnects needs a slot and a sender, and so may a backup. */
const MUST_STAY_FREE = 2;

/**
 * The one place through which every statement passes that changes a server. Looking needs changes
 * too, temporary slots of our own that are gone with our connection: those pass on read-only
 * profiles. Everything that stays is refused there. `default_transaction_read_only` on the server is
 * no help: slots are made, moved and dropped in spite of it.
 */
export class WriteGate {
  readonly #profile: ProfileFacts;

  constructor(profile: ProfileFacts) {
    this.#profile = profile;
  }

  /**
   * Makes a temporary slot of ours. SNAPSHOT 'nothing', because an exported snapshot would hold back
   * vacuum in every database while the server waits for running transactions. Rejects with
   * WriteRefused, or ServerError 55P03 when the lock timeout is over.
   */
  async createTemporarySlot(
    session: ReplicationSession,
    request: TemporarySlotRequest,
  ): Promise<TemporarySlot> {
    assertOwn(request.name);
    this.#assertRoom(await readSlotRoom(session), request.override === true);
    await session.query(
      `SET lock_timeout = ${String(Math.max(0, Math.round(request.lockTimeoutMs)))}`,
    );
    await session.watchForOurDeath();
    // 14 knows only the old spelling.
    const nothing = session.majorVersion >= 15 ? "(SNAPSHOT 'nothing')" : 'NOEXPORT_SNAPSHOT';
    const [row] = await session.query(
      `CREATE_REPLICATION_SLOT ${quoteIdentifier(request.name)} TEMPORARY LOGICAL ${quoteIdentifier(request.plugin)} ${nothing}`,
    );
    await session.query('SET lock_timeout = 0');
    return {
      slot: request.name,
      consistentPoint: parseLsn(row?.consistent_point ?? '') ?? INVALID_LSN,
    };
  }

  /**
   * Copies a logical slot into a temporary one of ours, with the source's own plugin; the source is
   * left as it is, also when a consumer is active on it. The session must be in the slot's database.
   */
  async copySlotTemporarily(
    session: ReplicationSession,
    request: CopyRequest,
  ): Promise<TemporarySlot> {
    assertOwn(request.name);
    this.#assertRoom(await readSlotRoom(session), request.override === true);
    const [row] = await session.query(
      `SELECT lsn FROM pg_catalog.pg_copy_logical_replication_slot(${quoteLiteral(request.source)}, ${quoteLiteral(request.name)}, true)`,
    );
    return { slot: request.name, consistentPoint: parseLsn(row?.lsn ?? '') ?? INVALID_LSN };
  }

  /** Drops a slot of ours in the session that made it, before that session ends. */
  async dropTemporarySlot(session: ReplicationSession, name: string): Promise<void> {
    assertOwn(name);
    await session.query(`DROP_REPLICATION_SLOT ${quoteIdentifier(name)}`);
  }

  /**
   * Ends the server process that holds a slot of ours whose client is gone; the slot goes with it.
   * Does nothing when the slot is no longer held by that process. Resolves to whether it was ended.
   */
  async endOrphan(session: SqlSession, slot: string, pid: number): Promise<boolean> {
    assertOwn(slot);
    const rows = await session.query(
      `SELECT pg_catalog.pg_terminate_backend(active_pid) AS ended
         FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND active_pid = $2 AND temporary`,
      [slot, String(pid)],
    );
    return rows[0]?.ended === 't';
  }

  /** Throws WriteRefused where the profile allows nothing that stays. */
  assertMayChange(change: PersistentChange): void {
    if (!this.#profile.readOnly) return;
    throw new WriteRefused(
      'read-only',
      `"${this.#profile.name}" is read-only: ${VERB_OF_CHANGE[change.kind]} the slot "${change.slot}" is not allowed.`,
    );
  }

  /** Makes a change that stays; `consume-slot` is a permission only, the stream does the rest. */
  async change(session: SqlSession, change: PersistentChange): Promise<void> {
    this.assertMayChange(change);
    const slot = quoteLiteral(change.slot);
    switch (change.kind) {
      case 'create-slot':
        this.#assertRoom(await readSlotRoom(session), change.override === true);
        await session.query(
          `SELECT pg_catalog.pg_create_logical_replication_slot(${slot}, ${quoteLiteral(change.plugin)})`,
        );
        return;
      case 'drop-slot':
        await session.query(`SELECT pg_catalog.pg_drop_replication_slot(${slot})`);
        return;
      case 'advance-slot':
        await session.query(
          `SELECT pg_catalog.pg_replication_slot_advance(${slot}, '0/0'::pg_catalog.pg_lsn + ${String(change.to)})`,
        );
        return;
      case 'consume-slot':
        return;
    }
  }

  #assertRoom(room: SlotRoom, override: boolean): void {
    assertSlotRoom(room, this.#profile, override);
  }
}

const VERB_OF_CHANGE: Readonly<Record<PersistentChange['kind'], string>> = {
  'create-slot': 'creating',
  'drop-slot': 'dropping',
  'advance-slot': 'advancing',
  'consume-slot': 'consuming',
};

/** Throws WriteRefused when one more slot of ours would leave the server too little room. */
export function assertSlotRoom(room: SlotRoom, profile: ProfileFacts, override: boolean): void {
  if (room.switchesLevel) {
    const message =
      'A first logical slot switches this server to wal_level logical and back, which can invalidate slots on its standbys.';
    if (profile.readOnly) throw new WriteRefused('level-switch', message);
    if (!override) throw new WriteRefused('level-switch', message, true);
  }
  if (override) return;
  if (room.freeSlots - 1 < MUST_STAY_FREE) {
    throw new WriteRefused(
      'too-few-slots',
      `Only ${String(room.freeSlots)} of ${String(room.maxSlots)} replication slots are free; two must stay free for standbys.`,
      true,
    );
  }
  if (room.freeSenders < MUST_STAY_FREE) {
    throw new WriteRefused(
      'too-few-senders',
      `Only ${String(room.freeSenders)} of ${String(room.maxSenders)} WAL senders stay free beside ours; two must, for standbys.`,
      true,
    );
  }
}

function assertOwn(name: string): void {
  if (!isOwnName(name))
    throw new WriteRefused('not-ours', `The slot "${name}" is not one of ours.`);
}
