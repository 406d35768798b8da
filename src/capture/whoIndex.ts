import type { SamplingNote, WhoNote } from '../shared/captureNote';
import type { Fate } from '../shared/timelineRow';
import type { Who } from '../shared/who';

/**
 * The same xid may come again after 2^32 others, which no server writes within so long: what was seen of an
 * xid within this distance of the transaction's commit is that very transaction.
 */
const NEAR_MS = 3_600_000;
/** Texts that are kept once each: applications, users and addresses repeat, and so do most statements. */
const MOST_TEXTS = 20_000;

export interface SoughtTransaction {
  readonly xid: number;
  readonly fate: Fate;
  /** ISO 8601; empty while not known, and where there was no commit. */
  readonly commitTime: string;
}

/** Who was seen writing, by transaction. Times are those of the server's clock, as commit times are. */
export class WhoIndex {
  readonly #byXid = new Map<number, WhoNote[]>();
  /** When it was looked, the oldest first; the last one may go on. */
  readonly #looked: { readonly from: string; to?: string }[] = [];
  readonly #texts = new Map<string, string>();

  add(note: WhoNote): void {
    const kept: WhoNote = {
      ...note,
      application: this.#once(note.application),
      user: this.#once(note.user),
      client: this.#once(note.client),
      query: this.#once(note.query),
    };
    const seen = this.#byXid.get(note.xid);
    if (seen === undefined) {
      this.#byXid.set(note.xid, [kept]);
      return;
    }
    const at = seen.findIndex(({ firstSeen }) => firstSeen === note.firstSeen);
    if (at < 0) seen.push(kept);
    else seen[at] = kept;
  }

  sampling({ on, at }: SamplingNote): void {
    const last = this.#looked.at(-1);
    const isOn = last !== undefined && last.to === undefined;
    if (on && !isOn) this.#looked.push({ from: at });
    else if (!on && isOn) last.to = at;
  }

  /** Undefined where nobody looked, or where it is not sure which of several is meant. */
  find(transaction: SoughtTransaction): Who | undefined {
    const note = this.#note(transaction);
    if (note !== undefined) {
      const { application, user, client, pid, backendStart, prepared } = note;
      const { query, queryCut, queryVisible, firstSeen, seenAt } = note;
      const process = { application, user, client, pid, backendStart, prepared };
      return { seen: true, ...process, query, queryCut, queryVisible, firstSeen, seenAt };
    }
    return this.#isLooked(transaction) ? { seen: false } : undefined;
  }

  #note({ xid, commitTime }: SoughtTransaction): WhoNote | undefined {
    const notes = this.#byXid.get(xid) ?? [];
    if (commitTime === '') {
      // Without a time all that was seen of it must be of one transaction.
      const first = notes.reduce(
        (least, { firstSeen }) => (firstSeen < least ? firstSeen : least),
        '9',
      );
      return notes.every(note => distance(note, first) <= NEAR_MS) ? latest(notes) : undefined;
    }
    return latest(notes.filter(note => distance(note, commitTime) <= NEAR_MS));
  }

  #isLooked({ fate, commitTime }: SoughtTransaction): boolean {
    if (commitTime === '') {
      const last = this.#looked.at(-1);
      return fate !== 'aborted' && last !== undefined && last.to === undefined;
    }
    return this.#looked.some(
      ({ from, to }) => from <= commitTime && (to === undefined || commitTime <= to),
    );
  }

  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size < MOST_TEXTS) this.#texts.set(text, text);
    return text;
  }
}

/** Milliseconds between a time and what was seen; 0 where it lies within. */
function distance({ began, firstSeen, seenAt }: WhoNote, time: string): number {
  const from = began === '' ? firstSeen : began;
  if (time < from) return Date.parse(from) - Date.parse(time);
  return time > seenAt ? Date.parse(time) - Date.parse(seenAt) : 0;
}

/** A process says more than a prepared transaction, which has none; of equals the later one. */
function latest(notes: readonly WhoNote[]): WhoNote | undefined {
  return notes.reduce<WhoNote | undefined>((best, note) => {
    if (best === undefined) return note;
    const [hasProcess, hadProcess] = [note.pid !== 0, best.pid !== 0];
    if (hasProcess !== hadProcess) return hasProcess ? note : best;
    return note.seenAt >= best.seenAt ? note : best;
  }, undefined);
}
