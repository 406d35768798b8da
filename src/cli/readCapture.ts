import { open } from 'node:fs/promises';
import { CaptureFile } from '../capture/captureFile';
import type { CapturedMessage } from '../capture/capturedMessage';
import { FILE_MAGIC } from '../capture/blockFormat';
import { nodeFiles } from '../capture/fileAccess';
import { dataFrame } from '../capture/frame';
import { ROW } from '../capture/indexChunk';
import { PRODUCT } from '../base/product';
import { CaptureSink } from '../export/captureSink';
import { JsonlWriter } from '../export/jsonlWriter';
import type { FrameSink } from '../shared/frameSink';
import { CliError } from './cliError';
import type { ExitStatus } from './command';
import { openEvents } from './openOutput';
import type { OutputChoice } from './outputOptions';
import type { Terminal } from './terminal';

/** Whether a file begins as a capture does; another file holds raw messages. */
export async function isCapture(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(FILE_MAGIC.length);
    await handle.read(head, 0, head.length, 0);
    return head.toString('latin1') === FILE_MAGIC;
  } finally {
    await handle.close();
  }
}

/** Writes what a capture holds in another form. A damaged capture gives what is readable, and status 1. */
export async function writeCapture(
  command: string,
  file: string,
  choice: OutputChoice,
  terminal: Terminal,
): Promise<ExitStatus> {
  const capture = await CaptureFile.open(nodeFiles, file);
  try {
    if (choice.format === 'capture') await copyCapture(capture, choice.out ?? '', terminal);
    else await writeEvents(capture, choice, terminal);
    const { problem } = capture;
    if (problem === undefined) return 0;
    terminal.stderr.write(`${PRODUCT.command} ${command}: ${file}: ${problem.message}\n`);
    return 1;
  } finally {
    await capture.close();
  }
}

async function writeEvents(
  capture: CaptureFile,
  choice: OutputChoice,
  terminal: Terminal,
): Promise<void> {
  const { plugin } = capture.meta.source;
  const sink = await openEvents(choice, { consume: false }, terminal, plugin);
  await pump(capture, sink, terminal, { whole: choice.delivery === 'assembled' });
}

async function copyCapture(capture: CaptureFile, out: string, terminal: Terminal): Promise<void> {
  const { source, pluginOptions } = capture.meta;
  const sink = await CaptureSink.create({
    path: out,
    facts: { source, pluginOptions, serverVersionNum: 0 },
    durable: false,
  });
  await pump(capture, sink, terminal, { whole: false });
}

/**
 * Moves all messages, not faster than they are taken, until the end or until no more are wanted. With
 * `whole` what a limit cut off is left out, which stands below from its beginning, and what stands above.
 */
async function pump(
  capture: CaptureFile,
  sink: FrameSink,
  terminal: Terminal,
  { whole }: { readonly whole: boolean },
): Promise<void> {
  const leavesOut = whole && capture.cutTransactions > 0;
  let over = terminal.interrupted.aborted;
  let failure: CliError | undefined;
  let wake: () => void = () => undefined;
  const finish = (): void => {
    over = true;
    wake();
  };
  sink.onDrain(() => {
    wake();
  });
  sink.onEnd(end => {
    if (end.kind !== 'enough') failure = CliError.of(end.failure);
    finish();
  });
  terminal.interrupted.addEventListener('abort', finish, { once: true });
  const isOver = (): boolean => over;
  try {
    for await (const batch of capture.messages()) {
      for (const message of batch) {
        if (isOver()) break;
        if (whole && (message.row.flags & ROW.repeated) !== 0) continue;
        if (leavesOut && (await capture.isCut(message.row.transaction))) continue;
        if (sink instanceof JsonlWriter && (message.row.flags & ROW.ownFrame) === 0) {
          sink.appendMessage(message.lsn, message.payload);
        } else {
          sink.append(frameOf(message));
        }
        while (sink.full && !isOver()) await new Promise<void>(resolve => (wake = resolve));
      }
      if (isOver()) break;
    }
  } finally {
    terminal.interrupted.removeEventListener('abort', finish);
    await sink.close();
  }
  if (failure !== undefined) throw failure;
}

/** The frame that a message came in, as far as it is kept: end of WAL is not. */
function frameOf({ lsn, payload, serverTime, row }: CapturedMessage): Uint8Array {
  if ((row.flags & ROW.ownFrame) !== 0) return payload;
  const frame = dataFrame(lsn, payload);
  new DataView(frame.buffer).setBigInt64(SEND_TIME_OFFSET, serverTime);
  return frame;
}

/** In XLogData: after the letter and two positions (doc: "Streaming Replication Protocol"). */
const SEND_TIME_OFFSET = 17;
