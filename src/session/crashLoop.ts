import type { Lsn } from '../base/lsn';
import type { StreamEnd } from './sessionRequest';

/** Crashes of the server in a row, without a transaction between, that are one too many. */
const MOST_CRASHES = 3;

/**
 * Tells a server that crashes again and again while it decodes for us from one that crashed once: what
 * it decodes comes again after each restart, so that coming back would bring it down again.
 */
export class CrashLoop {
  #crashes = 0;
  #lastCommitEnd: Lsn | undefined;

  /** Takes the end of a stream and the last transaction received; true where it must not come back. */
  note(end: StreamEnd, lastCommitEnd: Lsn): boolean {
    if (lastCommitEnd !== this.#lastCommitEnd) this.#crashes = 0;
    this.#lastCommitEnd = lastCommitEnd;
    if (end.crashed === true) this.#crashes++;
    return this.#crashes >= MOST_CRASHES;
  }
}
