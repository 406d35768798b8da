import { readSlot } from '../postgres/catalog/slots';
import { INVALID_LSN, lsnDistance } from '../base/lsn';
import type { ServerFacts } from '../postgres/catalog/serverFacts';
import { assertSenderRoom } from '../postgres/slotRoom';
import type { SqlSession } from '../postgres/sqlSession';
import { isTextPlugin } from '../shared/textPlugin';
import { inMemory, requireHarmless } from './decodingCrash';
import { choosePeekOptions } from './peekOptions';
import type { PlanContext } from './planContext';
import type { ConsumeRequest } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import { requireReadable } from './slotCheck';
import type { StreamPlan } from './streamPlan';
import { matchesSynchronousStandby } from '../postgres/syncStandby';

/** Reads a slot for good: what is stored is confirmed, and the slot moves on. */
export async function planConsume(
  request: ConsumeRequest,
  side: SqlSession,
  server: ServerFacts,
  { gate, status, name }: PlanContext,
): Promise<StreamPlan> {
  const permit = gate.permitConsume(request.slot);
  const slot = requireReadable(request.slot, await readSlot(side, request.slot), server);
  const quoted = JSON.stringify(slot.name);
  const { database } = request.target;
  if (slot.database !== database) {
    throw failed(
      'slot-elsewhere',
      `The slot ${quoted} belongs to the database ${JSON.stringify(slot.database)}`,
      `Connect to that database instead of ${JSON.stringify(database)}.`,
    );
  }
  if (slot.plugin !== 'pgoutput' && !isTextPlugin(slot.plugin)) {
    throw failed(
      'plugin-unknown',
      `The slot ${quoted} is decoded by ${slot.plugin}, which cannot be consumed here`,
      'Slots of pgoutput, test_decoding and wal2json can.',
    );
  }
  if (slot.synced) {
    throw failed(
      'slot-synced',
      `The slot ${quoted} is synchronised from the primary, and only its consumer there moves it`,
      'Peek here, or consume it on the primary.',
    );
  }
  if (slot.consumer !== undefined) {
    throw SessionEnded.failed(
      {
        code: 'slot-in-use',
        message: `The slot ${quoted} is in use by PID ${String(slot.consumer.pid)}`,
        action: 'Stop that consumer first, or peek, which does not disturb it.',
        detail: '',
      },
      // After a cut it may be our own process, which has not noticed yet that we are gone.
      { passing: true },
    );
  }
  if (slot.twoPhase && request.wholeTransactions === true) {
    throw failed(
      'slot-two-phase',
      `The slot ${quoted} decodes at PREPARE TRANSACTION: a prepared transaction would be confirmed before it is written`,
      'Use --transactions raw.',
    );
  }
  if (matchesSynchronousStandby(server.synchronousStandbyNames, name)) {
    throw failed(
      'synchronous-standby',
      'synchronous_standby_names names every client: commits would wait for this one as soon as it confirms',
      'Name the standbys in that setting one by one, or peek.',
    );
  }
  // A standby that reconnects needs a sender, and ours is not counted yet.
  if (request.force !== true) {
    assertSenderRoom({ maxSenders: server.maxSenders, freeSenders: server.freeSenders - 1 });
  }
  if (inMemory(slot.plugin, server, request).inMemory === 'bounded') {
    requireHarmless(Number(lsnDistance(slot.restartLsn, server.currentLsn)));
  }
  const options = await choosePeekOptions(side, slot, request);
  if (options.remark !== '') status.note(options.remark);
  // The slot keeps its WAL for its consumer, not because of us.
  status.update({ slot: slot.name });
  return {
    target: request.target,
    facts: {
      source: {
        title: slot.name,
        server: request.profile.name,
        database,
        serverVersion: server.version,
        kind: 'consume',
        slot: slot.name,
        publications: options.publications,
        plugin: slot.plugin,
      },
      serverVersionNum: server.versionNum,
      systemIdentifier: server.systemIdentifier,
      pluginOptions: options.startOptions,
    },
    slot: slot.name,
    startLsn: INVALID_LSN,
    confirm: 'stored',
    permit,
    synchronousStandbyNames: server.synchronousStandbyNames,
    ...(request.untilLsn === undefined ? {} : { untilLsn: request.untilLsn }),
    ...(request.idleSeconds === undefined ? {} : { idleSeconds: request.idleSeconds }),
    retainedBudget: Infinity,
    ...inMemory(slot.plugin, server, request),
    completeMessage: 'Everything up to the given position has come',
  };
}

function failed(code: string, message: string, action: string): SessionEnded {
  return SessionEnded.failed({ code, message, action, detail: '' });
}
