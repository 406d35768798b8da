import { readServerFacts } from '../postgres/catalog/serverFacts';
import { openSqlSession } from '../postgres/sqlSession';
import { planConsume } from './planConsume';
import type { PlanContext } from './planContext';
import { planPeek } from './planPeek';
import { planTail } from './planTail';
import type { SessionRequest } from './sessionRequest';
import type { StreamPlan } from './streamPlan';

/** Asks the server what is possible and decides how to look; throws where it is not. Changes nothing. */
export async function planStream(
  request: SessionRequest,
  context: PlanContext,
): Promise<StreamPlan> {
  const { signal, name } = context;
  const side = await openSqlSession(request.target, { applicationName: name, signal });
  try {
    const server = await readServerFacts(side);
    // All connections of the plan go to the server that this one has reached.
    const { target } = side;
    switch (request.kind) {
      case 'tail':
        return await planTail({ ...request, target }, side, server, context);
      case 'consume':
        return await planConsume({ ...request, target }, side, server, context);
      case 'peek':
        return await planPeek({ ...request, target }, side, server, context);
    }
  } finally {
    await side.close();
  }
}
