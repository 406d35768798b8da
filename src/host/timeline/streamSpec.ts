import type { PeekBudget, SessionSpec } from '../../shared/session';
import type { StreamRequest } from './streamRequest';

/** The part of a session that the request decides. */
export function specOf(
  request: StreamRequest,
  budget: PeekBudget,
): Pick<Extract<SessionSpec, { kind: 'tail' }>, 'kind' | 'options'> | PeekPart {
  if (request.kind === 'tail') {
    return { kind: 'tail', options: { publications: request.publications, messages: true } };
  }
  return {
    kind: 'peek',
    slot: request.slot,
    budget,
    method: request.method,
    ...(request.publications.length === 0
      ? {}
      : { options: { publications: request.publications, messages: true } }),
    ...(request.startAfter === undefined ? {} : { startAfter: request.startAfter }),
  };
}

type PeekPart = Omit<
  Extract<SessionSpec, { kind: 'peek' }>,
  'target' | 'profile' | 'capturePath' | 'retainedBudget'
>;

/** The same request from its beginning. */
export function withoutProgress(request: StreamRequest): StreamRequest {
  if (request.kind === 'tail') return request;
  const { kind, server, database, slot, plugin, publications, method } = request;
  return { kind, server, database, slot, plugin, publications, method };
}
