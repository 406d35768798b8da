import type { SessionPhase, SessionSnapshot } from '../shared/session';
import { sentence } from './sentence';

/** Least time between two snapshots of one phase, in milliseconds: at most 10 a second. */
const SNAPSHOT_INTERVAL_MS = 100;
const MOST_NOTES = 20;

/**
 * What a session tells about itself. A change of phase is told at once, anything else at most ten
 * times a second; the last state is always told.
 */
export class SessionStatus {
  readonly #emit: (snapshot: SessionSnapshot) => void;
  #snapshot: SessionSnapshot;
  #timer: NodeJS.Timeout | undefined;
  #lastEmit = 0;

  constructor(initial: SessionSnapshot, emit: (snapshot: SessionSnapshot) => void) {
    this.#snapshot = initial;
    this.#emit = emit;
    this.#emitNow();
  }

  get snapshot(): SessionSnapshot {
    return this.#snapshot;
  }

  /** Enters a phase, with the sentence that says what goes on. */
  enter(phase: SessionPhase, message: string, more: Partial<SessionSnapshot> = {}): void {
    this.#snapshot = { ...this.#snapshot, ...more, phase, message: sentence(message) };
    this.#emitNow();
  }

  update(change: Partial<Omit<SessionSnapshot, 'phase'>>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#emitSoon();
  }

  /** Adds a remark, once; the oldest go when there are too many. */
  note(remark: string): void {
    const text = sentence(remark);
    if (this.#snapshot.notes.includes(text)) return;
    const notes = [...this.#snapshot.notes, text].slice(-MOST_NOTES);
    this.#snapshot = { ...this.#snapshot, notes };
    this.#emitSoon();
  }

  #emitSoon(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#lastEmit + SNAPSHOT_INTERVAL_MS - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#emitNow();
      },
      Math.max(wait, 0),
    );
  }

  #emitNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastEmit = performance.now();
    this.#emit(this.#snapshot);
  }
}
