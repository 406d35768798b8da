import { CaptureFile } from '../capture/captureFile';
import { nodeFiles } from '../capture/fileAccess';
import { RelationCatalog } from '../capture/relationCatalog';
import { View } from '../capture/view';
import type { ExportResult, ReaderEvents } from '../shared/readerApi';
import type { ExportSource } from './exportRows';
import { exportRows } from './exportRows';

export interface RedactRequest {
  readonly path: string;
  readonly replace: boolean;
  /** Patterns of columns, beside those that are masked in the source anyway. */
  readonly mask: readonly string[];
  readonly hidesSource: boolean;
}

/**
 * Writes a copy of what a capture holds at this moment, without the values of masked columns and without
 * what was seen of who wrote: they are gone for good there. As {@link exportRows} otherwise.
 */
export async function redactedCopy(
  source: Pick<ExportSource, 'path' | 'file'>,
  { mask, ...request }: RedactRequest,
  signal: AbortSignal,
  onProgress: (progress: ReaderEvents['exportProgress']) => void,
): Promise<ExportResult> {
  const patterns = [...source.file.mask.patterns, ...mask];
  // Another file object: the one that is shown keeps its own mask.
  const file = await CaptureFile.open(nodeFiles, source.path, undefined, patterns);
  try {
    const catalog = new RelationCatalog(file);
    const spec = { grouping: 'flat', operations: [], tables: [], text: '' } as const;
    const view = new View(1, spec, file, catalog);
    const parts = { path: source.path, file, catalog, view };
    const all = { ...request, format: 'capture', scope: 'all' } as const;
    return await exportRows(parts, all, signal, onProgress);
  } finally {
    await file.close();
  }
}
