import type { WhoNote } from '../shared/captureNote';

/** A sighting that goes on is noted again so often, so that little is lost where a process is killed. */
const AGAIN_MS = 60_000;

interface Sighting {
  readonly note: WhoNote;
  /** As it was noted last. */
  readonly told: WhoNote;
}

/** What is seen of running transactions from sample to sample, and what of it has to be noted. */
export class WhoSightings {
  readonly #running = new Map<number, Sighting>();

  /** A sample, and its time: what is new, what has changed, and what has ended. */
  take(seen: readonly WhoNote[], at: string): readonly WhoNote[] {
    const notes: WhoNote[] = [];
    const present = new Set<number>();
    for (const found of seen) {
      const { xid } = found;
      present.add(xid);
      const before = this.#running.get(xid);
      const note = before === undefined ? found : merged(before.note, found, at);
      const isTold = before !== undefined && !isNews(before.told, note);
      if (!isTold) notes.push(note);
      this.#running.set(xid, { note, told: isTold ? before.told : note });
    }
    for (const [xid, sighting] of this.#running) {
      if (present.has(xid)) continue;
      this.#running.delete(xid);
      notes.push(...ended(sighting));
    }
    return notes;
  }

  /** Nothing is seen any more: what was not noted yet. */
  end(): readonly WhoNote[] {
    const notes = [...this.#running.values()].flatMap(ended);
    this.#running.clear();
    return notes;
  }
}

/** A prepared transaction has left its process, which said more. */
function merged(before: WhoNote, found: WhoNote, at: string): WhoNote {
  if (found.prepared !== '' && before.pid !== 0) {
    return { ...before, prepared: found.prepared, seenAt: at };
  }
  return { ...found, firstSeen: before.firstSeen, seenAt: at };
}

function isNews(told: WhoNote, note: WhoNote): boolean {
  return (
    told.query !== note.query ||
    told.prepared !== note.prepared ||
    told.application !== note.application ||
    Date.parse(note.seenAt) - Date.parse(told.seenAt) >= AGAIN_MS
  );
}

function ended({ note, told }: Sighting): readonly WhoNote[] {
  return note.seenAt === told.seenAt ? [] : [note];
}
