import { readServerFacts } from '../postgres/catalog/serverFacts';
import type { SqlSession } from '../postgres/sqlSession';
import { openSqlSession } from '../postgres/sqlSession';
import { planConsume } from './planConsume';
import type { PlanContext } from './planContext';
import { planPeek } from './planPeek';
import { planTail } from './planTail';
import type { SessionRequest } from './sessionRequest';
import type { StreamPlan } from './streamPlan';

/** Longest time for all questions together, in milliseconds; the server ends each of them after half a minute. */
const PLAN_MS = 35_000;

/** Asks the server what is possible and decides how to look; throws where it is not. Changes nothing. */
export async function planStream(
  request: SessionRequest,
  context: PlanContext,
): Promise<StreamPlan> {
  const { signal, name } = context;
  const side = await openSqlSession(request.target, { applicationName: name, signal });
  try {
    return await side.answersInTime(() => planWith(side, request, context), signal, PLAN_MS);
  } finally {
    await side.close();
  }
}

async function planWith(
  side: SqlSession,
  request: SessionRequest,
  context: PlanContext,
): Promise<StreamPlan> {
  const server = await readServerFacts(side);
  // All connections of the plan go to the server that this one has reached.
  const { target } = side;
  switch (request.kind) {
    case 'tail':
      return planTail({ ...request, target }, side, server, context);
    case 'consume':
      return planConsume({ ...request, target }, side, server, context);
    case 'peek':
      return planPeek({ ...request, target }, side, server, context);
  }
}
