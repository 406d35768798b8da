import type { Lsn } from '../base/lsn';
import { formatLsn, INVALID_LSN } from '../base/lsn';
import type { WatchSample } from '../postgres/shutdownWatch';
import type { LagNote } from '../shared/captureNote';

/** What stays as it is, is noted again after so many samples, so that little is lost where a process is killed. */
const MOST_SAMPLES = 60;

/**
 * Notes how far the server is ahead of what was received. The stream does not tell: the end of WAL in an
 * XLogData is the position of its own change, and that of a keepalive is how far the walsender has read
 * (WalSndPrepareWrite and WalSndKeepalive, src/backend/replication/walsender.c). So the server is asked, on
 * the session beside.
 */
export class LagNotes {
  readonly #take: (note: LagNote) => void;
  #behind: bigint | undefined;
  /** Samples that are not noted yet. */
  #run: LagNote | undefined;

  constructor(take: (note: LagNote) => void) {
    this.#take = take;
  }

  /** `received`: the highest position that came by the time of the answer; 0/0 while none did. */
  sample({ at, currentLsn }: WatchSample, received: Lsn): void {
    if (received === INVALID_LSN || currentLsn === INVALID_LSN) return;
    // The answer took its time: the stream may have passed what it says.
    const behind = currentLsn > received ? currentLsn - received : 0n;
    const isNews = behind !== this.#behind;
    if (isNews) this.#tell();
    this.#behind = behind;
    this.#run = {
      kind: 'lag',
      since: this.#run?.since ?? at,
      at,
      samples: (this.#run?.samples ?? 0) + 1,
      current: formatLsn(currentLsn),
      received: formatLsn(received),
    };
    if (isNews || this.#run.samples >= MOST_SAMPLES) this.#tell();
  }

  /** No more samples follow: what was not noted yet is. */
  end(): void {
    this.#tell();
    this.#behind = undefined;
  }

  #tell(): void {
    if (this.#run !== undefined) this.#take(this.#run);
    this.#run = undefined;
  }
}
