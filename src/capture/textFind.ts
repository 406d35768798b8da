import type { FindResult } from '../shared/readerApi';
import type { CaptureFile } from './captureFile';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, NONE } from './indexChunk';
import type { TextSearch } from './textSearch';
import type { View } from './view';

/** How long one call works before it answers. */
const BUDGET_MS = 150;
/** Rows that are looked at together. */
const STEP_ROWS = 2048;

/**
 * The next or previous message of a view that contains a text. Works for a moment only: `reached` is
 * where to go on. `pause` lets others have their turn.
 */
export async function findText(
  file: CaptureFile,
  view: View,
  search: TextSearch,
  p: { readonly from: number; readonly direction: 'next' | 'previous' },
  pause: () => Promise<void>,
  signal: AbortSignal,
): Promise<FindResult> {
  const deadline = performance.now() + BUDGET_MS;
  const forward = p.direction === 'next';
  let at = forward ? p.from + 1 : Math.min(p.from, file.rows);
  for (;;) {
    signal.throwIfAborted();
    if (forward) {
      const next = view.nextVisible(at);
      at = next < 0 ? Math.max(at, view.evaluated) : next;
      if (next < 0 && view.evaluated >= file.rows) return nothing(at - 1, true);
    } else if (at <= 0) return nothing(0, true);
    else if (at > view.evaluated) {
      // What stands above is not known yet to pass or not.
      if (performance.now() >= deadline) return nothing(at, false);
      await view.extend();
      await pause();
      continue;
    }
    if (performance.now() >= deadline) return nothing(forward ? at - 1 : at, false);
    if (forward && at >= view.evaluated) {
      await view.extend();
      await pause();
      continue;
    }
    const step = forward ? await stepForward(view, search, at) : await stepBack(view, search, at);
    if (step.found >= 0) return found(file, view, step.found);
    at = step.at;
    await pause();
  }
}

interface Step {
  /** -1 where nothing was found. */
  readonly found: number;
  readonly at: number;
}

async function stepForward(view: View, search: TextSearch, at: number): Promise<Step> {
  const number = at >>> CHUNK_SHIFT;
  const base = number * CHUNK_ROWS;
  const first = at & CHUNK_MASK;
  const end = Math.min(view.evaluated - base, CHUNK_ROWS, first + STEP_ROWS);
  const marks = visibleRows(view, base + first, base + end);
  const stop = await search.step(number, first, end, marks);
  const found = marks.subarray(0, stop - first).indexOf(1);
  return { found: found < 0 ? -1 : at + found, at: base + stop };
}

async function stepBack(view: View, search: TextSearch, at: number): Promise<Step> {
  const number = (at - 1) >>> CHUNK_SHIFT;
  const base = number * CHUNK_ROWS;
  const end = at - base;
  const first = Math.max(0, end - STEP_ROWS);
  if (view.visibleBefore(base + first) === view.visibleBefore(at))
    return { found: -1, at: base + first };
  const marks = visibleRows(view, base + first, at);
  for (let row = first; row < end;) {
    row = await search.step(number, row, end, marks.subarray(row - first));
  }
  const found = marks.lastIndexOf(1);
  return { found: found < 0 ? -1 : base + first + found, at: base + first };
}

/** 1 for each row from `first` to `end` that the view shows. */
function visibleRows(view: View, first: number, end: number): Uint8Array {
  return Uint8Array.from({ length: end - first }, (_, i) => (view.isVisible(first + i) ? 1 : 0));
}

async function found(file: CaptureFile, view: View, seq: number): Promise<FindResult> {
  const { transaction } = await file.row(seq);
  return {
    row: await view.locate(seq),
    seq,
    transaction: transaction === NONE ? -1 : transaction,
    reached: seq,
    done: true,
  };
}

function nothing(reached: number, done: boolean): FindResult {
  return { row: -1, seq: -1, transaction: -1, reached, done };
}
