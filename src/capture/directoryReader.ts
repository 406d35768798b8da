import { BLOCK, BLOCK_HEADER_SIZE, FILE_HEAD_SIZE, blockCrc, readBlockHeader } from './blockFormat';
import type { Directory } from './directory';
import { TRAILER_SIZE, decodeDirectory, findDirectories } from './directory';
import { CaptureError } from './captureError';
import type { OpenFile } from './fileAccess';

const STEP = 1024 * 1024;
/** The writer makes a directory every 64 MiB; a huge frame may stand behind it. */
const SEARCH_LIMIT = 80 * STEP;

export interface FoundDirectory {
  readonly directory: Directory;
  /** Offset of the Z block. */
  readonly start: number;
  /** Offset after the Z block: a scan goes on there. */
  readonly end: number;
}

/**
 * The directories of a file from the oldest to the newest that stands before `to`. Empty where there
 * is none, or where the chain is broken: the file is scanned from its beginning then.
 */
export async function readDirectories(file: OpenFile, to: number): Promise<FoundDirectory[]> {
  const last = await findLast(file, to);
  if (last === undefined) return [];
  const chain = [last];
  let previous = last.directory.previous;
  while (previous !== null) {
    const found = await readDirectoryAt(file, previous, to);
    if (found === undefined) return [];
    chain.push(found);
    // Links lead backwards, so a damaged one cannot make a circle.
    if (found.directory.previous !== null && found.directory.previous >= previous) return [];
    previous = found.directory.previous;
  }
  return chain.reverse();
}

/** Looks for the end of a Z block from behind: at once where the file was closed. */
async function findLast(file: OpenFile, to: number): Promise<FoundDirectory | undefined> {
  const stop = Math.max(FILE_HEAD_SIZE, to - SEARCH_LIMIT);
  let size = TRAILER_SIZE;
  for (let end = to; end > stop;) {
    const start = Math.max(FILE_HEAD_SIZE, end - size);
    const bytes = new Uint8Array(end - start);
    const read = await file.read(bytes, start);
    for (const offset of findDirectories(bytes.subarray(0, read))) {
      const found = await readDirectoryAt(file, offset, to);
      if (found !== undefined) return found;
    }
    if (start === FILE_HEAD_SIZE) return undefined;
    // Pieces overlap, so that a trailer on their border is found.
    end = start + TRAILER_SIZE;
    size = STEP;
  }
  return undefined;
}

async function readDirectoryAt(
  file: OpenFile,
  offset: number,
  to: number,
): Promise<FoundDirectory | undefined> {
  if (!Number.isSafeInteger(offset) || offset < FILE_HEAD_SIZE) return undefined;
  if (offset + BLOCK_HEADER_SIZE + TRAILER_SIZE > to) return undefined;
  const head = new Uint8Array(BLOCK_HEADER_SIZE);
  await file.read(head, offset);
  const header = readBlockHeader(head, 0);
  if (header?.type !== BLOCK.directory || header.length < TRAILER_SIZE) return undefined;
  const end = offset + BLOCK_HEADER_SIZE + header.length;
  if (end > to) return undefined;
  const block = new Uint8Array(end - offset);
  await file.read(block, offset);
  if (blockCrc(block, BLOCK_HEADER_SIZE, block.length) !== header.crc) return undefined;
  const directory = decodeDirectory(block.subarray(BLOCK_HEADER_SIZE));
  requirePlaces(directory, offset);
  return { directory, start: offset, end };
}

/** What a directory names stands in the file before it: sizes that nobody wrote are not asked for. */
function requirePlaces(directory: Directory, end: number): void {
  const { meta, index, transactions, relations, notes = [] } = directory;
  for (const { offset, length } of [meta, ...index, ...transactions, ...relations, ...notes]) {
    const isInside = offset >= FILE_HEAD_SIZE && length >= 0 && offset + length <= end;
    if (isInside && Number.isSafeInteger(offset) && Number.isSafeInteger(length)) continue;
    throw new CaptureError('corrupt', 'The directory of this capture is damaged.');
  }
}
