import type { SinkEnd } from '../shared/frameSink';
import type { StreamEnd } from './sessionRequest';

/** The end that a sink makes by itself as the end of its stream. */
export function streamEndOf(end: SinkEnd): StreamEnd {
  if (end.kind === 'enough') {
    return { reason: 'complete', message: 'All that was asked for has come' };
  }
  const { failure, kind } = end;
  return { reason: kind, message: failure.message, failure };
}
