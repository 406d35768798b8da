import type { Lsn } from '../base/lsn';
import { describeSystemError } from '../base/systemError';
import { AppendRefused, openToAppend } from '../capture/appendFile';
import type { OpenFile } from '../capture/fileAccess';
import { ForeignLine, readJsonlTail } from './jsonlTail';
import type { OutputTarget } from './outputTarget';
import { fileTarget } from './outputTarget';
import { OTHER_PLACE, requireSameSlot } from './slotOfFile';
import type { SourceLine } from './sourceLine';
import { formatSourceLine, LONGEST_SOURCE_LINE, parseSourceLine } from './sourceLine';

/** A file of events that is open to go on in it. */
export interface AppendedJsonl {
  readonly target: OutputTarget;
  /** Up to here it holds everything that was committed; undefined where it was empty. */
  readonly after: Lsn | undefined;
  /** Bytes behind the last complete transaction that were cut off. */
  readonly cut: number;
}

/**
 * Opens a file of events that {@link SourceLine} begins, and cuts off what a process that was killed left
 * unfinished; makes it where it is not there or empty. Throws {@link AppendRefused} where it holds something
 * else, and leaves it as it was.
 */
export async function appendToJsonl(path: string, source: SourceLine): Promise<AppendedJsonl> {
  const file = await openToAppend(path);
  try {
    const size = await file.size();
    const head = Buffer.alloc(Math.min(size, LONGEST_SOURCE_LINE));
    await file.read(head, 0);
    const begin = Buffer.from(formatSourceLine(source));
    // Also where its beginning was written and no more.
    if (begin.subarray(0, size).equals(head) && size < begin.length) {
      return { target: await begun(file, begin), after: undefined, cut: 0 };
    }
    const start = requireSource(path, head, source);
    const { end, position } = await readJsonlTail(file, start, source.transactions);
    if (end < size) await file.truncate(end);
    // It may have been written by a process that was killed before it could sync.
    await file.sync();
    return { target: fileTarget(file, end), after: position, cut: size - end };
  } catch (error) {
    await file.close();
    throw refused(path, error);
  }
}

function refused(path: string, cause: unknown): AppendRefused {
  if (cause instanceof AppendRefused) return cause;
  const message =
    cause instanceof ForeignLine
      ? `${path} holds a line that is no event (${cause.message})`
      : `Cannot go on in ${path}: ${describeSystemError(cause)}`;
  return new AppendRefused(message, OTHER_PLACE, { cause });
}

async function begun(file: OpenFile, line: Uint8Array): Promise<OutputTarget> {
  const target = fileTarget(file, 0);
  await target.write(line);
  await target.sync();
  return fileTarget(file, line.length);
}

/** Returns where the events begin. */
function requireSource(path: string, head: Buffer, wanted: SourceLine): number {
  const end = head.indexOf('\n');
  const found = end < 0 ? undefined : parseSourceLine(head.toString('utf8', 0, end));
  if (found === undefined) {
    throw new AppendRefused(
      `${path} was not begun with --append: its first line does not say which slot it holds`,
      OTHER_PLACE,
    );
  }
  requireSameSlot(path, found, wanted);
  if (found.transactions !== wanted.transactions) {
    throw new AppendRefused(
      `${path} was written with --transactions ${found.transactions}`,
      `Go on with that, or choose another place with --out.`,
    );
  }
  return end + 1;
}
