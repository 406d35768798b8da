import type { CaptureFile } from '../capture/captureFile';
import type { CapturedMessage } from '../capture/capturedMessage';
import { ROW } from '../capture/indexChunk';
import type { FrameSink, SinkEnd } from '../shared/frameSink';
import { JsonlWriter } from './jsonlWriter';

export interface PumpOptions {
  /** Leave out what a limit cut off, which stands below from its beginning, and what stands above. */
  readonly whole: boolean;
  /** Ends it early; that is no failure. */
  readonly signal: AbortSignal;
  /** The messages before this one; absent: all that are known. */
  readonly toSeq?: number;
  /** Absent: all are wanted. */
  readonly wants?: (message: CapturedMessage) => boolean;
  /** The frames that take the place of a message; absent: its own. */
  readonly framesOf?: (message: CapturedMessage) => Iterable<Uint8Array>;
  /** Asked now and then: lets others have their turn. */
  readonly pause?: (done: number) => Promise<void>;
}

/** Messages between two looks at the clock. */
const STEP = 64;

/**
 * Moves the messages of a capture into a sink, not faster than they are taken, until the end or until no
 * more are wanted, and closes the sink. Returns the sink's end where it ended first. Throws what reading
 * throws, after the sink is closed: what was read before is in it.
 */
export async function pumpCapture(
  capture: CaptureFile,
  sink: FrameSink,
  options: PumpOptions,
): Promise<SinkEnd | undefined> {
  const { whole, signal, wants, framesOf, pause } = options;
  const leavesOut = whole && capture.cutTransactions > 0;
  const jsonl = sink instanceof JsonlWriter ? sink : undefined;
  let end: SinkEnd | undefined;
  let wake: () => void = () => undefined;
  sink.onDrain(() => {
    wake();
  });
  sink.onEnd(told => {
    end = told;
    wake();
  });
  const finish = (): void => {
    wake();
  };
  signal.addEventListener('abort', finish, { once: true });
  const isOver = (): boolean => signal.aborted || end !== undefined;
  try {
    let done = 0;
    const range = options.toSeq === undefined ? {} : { toSeq: options.toSeq };
    for await (const batch of capture.messages(range)) {
      for (const message of batch) {
        if (isOver()) break;
        if (++done % STEP === 0) await pause?.(done);
        if (whole && (message.row.flags & ROW.repeated) !== 0) continue;
        if (wants?.(message) === false) continue;
        if (leavesOut && (await capture.isCut(message.row.transaction))) continue;
        if (framesOf !== undefined) for (const frame of framesOf(message)) sink.append(frame);
        else if (jsonl !== undefined && (message.row.flags & ROW.ownFrame) === 0) {
          jsonl.appendMessage(message.lsn, message.payload);
        } else sink.append(message.frame);
        while (sink.full && !isOver()) await new Promise<void>(resolve => (wake = resolve));
      }
      if (isOver()) break;
    }
  } finally {
    signal.removeEventListener('abort', finish);
    if (signal.aborted) sink.stop();
    await sink.close();
  }
  return end;
}
