import { INVALID_LSN, parseLsn, type Lsn } from '../base/lsn';
import type { ProfileFacts } from '../shared/connection';
import type { Disposable } from '../base/disposable';
import { readServerFacts, type ServerFacts } from './catalog/serverFacts';
import { advanceSlot } from './changes/advanceSlot';
import type { ChangeOptions, ChangeResult } from './changes/changeResult';
import { refusalOf, type ChangeIntent } from './changes/changeRules';
import { copySlot } from './changes/copySlot';
import { createPublication } from './changes/createPublication';
import { createSlot } from './changes/createSlot';
import { dropSlot } from './changes/dropSlot';
import type { CreateSlot, ServerChange } from './changes/serverChange';
import { requireSlot } from './changes/slotState';
import { WritePermit } from './changes/writePermit';
import { WriteRefused } from './changes/writeRefused';
import { isOwnName } from './ownName';
import { quoteIdentifier, quoteLiteral } from './quote';
import type { ReplicationSession } from './replicationSession';
import type { SessionEnd } from './serverError';
import type { SqlSession } from './sqlSession';
import { assertSlotRoom, readSlotRoom, type SlotRoom } from './slotRoom';

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

/** A temporary slot that lasts until it is released, or its connection ends otherwise. */
export interface HeldSlot {
  readonly result: ChangeResult;
  onEnd(listener: (end: SessionEnd) => void): Disposable;
  /** Ends the connection and with it the slot; never rejects. */
  release(): Promise<void>;
}

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
   * Makes a temporary physical slot of ours, which keeps the WAL from its `consistentPoint` on: where a
   * physical stream may begin.
   */
  async createTemporaryPhysicalSlot(
    session: ReplicationSession,
    request: Pick<TemporarySlotRequest, 'name' | 'override'>,
  ): Promise<TemporarySlot> {
    assertOwn(request.name);
    this.#assertRoom(await readSlotRoom(session), request.override === true);
    // 14 knows only the old spelling.
    const reserve = session.majorVersion >= 15 ? '(RESERVE_WAL)' : 'RESERVE_WAL';
    await session.query(
      `CREATE_REPLICATION_SLOT ${quoteIdentifier(request.name)} TEMPORARY PHYSICAL ${reserve}`,
    );
    const [row] = await session.query(
      `SELECT restart_lsn FROM pg_catalog.pg_replication_slots WHERE slot_name = ${quoteLiteral(request.name)}`,
    );
    return { slot: request.name, consistentPoint: parseLsn(row?.restart_lsn ?? '') ?? INVALID_LSN };
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

  /** Why a change is impossible whatever else is answered; for asking before a dialog. */
  refusalOf(intent: ChangeIntent, server?: ServerFacts): WriteRefused | undefined {
    return refusalOf(intent, this.#profile, server);
  }

  /**
   * Makes a change that stays. `session` is for looking, in the database that a new slot or publication
   * shall belong to; what may take long runs on a connection of its own beside it, in the database
   * that it has to be in. Rejects with WriteRefused, ChangeCancelled, ServerError or ConnectionError.
   */
  async change(
    session: SqlSession,
    change: ServerChange,
    options: ChangeOptions = {},
  ): Promise<ChangeResult> {
    const permit = await this.#permit(session, change);
    switch (change.kind) {
      case 'create-slot': {
        if (change.temporary === true) throw new TypeError('a temporary slot must be held');
        const { result, work } = await createSlot(permit, session, change, options);
        await work.close();
        return result;
      }
      case 'copy-slot':
        return copySlot(permit, session, change, options);
      case 'advance-slot':
        return advanceSlot(permit, session, change, options);
      case 'drop-slot':
        return dropSlot(permit, session, change);
      case 'create-publication':
        return createPublication(permit, session, change, options);
      case 'consume-slot':
        return {
          statements: [],
          slot: await requireSlot(session, change.slot),
          reached: undefined,
          notices: [],
        };
    }
  }

  /** Makes a temporary slot with a name of the person's choice, which is there until it is released. */
  async createHeldSlot(
    session: SqlSession,
    change: CreateSlot,
    options: ChangeOptions = {},
  ): Promise<HeldSlot> {
    const permit = await this.#permit(session, change);
    const { result, work } = await createSlot(
      permit,
      session,
      { ...change, temporary: true },
      options,
    );
    return {
      result,
      onEnd: listener => work.onEnd(listener),
      release: () => work.close(),
    };
  }

  /**
   * Permission to confirm what is read from a slot of somebody's: without it a stream confirms nothing.
   * Throws WriteRefused.
   */
  permitConsume(slot: string): WritePermit {
    return WritePermit.of({ kind: 'consume-slot', name: slot }, this.#profile);
  }

  /** Refuses before anything is sent where the profile says so, then asks what the server is. */
  async #permit(session: SqlSession, change: ServerChange): Promise<WritePermit> {
    const intent = intentOf(change);
    const permit = WritePermit.of(intent, this.#profile);
    const refusal = refusalOf(intent, this.#profile, await readServerFacts(session));
    if (refusal !== undefined) throw refusal;
    return permit;
  }

  #assertRoom(room: SlotRoom, override: boolean): void {
    assertSlotRoom(room, this.#profile, { override, isLogical: true });
  }
}

function intentOf(change: ServerChange): ChangeIntent {
  switch (change.kind) {
    case 'create-slot':
    case 'copy-slot':
      return { kind: change.kind, type: change.type, name: change.slot };
    case 'advance-slot':
    case 'drop-slot':
      return { kind: change.kind, type: change.expected.type, name: change.slot };
    case 'consume-slot':
      return { kind: change.kind, name: change.slot };
    case 'create-publication':
      return { kind: change.kind, name: change.name };
  }
}

function assertOwn(name: string): void {
  if (!isOwnName(name))
    throw new WriteRefused('not-ours', `The slot "${name}" is not one of ours.`);
}
