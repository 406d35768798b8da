import type { IndexEntry, TransactionEntry } from './directory';
import type { FoundDirectory } from './directoryReader';
import type { OpenFile } from './fileAccess';
import type { FrameIndexer } from './frameIndexer';
import { CHUNK_MASK, CHUNK_SHIFT, IndexChunk } from './indexChunk';
import { TX_SHIFT, TransactionChunk } from './transactionChunk';
import { CaptureError } from './captureError';

/** Where the chunks stand that an indexer does not hold in memory, by their numbers. */
export interface RestoredChunks {
  readonly index: ReadonlyMap<number, IndexEntry>;
  readonly transactions: ReadonlyMap<number, TransactionEntry>;
  /** The index chunk that the indexer fills; its entry is that of a part. */
  readonly tail: number;
}

/**
 * Brings a new indexer to where the last of these directories stands: what comes after it is added to it
 * then. Throws a {@link CaptureError} where something that they name is damaged.
 */
export async function restoreIndexer(
  file: OpenFile,
  indexer: FrameIndexer,
  found: readonly FoundDirectory[],
): Promise<RestoredChunks> {
  const index = new Map<number, IndexEntry>();
  const transactions = new Map<number, TransactionEntry>();
  for (const { directory } of found) {
    for (const entry of directory.index) index.set(entry.chunk, entry);
    for (const entry of directory.transactions) transactions.set(entry.chunk, entry);
    for (const { offset, length } of directory.relations) {
      indexer.relations.restore(await readPayload(file, offset, length));
    }
  }
  const last = found.at(-1);
  if (last === undefined) return { index, transactions, tail: 0 };
  const { state, openChunks } = last.directory;
  const tail = state.rows >>> CHUNK_SHIFT;
  const tailChunk =
    (state.rows & CHUNK_MASK) === 0
      ? new IndexChunk(tail)
      : IndexChunk.decode(await payloadOf(file, index.get(tail)));
  const chunks = await Promise.all(
    openChunks.map(async number =>
      TransactionChunk.decode(await payloadOf(file, transactions.get(number))),
    ),
  );
  const open = [
    ...(state.begun === null ? [] : [state.begun]),
    ...state.streamed,
    ...state.prepared,
  ];
  for (const chunk of chunks) {
    chunk.open = open.filter(([, ordinal]) => ordinal >>> TX_SHIFT === chunk.number).length;
    transactions.delete(chunk.number);
  }
  indexer.transactions.restore(state.transactions, chunks);
  indexer.restore(state, tailChunk);
  return { index, transactions, tail };
}

async function payloadOf(
  file: OpenFile,
  entry: IndexEntry | TransactionEntry | undefined,
): Promise<Uint8Array> {
  if (entry === undefined) {
    throw new CaptureError(
      'corrupt',
      'The directory of this capture names a chunk that is not there.',
    );
  }
  return readPayload(file, entry.offset, entry.length);
}

async function readPayload(file: OpenFile, offset: number, length: number): Promise<Uint8Array> {
  const payload = new Uint8Array(length);
  await file.read(payload, offset);
  return payload;
}
