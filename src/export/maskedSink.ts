import type { Lsn } from '../base/lsn';
import { DATA_HEADER_SIZE, FRAME } from '../capture/frame';
import { StreamMask } from '../logical/streamMask';
import type { CaptureNote } from '../shared/captureNote';
import type { ColumnMask } from '../shared/columnMask';
import type { FrameSink, SinkEnd, TypeSource } from '../shared/frameSink';

/**
 * A sink that never sees a masked value: it takes them out of the frames of a stream before another sink has
 * them. What somebody's queries say is left out too, because no column tells what is a value in them.
 */
export class MaskedSink implements FrameSink {
  readonly #sink: FrameSink;
  readonly #mask: StreamMask;
  readonly resumeAfter?: Lsn;

  constructor(sink: FrameSink, mask: ColumnMask, plugin: string) {
    this.#sink = sink;
    this.#mask = new StreamMask(mask, plugin);
    if (sink.resumeAfter !== undefined) this.resumeAfter = sink.resumeAfter;
  }

  append(frame: Uint8Array): void {
    this.#sink.append(this.#masked(frame));
  }

  #masked(frame: Uint8Array): Uint8Array {
    switch (frame[0]) {
      case FRAME.data:
        return this.#maskedData(frame);
      case FRAME.gap:
      case FRAME.seam:
        // What follows comes from another connection.
        this.#mask.restart();
        return frame;
      case FRAME.keepalive:
        return frame;
      default:
        // What it holds is not known.
        return frame.subarray(0, 1);
    }
  }

  #maskedData(frame: Uint8Array): Uint8Array {
    const payload = frame.subarray(DATA_HEADER_SIZE);
    const masked = this.#mask.apply(payload);
    if (masked === payload) return frame;
    const whole = new Uint8Array(DATA_HEADER_SIZE + masked.length);
    whole.set(frame.subarray(0, DATA_HEADER_SIZE));
    whole.set(masked, DATA_HEADER_SIZE);
    return whole;
  }

  appendAside(frame: Uint8Array): void {
    this.#sink.appendAside?.(frame);
  }

  appendNotes(notes: readonly CaptureNote[]): void {
    const kept = notes.filter(({ kind }) => kind !== 'who');
    if (kept.length > 0) this.#sink.appendNotes?.(kept);
  }

  get full(): boolean {
    return this.#sink.full;
  }

  get writtenLsn(): Lsn {
    return this.#sink.writtenLsn;
  }

  get storedLsn(): Lsn {
    return this.#sink.storedLsn;
  }

  onDrain(listener: () => void): void {
    this.#sink.onDrain(listener);
  }

  onEnd(listener: (end: SinkEnd) => void): void {
    this.#sink.onEnd(listener);
  }

  useTypes(source: TypeSource): void {
    this.#sink.useTypes?.(source);
  }

  stop(): void {
    this.#sink.stop();
  }

  flush(): Promise<void> {
    return this.#sink.flush();
  }

  close(): Promise<void> {
    return this.#sink.close();
  }
}
