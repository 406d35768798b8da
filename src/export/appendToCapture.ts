import { describeSystemError } from '../base/systemError';
import { AppendRefused, openToAppend } from '../capture/appendFile';
import { FILE_HEAD_SIZE, fileHead } from '../capture/blockFormat';
import { BlockScanner } from '../capture/blockScanner';
import { asDamage, CaptureError } from '../capture/captureError';
import type { CaptureMeta } from '../capture/captureMeta';
import type { OpenFile } from '../capture/fileAccess';
import { readWriterStart } from '../capture/reopenCapture';
import type { CaptureSinkOptions } from './captureSink';
import { CaptureSink } from './captureSink';
import { OTHER_PLACE, requireSameSlot } from './slotOfFile';

/** A capture that is open to go on in it. */
export interface AppendedCapture {
  readonly sink: CaptureSink;
  /** Bytes of unfinished blocks that were cut off at its end. */
  readonly cut: number;
}

/**
 * Opens a capture of a consumed slot to go on in it; makes it where it is not there or empty. Throws
 * {@link AppendRefused} where it holds something else or is damaged, and leaves it as it was.
 */
export async function appendToCapture(options: CaptureSinkOptions): Promise<AppendedCapture> {
  const { path } = options;
  const file = await openToAppend(path);
  try {
    const size = await file.size();
    if (await isUnbegun(file, size)) {
      await file.truncate(0);
      return { sink: await CaptureSink.begin(file, options), cut: 0 };
    }
    const start = await readWriterStart(file);
    requireSource(options, start.meta);
    requireSameMasks(options, start.meta);
    return { sink: await CaptureSink.resume(file, start, options), cut: size - start.end };
  } catch (cause) {
    await file.close();
    if (cause instanceof AppendRefused) throw cause;
    const error = asDamage(cause);
    const reason =
      error instanceof CaptureError ? lowerFirst(error.message) : describeSystemError(error);
    throw new AppendRefused(`Cannot go on in ${path}: ${reason}`, OTHER_PLACE, { cause });
  }
}

/** A process that was killed at once may have left less than the first block, which says what it is. */
async function isUnbegun(file: OpenFile, size: number): Promise<boolean> {
  const head = new Uint8Array(Math.min(size, FILE_HEAD_SIZE));
  await file.read(head, 0);
  if (!Buffer.from(fileHead()).subarray(0, head.length).equals(head)) return false;
  if (size <= FILE_HEAD_SIZE) return true;
  const scanner = new BlockScanner(file, FILE_HEAD_SIZE, size);
  return (await scanner.next()) === undefined && scanner.ended === 'torn';
}

function requireSource({ path, facts }: CaptureSinkOptions, meta: CaptureMeta): void {
  const { source, systemIdentifier = '' } = meta;
  if (source.kind !== 'consume') {
    throw new AppendRefused(
      `${path} is the capture of a ${source.kind}, not of a slot that is consumed`,
      OTHER_PLACE,
    );
  }
  requireSameSlot(
    path,
    { ...source, systemIdentifier },
    { ...facts.source, systemIdentifier: facts.systemIdentifier },
  );
}

/** What a capture says to be taken out of it is in no part of it. */
function requireSameMasks({ path, redacted = [] }: CaptureSinkOptions, meta: CaptureMeta): void {
  const [before, now] = [new Set(meta.redacted), new Set(redacted)];
  if (before.size === now.size && [...before].every(pattern => now.has(pattern))) return;
  const masked = before.size === 0 ? 'no masked columns' : `the masks ${[...before].join(', ')}`;
  throw new AppendRefused(
    `${path} was written with ${masked}, which all of it is to have`,
    'Mask the same columns, or write to another file with --out.',
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}
