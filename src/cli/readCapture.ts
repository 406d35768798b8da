import { open } from 'node:fs/promises';
import { formatPlural } from '../base/quantity';
import { describeSystemError } from '../base/systemError';
import { CaptureError } from '../capture/captureError';
import { CaptureFile } from '../capture/captureFile';
import { FILE_MAGIC } from '../capture/blockFormat';
import { FilterQuestions } from '../capture/filterQuestions';
import { nodeFiles } from '../capture/fileAccess';
import { PRODUCT } from '../base/product';
import type { CapturedMessage } from '../capture/capturedMessage';
import { RelationCatalog } from '../capture/relationCatalog';
import { CaptureSink } from '../export/captureSink';
import { filteredExtent } from '../export/filteredExtent';
import { FilteredFrames } from '../export/filteredFrames';
import { pumpCapture } from '../export/pumpCapture';
import { copiedFacts, framesWithoutSource, markNotes } from '../export/redactedFacts';
import type { ColumnMask } from '../shared/columnMask';
import type { FrameSink } from '../shared/frameSink';
import { CliError } from './cliError';
import type { ExitStatus } from './command';
import { filterHint } from './filterOption';
import { openEvents } from './openOutput';
import type { OutputChoice } from './outputOptions';
import type { Terminal } from './terminal';

/** How much of a file is looked at to tell what it is, in bytes. */
const HEAD = 4096;

/**
 * Whether a file begins as a capture does; another file holds raw messages. Throws a CliError where it cannot be
 * opened, or begins as no text does.
 */
export async function isCapture(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new CliError(`Cannot open ${file}: ${describeSystemError(error)}`);
  });
  try {
    const kind = await handle.stat();
    if (kind.isDirectory()) throw new CliError(`Cannot open ${file}: it is a folder`);
    // A pipe gives its bytes once.
    if (!kind.isFile()) return false;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.toString('latin1', 0, FILE_MAGIC.length) === FILE_MAGIC) return true;
    if (head.includes(0)) {
      throw new CliError(`${file} is neither a capture nor lines of JSON.`);
    }
    return false;
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
  const capture = await openCapture(file, choice.mask);
  try {
    const types = [...capture.meta.types, ...(choice.types ?? [])];
    sayWhatCannotPass(command, capture, choice, terminal);
    if (choice.format === 'capture') await copyCapture(capture, { ...choice, types }, terminal);
    else await writeEvents(capture, { ...choice, types }, terminal);
    const { problem, left } = capture;
    const say = (line: string): void => {
      terminal.stderr.write(`${PRODUCT.command} ${command}: ${file}: ${line}\n`);
    };
    if (problem !== undefined) {
      say(problem.message);
      return 1;
    }
    if (left > 0) {
      const rest = formatPlural(left, 'byte');
      say(`its last ${rest} are no whole block and were left out: its writer died or still writes`);
    }
    return 0;
  } finally {
    await capture.close();
  }
}

/** A column or a table that the capture has none of is most often misspelled, and then nothing passes. */
function sayWhatCannotPass(
  command: string,
  capture: CaptureFile,
  { filter }: OutputChoice,
  terminal: Terminal,
): void {
  if (filter === undefined) return;
  const { text } = filter;
  const { hint } = new FilterQuestions(capture, new RelationCatalog(capture)).check(text);
  if (hint === undefined) return;
  const lines = filterHint(text, hint).join('\n');
  terminal.stderr.write(`${PRODUCT.command} ${command}: ${lines}\n`);
}

async function openCapture(file: string, mask: ColumnMask): Promise<CaptureFile> {
  try {
    return await CaptureFile.open(nodeFiles, file, undefined, mask.patterns);
  } catch (error) {
    const cause = error instanceof CaptureError ? error.cause : error;
    if (cause === undefined) throw error;
    throw new CliError(`Cannot open ${file}: ${describeSystemError(cause)}`);
  }
}

async function writeEvents(
  capture: CaptureFile,
  choice: OutputChoice,
  terminal: Terminal,
): Promise<void> {
  const { plugin } = capture.meta.source;
  // What was masked when the capture was written is as much a placeholder as what is masked now.
  const masked = { ...choice, mask: capture.mask };
  const sink = await openEvents(masked, { consume: false }, terminal, plugin);
  await pump(capture, sink, terminal, { whole: choice.delivery === 'assembled' });
}

async function copyCapture(
  capture: CaptureFile,
  { out = '', types = [], hidesSource, filter }: OutputChoice,
  terminal: Terminal,
): Promise<void> {
  const filtered =
    filter === undefined ? undefined : await framesOf(capture, filter.text, terminal);
  const sink = await CaptureSink.create({
    path: out,
    facts: copiedFacts(capture.meta, hidesSource === true),
    durable: false,
    types,
    holdsBinary: capture.holdsBinary,
    redacted: capture.mask.patterns,
  });
  sink.appendNotes(await markNotes(capture));
  const withoutSource = hidesSource === true ? framesWithoutSource : undefined;
  await pump(capture, sink, terminal, {
    whole: false,
    framesOf: message => {
      const frames = filtered?.of(message);
      // A gap has a text of its own; of all others the frame is what it is.
      if (withoutSource === undefined || message.gap === undefined)
        return frames ?? [message.frame];
      return withoutSource(message);
    },
  });
}

async function framesOf(
  capture: CaptureFile,
  filter: string,
  terminal: Terminal,
): Promise<FilteredFrames> {
  const catalog = new RelationCatalog(capture);
  const { included, transactions } = await filteredExtent(
    capture,
    catalog,
    filter,
    terminal.interrupted,
  );
  return new FilteredFrames(capture, catalog, included, transactions);
}

/** Moves all messages; with `whole` what a limit cut off is left out. */
async function pump(
  capture: CaptureFile,
  sink: FrameSink,
  terminal: Terminal,
  {
    whole,
    framesOf: frames,
  }: {
    readonly whole: boolean;
    readonly framesOf?: (message: CapturedMessage) => Iterable<Uint8Array>;
  },
): Promise<void> {
  const end = await pumpCapture(capture, sink, {
    whole,
    signal: terminal.interrupted,
    ...(frames === undefined ? {} : { framesOf: frames }),
  });
  if (end !== undefined && end.kind !== 'enough') throw CliError.of(end.failure);
}
