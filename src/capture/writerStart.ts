import type { Lsn } from '../base/lsn';
import { INVALID_LSN } from '../base/lsn';
import { FILE_HEAD_SIZE } from './blockFormat';
import type { CaptureMeta } from './captureMeta';
import type { IndexEntry, RelationEntry } from './directory';
import { FrameIndexer } from './frameIndexer';
import type { IndexChunk } from './indexChunk';
import type { Zone } from './zone';

export interface FullChunk {
  readonly chunk: IndexChunk;
  readonly zone: Zone;
}

/** Where a writer of a new file, or of one that is continued, begins. */
export interface WriterStart {
  readonly meta: CaptureMeta;
  /** Payload of the newest M block. */
  readonly metaEntry: RelationEntry;
  readonly indexer: FrameIndexer;
  /** Receives the chunks that become full; those that it holds are not in the file yet. */
  readonly fullChunks: FullChunk[];
  /** I blocks of full chunks that no directory lists yet. */
  readonly index: readonly IndexEntry[];
  /** N blocks that no directory lists yet. */
  readonly notes: readonly RelationEntry[];
  /** Relation versions that directories list. */
  readonly relationsWritten: number;
  /** Offset of the last Z block. */
  readonly directory: number | null;
  /** The next block goes here; what stands behind it is to be cut off. */
  readonly end: number;
  /** Highest position of all frames. */
  readonly position: Lsn;
}

/** Of an empty file. */
export function newWriterStart(meta: CaptureMeta): WriterStart {
  const fullChunks: FullChunk[] = [];
  const indexer = new FrameIndexer(meta.source.plugin, (chunk, zone) => {
    fullChunks.push({ chunk, zone });
  });
  return {
    meta,
    metaEntry: { offset: 0, length: 0 },
    indexer,
    fullChunks,
    index: [],
    notes: [],
    relationsWritten: 0,
    directory: null,
    end: FILE_HEAD_SIZE,
    position: INVALID_LSN,
  };
}
