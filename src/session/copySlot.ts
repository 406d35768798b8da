import type { Lsn } from '../base/lsn';
import type { SlotInfo } from '../postgres/catalog/slots';
import { readSlot } from '../postgres/catalog/slots';
import type { ReplicationSession } from '../postgres/replicationSession';
import { ServerError } from '../postgres/serverError';
import type { SqlSession } from '../postgres/sqlSession';
import type { WriteGate } from '../postgres/writeGate';
import { WriteRefused } from '../postgres/changes/writeRefused';
import type { PeekRequest } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import type { ReadableSlot } from './slotCheck';

/** What the SQL peek costs, for a person who has to choose. */
const SQL_PEEK =
  'The SQL peek needs neither a slot nor a sender, but the server decodes everything before the first row comes, and the slot is taken while it does.';

/** `The slot is in a state in which it cannot be copied`: what the SQL functions refuse as well. */
const NOT_IN_STATE = '55000';

export interface CopyOptions {
  readonly gate: WriteGate;
  readonly replication: ReplicationSession;
  readonly side: SqlSession;
  readonly source: ReadableSlot;
  readonly name: string;
  readonly request: PeekRequest;
}

/**
 * Makes the temporary copy, on the connection that will read it, and looks whether it is what it should
 * be. Resolves with the position that was confirmed: nothing before it is sent.
 */
export async function copySlot(options: CopyOptions): Promise<Lsn | undefined> {
  const { gate, replication, side, source, name, request } = options;
  try {
    const override = request.force ?? false;
    await gate.copySlotTemporarily(replication, { source: source.name, name, override });
  } catch (error) {
    throw offerSqlPeek(source.name, error);
  }
  const copy = await readSlot(side, name);
  if (copy?.database === source.database && copy.plugin === source.plugin) {
    return copy.confirmedFlushLsn;
  }
  throw SessionEnded.failed({
    code: 'slot-replaced',
    message: `The copy of ${JSON.stringify(source.name)} decodes ${describe(copy)}, not ${describe(source)}`,
    action: 'The slot was replaced at this moment; try again.',
    detail: '',
  });
}

function describe(slot: SlotInfo | undefined): string {
  return slot === undefined ? 'nothing' : `${slot.database ?? ''} with ${slot.plugin ?? ''}`;
}

/** Where only the copy is impossible, the same changes can be had without one. */
function offerSqlPeek(slot: string, error: unknown): unknown {
  if (error instanceof WriteRefused && error.overridable) {
    return SessionEnded.failed({
      code: 'copy-refused',
      message: `The slot ${JSON.stringify(slot)} cannot be copied: ${error.message}`,
      action: SQL_PEEK,
      detail: error.code,
    });
  }
  if (!(error instanceof ServerError)) return error;
  const readable = error.sqlState !== NOT_IN_STATE && error.sqlState !== '57014';
  return SessionEnded.failed({
    code: readable ? 'copy-refused' : 'slot-not-copyable',
    message: `The slot ${JSON.stringify(slot)} cannot be copied: ${error.message}`,
    action: readable ? SQL_PEEK : error.hint,
    detail: `${error.sqlState} ${error.detail}`.trim(),
  });
}
