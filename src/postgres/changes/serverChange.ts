import { formatLsn, type Lsn } from '../../base/lsn';
import type { SlotInfo } from '../catalog/slots';
import { publicationStatement, type CreatePublication } from './publicationChange';
import { quoteLiteral } from '../quote';

/**
 * What a person saw of a slot before deciding on it. A change is refused when the slot is another one
 * by now, or stands elsewhere: what was shown would no longer be true.
 */
export type SlotIdentity = Pick<
  SlotInfo,
  'type' | 'plugin' | 'database' | 'restartLsn' | 'confirmedFlushLsn'
>;

interface CreateSlotBase {
  readonly kind: 'create-slot';
  readonly slot: string;
  /** It ends with the session that made it: only `WriteGate.createHeldSlot` makes one. */
  readonly temporary?: boolean;
  /** The person was asked and wants it although few slots stay free, or wal_level switches. */
  readonly override?: boolean;
}

/** A logical slot decodes the database that the session is connected to. */
export interface CreateLogicalSlot extends CreateSlotBase {
  readonly type: 'logical';
  readonly plugin: string;
  /** Decode at PREPARE TRANSACTION. */
  readonly twoPhase?: boolean;
  /** Synchronised to standbys; 17 and later. */
  readonly failover?: boolean;
}

export interface CreatePhysicalSlot extends CreateSlotBase {
  readonly type: 'physical';
  /** Keep WAL from now on, not only from the first connection. */
  readonly reserveWal?: boolean;
}

export type CreateSlot = CreateLogicalSlot | CreatePhysicalSlot;

/** A copy begins where its source stands; it never has the source's two_phase and failover. */
export interface CopySlot {
  readonly kind: 'copy-slot';
  /** Of the source, and so of the copy. */
  readonly type: 'logical' | 'physical';
  readonly source: string;
  readonly slot: string;
  /** Absent: the source's own. Of no meaning for a physical slot. */
  readonly plugin?: string;
  readonly override?: boolean;
}

/** Confirms without reading: what lies before `to` never reaches the slot's consumer. */
export interface AdvanceSlot {
  readonly kind: 'advance-slot';
  readonly slot: string;
  readonly to: Lsn;
  readonly expected: SlotIdentity;
}

export interface DropSlot {
  readonly kind: 'drop-slot';
  readonly slot: string;
  readonly expected: SlotIdentity;
  /** The person was asked and wants it although wal_level switches (19 and later). */
  readonly override?: boolean;
}

/** Reading a slot and confirming what was read: a permission, the stream does the rest. */
export interface ConsumeSlot {
  readonly kind: 'consume-slot';
  readonly slot: string;
}

/** A change of a server that stays when our session is gone. */
export type ServerChange =
  CreateSlot | CopySlot | AdvanceSlot | DropSlot | ConsumeSlot | CreatePublication;

export type ChangeKind = ServerChange['kind'];

/** What a preview has shown of a slot, to be compared at the moment of the change. */
export function identityOf(slot: SlotInfo): SlotIdentity {
  const { type, plugin, database, restartLsn, confirmedFlushLsn } = slot;
  return { type, plugin, database, restartLsn, confirmedFlushLsn };
}

/**
 * The statements exactly as they will run, each complete and without a semicolon, for showing and
 * copying. Empty for a permission.
 */
export function statementsOf(change: ServerChange): readonly string[] {
  switch (change.kind) {
    case 'create-slot':
      return [change.type === 'logical' ? createLogical(change) : createPhysical(change)];
    case 'copy-slot':
      return [copyStatement(change)];
    case 'advance-slot':
      return [
        call('end_lsn', 'pg_replication_slot_advance', [
          quoteLiteral(change.slot),
          quoteLiteral(formatLsn(change.to)),
        ]),
      ];
    case 'drop-slot':
      return [dropStatement(change.slot)];
    case 'consume-slot':
      return [];
    case 'create-publication':
      return [publicationStatement(change)];
  }
}

export function dropStatement(slot: string): string {
  return `SELECT pg_catalog.pg_drop_replication_slot(${quoteLiteral(slot)})`;
}

function createLogical({ slot, plugin, temporary, twoPhase, failover }: CreateLogicalSlot): string {
  return call('slot_name, lsn', 'pg_create_logical_replication_slot', [
    quoteLiteral(slot),
    quoteLiteral(plugin),
    ...given('temporary', temporary),
    ...given('twophase', twoPhase),
    ...given('failover', failover),
  ]);
}

function createPhysical({ slot, temporary, reserveWal }: CreatePhysicalSlot): string {
  return call('slot_name, lsn', 'pg_create_physical_replication_slot', [
    quoteLiteral(slot),
    ...given('immediately_reserve', reserveWal),
    ...given('temporary', temporary),
  ]);
}

function copyStatement({ type, source, slot, plugin }: CopySlot): string {
  const names = [quoteLiteral(source), quoteLiteral(slot)];
  return type === 'physical'
    ? call('slot_name, lsn', 'pg_copy_physical_replication_slot', names)
    : call('slot_name, lsn', 'pg_copy_logical_replication_slot', [
        ...names,
        // There is no form with a plugin and without this.
        ...(plugin === undefined ? [] : ['false', quoteLiteral(plugin)]),
      ]);
}

/** Parameters that keep their default are left out: a version may not have them yet. */
function given(name: string, value: boolean | undefined): readonly string[] {
  return value === true ? [`${name} => true`] : [];
}

function call(columns: string, name: string, parameters: readonly string[]): string {
  return `SELECT ${columns} FROM pg_catalog.${name}(${parameters.join(', ')})`;
}
