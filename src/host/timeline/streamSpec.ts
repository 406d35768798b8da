import type { PeekBudget, SessionSpec } from '../../shared/session';
import type { StreamRequest } from './streamRequest';

/** What a session needs besides: where, under which rules, and into which file. */
type Circumstances = 'target' | 'profile' | 'capturePath' | 'retainedBudget';

type PartOf<Spec> = Spec extends SessionSpec ? Omit<Spec, Circumstances> : never;

/** The part of a session that the request decides. */
export function specOf(request: StreamRequest, budget: PeekBudget): PartOf<SessionSpec> {
  const { publications } = request;
  const options = { publications, messages: true };
  switch (request.kind) {
    case 'tail':
      return {
        kind: 'tail',
        options,
        ...(request.plugin === undefined ? {} : { plugin: request.plugin }),
      };
    case 'consume':
      return {
        kind: 'consume',
        slot: request.slot,
        ...(publications.length === 0 ? {} : { options }),
      };
    case 'peek':
      return {
        kind: 'peek',
        slot: request.slot,
        budget,
        method: request.method,
        ...(publications.length === 0 ? {} : { options }),
        ...(request.startAfter === undefined ? {} : { startAfter: request.startAfter }),
      };
  }
}

/** The same request from its beginning. */
export function withoutProgress(request: StreamRequest): StreamRequest {
  if (request.kind !== 'peek') return request;
  const { kind, server, database, slot, plugin, publications, method } = request;
  return { kind, server, database, slot, plugin, publications, method };
}
