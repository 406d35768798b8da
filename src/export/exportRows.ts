import { randomBytes } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CaptureError } from '../capture/captureError';
import { CaptureFile } from '../capture/captureFile';
import { nodeFiles } from '../capture/fileAccess';
import type { CapturedMessage } from '../capture/capturedMessage';
import { NONE, ROW } from '../capture/indexChunk';
import { IS_CHANGE } from '../capture/operations';
import type { RelationCatalog } from '../capture/relationCatalog';
import { selectedRows } from '../capture/selectedRows';
import { SeqBitmap } from '../capture/seqBitmap';
import { SpillFolder } from '../capture/spillFile';
import { takeTurns } from '../capture/turns';
import type { View } from '../capture/view';
import { formatLsn } from '../base/lsn';
import type { ExportFormat, ExportResult, ExportScope, ReaderEvents } from '../shared/readerApi';
import type { RowSelection } from '../shared/viewSpec';
import type { SinkEnd } from '../shared/frameSink';
import { CaptureSink } from './captureSink';
import { CountingTarget } from './countingTarget';
import { FilteredFrames } from './filteredFrames';
import { JsonlWriter } from './jsonlWriter';
import { createFileTarget } from './outputTarget';
import { copiedFacts, framesWithoutSource, markNotes } from './redactedFacts';
import { pumpCapture } from './pumpCapture';
import { explainWriteFailure } from './writeFailure';

/** Least time between two reports of progress, in milliseconds. */
const PROGRESS_MS = 250;

export interface ExportSource {
  /** Of the file that is read: it is never written to. */
  readonly path: string;
  readonly file: CaptureFile;
  readonly catalog: RelationCatalog;
  readonly view: View;
}

export interface ExportRequest {
  readonly path: string;
  readonly replace: boolean;
  readonly format: ExportFormat;
  readonly scope: ExportScope;
  readonly selection?: RowSelection;
  /** Of a capture: leave out the names of server, database and slot. */
  readonly hidesSource?: boolean;
}

type Progress = (progress: ReaderEvents['exportProgress']) => void;

/** What of a capture is exported: a number of messages, or some of these. */
interface Extent {
  readonly hidesSource?: boolean;
  /** Messages that were there at the beginning. */
  readonly toSeq: number;
  /** Absent: all. */
  readonly some?: { readonly included: SeqBitmap; readonly transactions: SeqBitmap };
}

/**
 * Writes what a capture holds at this moment, or a part of it, to a file that its owner alone may read.
 * In slices, and not faster than the disk. What is there when it ends early is whole: lines, or a capture
 * that opens. A file that is to be replaced stays until the new one is written; where nothing was
 * written, it stays and no other is left behind.
 */
export async function exportRows(
  source: ExportSource,
  request: ExportRequest,
  signal: AbortSignal,
  onProgress: Progress,
): Promise<ExportResult> {
  const toSeq = source.file.rows;
  const replaces = await checkTarget(source.path, request);
  const path = replaces ? unfinishedBeside(request.path) : request.path;
  const pause = takeTurns(signal);
  let extent: Extent;
  try {
    extent = await extentOf(source, request, toSeq, pause);
  } catch (error) {
    if (signal.aborted) return NOTHING;
    throw error;
  }
  const { hidesSource = false } = request;
  const write = request.format === 'jsonl' ? writeLines : writeCapture;
  try {
    const result = await write(source, path, { ...extent, hidesSource }, signal, onProgress);
    const isEmpty = !result.complete && result.events === 0;
    if (isEmpty) await rm(path, { force: true });
    else if (replaces) await rename(path, request.path);
    return isEmpty ? { ...NOTHING, reason: result.reason } : result;
  } catch (error) {
    if (replaces) await rm(path, { force: true }).catch(() => undefined);
    throw asWriteError(error, request.path);
  }
}

/** A name of its own: that of the file may be as long as the file system takes. */
function unfinishedBeside(file: string): string {
  return join(dirname(file), `.walexplorer-${randomBytes(6).toString('hex')}.part`);
}

/** Whether a file is there that the user wants replaced. Throws where it must not be. */
async function checkTarget(shown: string, { path, replace }: ExportRequest): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return false;
  const { dev, ino } = await stat(shown);
  if (there.dev === dev && there.ino === ino) {
    throw new CaptureError(
      'exists',
      'This is the capture that is being exported. Choose another file.',
    );
  }
  if (there.isDirectory()) {
    throw new CaptureError('exists', `${path} is a folder. Choose a file.`);
  }
  if (!replace) throw new CaptureError('exists', `${path} exists already. Choose another file.`);
  // A device or a pipe is written to, not replaced.
  if (!there.isFile()) throw new CaptureError('exists', `${path} is no file. Choose another.`);
  return true;
}

async function extentOf(
  { file, view }: ExportSource,
  { scope, selection }: ExportRequest,
  toSeq: number,
  pause: () => Promise<void>,
): Promise<Extent> {
  if (scope === 'all' || (scope === 'view' && view.isWhole)) return { toSeq };
  while (view.evaluated < toSeq) {
    await view.extend();
    await pause();
  }
  const included = new SeqBitmap();
  const transactions = new SeqBitmap();
  const add = async (seq: number): Promise<void> => {
    included.add(seq);
    const { transaction } = await file.row(seq);
    if (transaction !== NONE) transactions.add(transaction);
    await pause();
  };
  if (scope === 'view') {
    for (let seq = view.nextVisible(0); seq >= 0 && seq < toSeq; seq = view.nextVisible(seq + 1)) {
      await add(seq);
    }
  } else {
    const rows = selectedRows(file, view, selection ?? { ranges: [] }, pause);
    for await (const seq of rows) if (seq < toSeq) await add(seq);
  }
  return { toSeq, some: { included, transactions } };
}

/** Assembled events of the native format, as `pgwal convert` writes them. */
async function writeLines(
  { file }: ExportSource,
  path: string,
  extent: Extent,
  signal: AbortSignal,
  onProgress: Progress,
): Promise<ExportResult> {
  const target = new CountingTarget(await createFileTarget(path));
  const sink = new JsonlWriter({
    target,
    targetName: path,
    delivery: 'assembled',
    plugin: file.meta.source.plugin,
    spill: new SpillFolder(tmpdir()),
    durable: false,
    filtered: extent.some !== undefined,
    types: file.meta.types,
  });
  const { some } = extent;
  const tell = progressTeller(extent.toSeq, onProgress, () => ({
    events: target.lines,
    bytes: target.bytes,
  }));
  const turn = takeTurns();
  const outcome = await attempt(() =>
    pumpCapture(file, sink, {
      whole: true,
      signal,
      toSeq: extent.toSeq,
      ...(some === undefined ? {} : { wants: message => isNeeded(message, some.included) }),
      pause: done => {
        tell(done);
        return turn();
      },
    }),
  );
  const { lines, bytes } = target;
  const lastLsn = lines === 0 || sink.writtenLsn === 0n ? '' : formatLsn(sink.writtenLsn);
  return { events: lines, bytes, lastLsn, ...endOf(outcome, signal, file) };
}

/** Changes that were chosen, and all that makes sense of them. */
function isNeeded({ seq, row }: CapturedMessage, included: SeqBitmap): boolean {
  if ((row.flags & ROW.ownFrame) !== 0 && (row.flags & ROW.unknown) === 0) return true;
  const isPlain = IS_CHANGE[row.kind] !== 1 && (row.flags & ROW.unknown) === 0;
  return isPlain || included.has(seq);
}

/** A capture with the frames as they came. */
async function writeCapture(
  { file, catalog }: ExportSource,
  path: string,
  extent: Extent,
  signal: AbortSignal,
  onProgress: Progress,
): Promise<ExportResult> {
  const { some, toSeq, hidesSource = false } = extent;
  const sink = await CaptureSink.create({
    path,
    facts: copiedFacts(file.meta, hidesSource),
    durable: false,
    types: file.meta.types,
    holdsBinary: file.holdsBinary,
    redacted: file.mask.patterns,
  });
  sink.appendNotes(await markNotes(file));
  const frames =
    some === undefined
      ? undefined
      : new FilteredFrames(file, catalog, some.included, some.transactions);
  const tell = progressTeller(toSeq, onProgress, () => ({
    events: sink.totals.changes,
    bytes: sink.size,
  }));
  const turn = takeTurns();
  const outcome = await attempt(() =>
    pumpCapture(file, sink, {
      whole: false,
      signal,
      toSeq,
      ...(frames === undefined ? {} : { framesOf: message => frames.of(message) }),
      ...(hidesSource ? { framesOf: framesWithoutSource } : {}),
      pause: done => {
        tell(done);
        return turn();
      },
    }),
  );
  // What stands in the file counts, not what was on its way to it.
  const written = await CaptureFile.open(nodeFiles, path);
  try {
    const bytes = (await stat(path)).size;
    const { lastCommit } = written;
    const lastLsn = lastCommit === undefined ? '' : formatLsn(lastCommit.endLsn);
    return { events: written.changes, bytes, lastLsn, ...endOf(outcome, signal, file) };
  } finally {
    await written.close();
  }
}

interface Outcome {
  readonly end?: SinkEnd | undefined;
  /** Of reading the capture. */
  readonly error?: Error;
}

async function attempt(work: () => Promise<SinkEnd | undefined>): Promise<Outcome> {
  try {
    return { end: await work() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function endOf(
  { end, error }: Outcome,
  signal: AbortSignal,
  file: CaptureFile,
): Pick<ExportResult, 'complete' | 'reason'> {
  if (end !== undefined && end.kind !== 'enough') {
    return { complete: false, reason: sentenceOf(end.failure) };
  }
  if (error !== undefined) {
    return { complete: false, reason: error.message };
  }
  if (signal.aborted) return { complete: false, reason: '' };
  const reason = file.problem?.message ?? '';
  return { complete: reason === '', reason };
}

function sentenceOf({ message, action }: { readonly message: string; readonly action: string }) {
  return `${message.replace(/\.$/, '')}. ${action}`.trim();
}

function progressTeller(
  messages: number,
  onProgress: Progress,
  written: () => { readonly events: number; readonly bytes: number },
): (done: number) => void {
  let toldAt = performance.now();
  return done => {
    const now = performance.now();
    if (now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    onProgress({ ...written(), fraction: Math.min(1, done / Math.max(1, messages)) });
  };
}

/** What could not even be begun, as a sentence. */
function asWriteError(error: unknown, path: string): unknown {
  if (error instanceof CaptureError) {
    const cause = error.cause instanceof Error ? error.cause : undefined;
    return cause === undefined ? error : asWriteError(cause, path);
  }
  if (!(error instanceof Error) || !('code' in error)) return error;
  const end = explainWriteFailure(error, path);
  if (end.kind === 'enough') return error;
  return new CaptureError(
    end.kind === 'disk-full' ? 'disk-full' : 'write-failed',
    sentenceOf(end.failure),
  );
}

const NOTHING: ExportResult = { events: 0, bytes: 0, lastLsn: '', complete: false, reason: '' };
