import type { RowSelection } from '../shared/viewSpec';
import type { CaptureFile } from './captureFile';
import { CHUNK_MASK, CHUNK_SHIFT } from './indexChunk';
import { SeqBitmap } from './seqBitmap';
import { TX_MASK } from './transactionChunk';
import type { View } from './view';

/** Lines that are asked for together. */
const LINES = 1024;

/**
 * The messages that the chosen lines of a view stand for, each once, in the order of the list: a change
 * or note for itself, a transaction for all its changes that pass.
 */
export async function* selectedRows(
  file: CaptureFile,
  view: View,
  selection: RowSelection,
  pause: () => Promise<void>,
): AsyncGenerator<number> {
  const given = new SeqBitmap();
  for (const { from, to } of selection.ranges) {
    const rows = [await locate(file, view, from), await locate(file, view, to)] as const;
    const last = rows[0] > rows[1] ? from : to;
    let row = Math.min(...rows);
    if (row < 0) continue;
    for (let end = Math.max(...rows) + 1; row < end;) {
      const lines = await view.lines(row, Math.min(LINES, end - row));
      for (const line of lines) {
        if (line.transaction === undefined) {
          if (given.add(line.seq)) yield line.seq;
          continue;
        }
        for await (const seq of changesOf(file, view, line.transaction, pause)) {
          if (given.add(seq)) yield seq;
        }
      }
      await pause();
      // Lines may have come above meanwhile: a transaction that began before has its first change only now.
      const reached = lines.at(-1);
      if (reached === undefined) break;
      row = (await view.locate(reached.seq)) + 1;
      end = (await view.locate(last)) + 1;
    }
  }
}

async function locate(file: CaptureFile, view: View, seq: number): Promise<number> {
  return seq < file.rows ? view.locate(seq) : -1;
}

/** The changes of a transaction that a view shows, in order of arrival. */
async function* changesOf(
  file: CaptureFile,
  view: View,
  transaction: number,
  pause: () => Promise<void>,
): AsyncGenerator<number> {
  const record = await file.transactionChunk(transaction);
  const end = record.lastSeq[transaction & TX_MASK] ?? 0;
  let number = -1;
  let column: Uint8Array | Uint32Array = new Uint32Array();
  let looked = 0;
  for (
    let seq = view.nextVisible(record.firstSeq[transaction & TX_MASK] ?? 0);
    seq >= 0 && seq <= end;
    seq = view.nextVisible(seq + 1)
  ) {
    if (seq >>> CHUNK_SHIFT !== number || (seq & CHUNK_MASK) >= column.length) {
      number = seq >>> CHUNK_SHIFT;
      column = await file.column(number, 'transaction');
    }
    if (column[seq & CHUNK_MASK] === transaction) yield seq;
    if (++looked % 1024 === 0) await pause();
  }
}
