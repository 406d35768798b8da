import { INVALID_LSN } from '../base/lsn';
import type { ServerFacts } from '../postgres/catalog/serverFacts';
import type { SqlSession } from '../postgres/sqlSession';
import { requirePublications } from './publicationCheck';
import { inMemory } from './decodingCrash';
import type { PlanContext } from './planContext';
import { retainedBudget } from './planContext';
import type { TailRequest } from './sessionRequest';
import { pgoutputStartOptions, testDecodingStartOptions } from './startOptions';
import type { StreamPlan } from './streamPlan';
import { createTemporarySlot } from './temporarySlot';

/** Follows publications, or all tables of a database, from now on. */
export async function planTail(
  request: TailRequest,
  side: SqlSession,
  server: ServerFacts,
  context: PlanContext,
): Promise<StreamPlan> {
  const { gate, status, signal, name } = context;
  const plugin = request.plugin ?? 'pgoutput';
  const isWhole = plugin === 'test_decoding';
  const publications = isWhole ? [] : request.options.publications;
  await requirePublications(side, publications);
  const budget = retainedBudget(request.retainedBudget, server);
  status.update({ slot: name, retainedBudget: budget });
  return {
    target: request.target,
    facts: {
      source: {
        title: isWhole ? `${request.target.database}, all tables` : publications.join(', '),
        server: request.profile.name,
        database: request.target.database,
        serverVersion: server.version,
        kind: 'tail',
        slot: name,
        publications,
        plugin,
      },
      serverVersionNum: server.versionNum,
      systemIdentifier: server.systemIdentifier,
      pluginOptions: isWhole
        ? testDecodingStartOptions(server.versionNum)
        : pgoutputStartOptions(request.options, request),
    },
    slot: name,
    makeSlot: (replication, watching) =>
      createTemporarySlot({
        gate,
        replication,
        side: watching,
        status,
        signal,
        name,
        plugin,
        force: request.force ?? false,
      }),
    startLsn: INVALID_LSN,
    confirm: 'written',
    synchronousStandbyNames: server.synchronousStandbyNames,
    retainedBudget: budget,
    ...(request.untilLsn === undefined ? {} : { untilLsn: request.untilLsn }),
    ...(request.idleSeconds === undefined ? {} : { idleSeconds: request.idleSeconds }),
    ...(request.mostChanges === undefined
      ? {}
      : { budget: { events: request.mostChanges, bytes: Infinity, seconds: Infinity } }),
    ...inMemory(plugin, server, request),
    completeMessage: 'Everything up to the given position has come',
  };
}
