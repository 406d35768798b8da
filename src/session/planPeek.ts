import { readSlot } from '../postgres/catalog/slots';
import { formatLsn, INVALID_LSN, lsnDistance, parseLsn } from '../base/lsn';
import { formatBytes } from '../base/quantity';
import { openSqlSession } from '../postgres/sqlSession';
import type { ServerFacts } from '../postgres/catalog/serverFacts';
import type { SqlSession } from '../postgres/sqlSession';
import { copySlot } from './copySlot';
import { inMemory, requireHarmless } from './decodingCrash';
import { choosePeekOptions } from './peekOptions';
import { readEndPosition } from './endPosition';
import type { PlanContext } from './planContext';
import { retainedBudget } from './planContext';
import type { PeekRequest } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import { requireReadable } from './slotCheck';
import type { StreamPlan } from './streamPlan';

/** Looks at what a slot holds back, through a temporary copy. */
export async function planPeek(
  request: PeekRequest,
  first: SqlSession,
  server: ServerFacts,
  context: PlanContext,
): Promise<StreamPlan> {
  const slot = requireReadable(request.slot, await readSlot(first, request.slot), server);
  // A slot decodes its own database, wherever it was copied from: so it is read there and nowhere else.
  const target = { ...request.target, database: slot.database };
  const side = await inDatabase(first, slot.database, context);
  try {
    const { status, name, gate } = context;
    const options = await choosePeekOptions(side, slot, request);
    if (options.remark !== '') status.note(options.remark);
    const cost = lsnDistance(slot.restartLsn, server.currentLsn);
    const costBytes = Math.max(0, Number(cost));
    if (inMemory(slot.plugin, server, request).inMemory === 'bounded') requireHarmless(costBytes);
    const budget = retainedBudget(request.retainedBudget, server);
    status.update({ slot: name, costBytes, retainedBudget: budget });
    status.enter('connecting', `The server reads ${formatBytes(costBytes)} of WAL to decode it`);
    if (slot.twoPhase) {
      status.note(
        'The slot decodes at PREPARE TRANSACTION; its copy does not, so prepared transactions come at their commit',
      );
    }
    const startLsn = startPosition(request.startAfter);
    if (request.method === 'copy' && startLsn === INVALID_LSN) {
      status.update({ continueAfter: formatLsn(slot.confirmedFlushLsn) });
    }
    const untilLsn = request.untilLsn ?? (await readEndPosition(side, server));
    return {
      target,
      facts: {
        source: {
          title: slot.name,
          server: request.profile.name,
          database: slot.database,
          serverVersion: server.version,
          kind: 'peek',
          slot: slot.name,
          publications: options.publications,
          plugin: slot.plugin,
        },
        serverVersionNum: server.versionNum,
        systemIdentifier: server.systemIdentifier,
        pluginOptions: options.startOptions,
      },
      slot: name,
      makeSlot: (replication, watching) =>
        copySlot({ gate, replication, side: watching, source: slot, name, request }),
      startLsn,
      confirm: 'never',
      synchronousStandbyNames: server.synchronousStandbyNames,
      untilLsn,
      budget: request.budget,
      ...(request.repeatedChanges === undefined
        ? {}
        : { repeatedChanges: request.repeatedChanges }),
      ...(request.idleSeconds === undefined ? {} : { idleSeconds: request.idleSeconds }),
      retainedBudget: budget,
      copiedFrom: slot.name,
      ...inMemory(slot.plugin, server, request),
      completeMessage: `Everything that was pending at ${formatLsn(untilLsn)} has been shown`,
    };
  } finally {
    if (side !== first) await side.close();
  }
}

async function inDatabase(
  session: SqlSession,
  database: string,
  { name, signal }: PlanContext,
): Promise<SqlSession> {
  if (session.target.database === database) return session;
  const target = { ...session.target, database };
  return openSqlSession(target, { applicationName: name, signal });
}

function startPosition(startAfter: string | undefined): StreamPlan['startLsn'] {
  if (startAfter === undefined || startAfter === '') return INVALID_LSN;
  const lsn = parseLsn(startAfter);
  if (lsn !== undefined) return lsn;
  throw SessionEnded.failed({
    code: 'bad-position',
    message: `${JSON.stringify(startAfter)} is no position`,
    action: 'Give an LSN such as 0/16B6C50.',
    detail: '',
  });
}
