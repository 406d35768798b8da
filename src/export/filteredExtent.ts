import type { CaptureFile } from '../capture/captureFile';
import { NONE } from '../capture/indexChunk';
import type { RelationCatalog } from '../capture/relationCatalog';
import { SeqBitmap } from '../capture/seqBitmap';
import { View } from '../capture/view';

/**
 * What of a capture passes an expression, for {@link FilteredFrames}. `pause` is called between two pieces
 * of work.
 */
export async function filteredExtent(
  file: CaptureFile,
  catalog: RelationCatalog,
  filter: string,
  signal: AbortSignal,
  pause?: () => Promise<void>,
): Promise<{ readonly included: SeqBitmap; readonly transactions: SeqBitmap }> {
  const spec = { grouping: 'flat', operations: [], tables: [], text: '', filter } as const;
  const view = new View(1, spec, file, catalog);
  while (view.evaluated < file.rows && !signal.aborted) {
    await view.extend();
    await pause?.();
  }
  const included = new SeqBitmap();
  const transactions = new SeqBitmap();
  for (let seq = view.nextVisible(0); seq >= 0; seq = view.nextVisible(seq + 1)) {
    await pause?.();
    included.add(seq);
    const { transaction } = await file.row(seq);
    if (transaction !== NONE) transactions.add(transaction);
  }
  return { included, transactions };
}
