import { isLastWord, type ServerError } from '../postgres/serverError';
import { publicationEnd, skippedPublications, skippedRemark } from './publicationEnd';
import type { SessionRequest, StreamEnd } from './sessionRequest';
import type { SessionStatus } from './sessionStatus';
import type { StreamPlan } from './streamPlan';

/** Shows what the server warns of while it decodes. */
export class StreamNotices {
  readonly #kind: SessionRequest['kind'];
  readonly #plan: StreamPlan;
  readonly #status: SessionStatus;
  readonly #finish: (end: StreamEnd) => void;
  readonly #skipped = new Set<string>();

  /** `finish` ends the stream, where nothing can come any more. */
  constructor(
    kind: SessionRequest['kind'],
    plan: StreamPlan,
    status: SessionStatus,
    finish: (end: StreamEnd) => void,
  ) {
    this.#kind = kind;
    this.#plan = plan;
    this.#status = status;
    this.#finish = finish;
  }

  /** One that the server sent. */
  take(notice: ServerError): void {
    // The server's last words: the end of the connection says them.
    if (isLastWord(notice)) return;
    const { source } = this.#plan.facts;
    const skipped = skippedPublications(notice, source.publications);
    if (skipped.length === 0) {
      this.#status.note(`Server: ${notice.message}`);
      return;
    }
    for (const name of skipped) this.#skipped.add(name);
    // Up to 17 the first publication that is gone ends a stream; here the last one does.
    if (this.#kind === 'tail' && this.#skipped.size === source.publications.length) {
      this.#finish(publicationEnd(this.#kind, source, notice));
      return;
    }
    for (const name of skipped) this.#status.note(skippedRemark(this.#kind, name));
  }
}
