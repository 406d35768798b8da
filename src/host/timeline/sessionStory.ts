import { formatBytes, formatCount, formatPlural } from '../../base/quantity';
import type { SessionSnapshot } from '../../shared/session';
import type { TimelineSnapshot } from '../../shared/timelineSnapshot';
import { isKnownPlugin } from '../../shared/textPlugin';

export interface StoryLine {
  readonly level: 'info' | 'warn';
  readonly text: string;
}

/**
 * What the log tells of one timeline: each phase once, what the server remarked, and how it ended with
 * figures. Fed with snapshots, however many of them; says only what is new. Waits are told once for each
 * reason, since a wait may tell another figure every second.
 */
export class SessionStory {
  #phase: SessionSnapshot['phase'] | undefined;
  #startedMs = 0;
  #waitedFor = '';
  readonly #notes = new Set<string>();

  /** The lines that a snapshot adds; `nowMs` is a monotonic clock's. */
  next({ session, source, view, capture }: TimelineSnapshot, nowMs: number): readonly StoryLine[] {
    if (session === null) return [];
    const lines: StoryLine[] = [];
    const isNew = session.phase !== this.#phase;
    if (isNew && this.#isStart(session.phase)) {
      this.#startedMs = nowMs;
      this.#waitedFor = '';
      this.#notes.clear();
      const place = source.database === '' ? source.server : `${source.server}/${source.database}`;
      lines.push({ level: 'info', text: `${session.kind} begins on ${place}` });
    }
    for (const note of session.notes) {
      if (this.#notes.has(note)) continue;
      this.#notes.add(note);
      lines.push({ level: 'warn', text: note });
    }
    if (session.phase === 'waiting') {
      // Whom it waits for stands before the figures.
      const reason = session.message.replaceAll(/\d+(\.\d+)? ?(s|min|h|days?)\b/g, '…');
      if (reason !== this.#waitedFor) {
        this.#waitedFor = reason;
        lines.push({ level: 'info', text: session.message });
      }
    }
    if (isNew && session.phase === 'reconnecting') {
      lines.push({ level: 'warn', text: session.message });
    }
    if (isNew && session.phase === 'ended' && this.#phase !== undefined) {
      const seconds = (nowMs - this.#startedMs) / 1000;
      // Only the plugin itself knows what a change is in a text of its own.
      const noun = isKnownPlugin(source.plugin) ? 'change' : 'line';
      const figures = [
        formatPlural(Math.max(0, view.changes - capture.cutChanges), noun),
        formatPlural(capture.transactions, 'transaction'),
        formatBytes(capture.bytes),
        `${seconds < 10 ? seconds.toFixed(1) : formatCount(seconds)} s`,
        ...(session.receivedLsn === '' ? [] : [`up to ${session.receivedLsn}`]),
      ];
      const failure = session.failure?.action ?? '';
      lines.push({
        level: session.endReason === 'failed' ? 'warn' : 'info',
        text: [session.message, figures.join(', '), failure].filter(Boolean).join(' · '),
      });
    }
    this.#phase = session.phase;
    return lines;
  }

  #isStart(phase: SessionSnapshot['phase']): boolean {
    const rested = this.#phase === undefined || this.#phase === 'ended';
    return rested && phase !== 'ended' && phase !== 'ending';
  }
}
