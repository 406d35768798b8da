import { OVERVIEW_SERIES } from '../../src/shared/overviewApi';
import type { Overview, OverviewAxis, OverviewRequest } from '../../src/shared/overviewApi';
import type { FakeCapture } from './fakeCapture';
import { BLOCK, changeOfSeq, lsnPlaceOf, timePlaceOf } from './fakeCapture';
import { shopChange } from './showcase';

/** A place where nothing was seen stands after so many changes. */
const GAP_AFTER = 1000;

/** What a reader would answer, of a capture that is computed: bursts, so that there is something to see. */
export function overviewOf(
  { by, window, buckets: most }: OverviewRequest,
  capture: FakeCapture,
): Overview {
  const { changes } = capture;
  const place = placeOf(by);
  const extent = changes === 0 ? undefined : { first: place(0), last: place(changes - 1) };
  const { from, to } = window ?? { from: extent?.first ?? 0, to: (extent?.last ?? 0) + 1 };
  let width = 1;
  while (Math.ceil(to / width) - Math.floor(from / width) > most) width *= 2;
  const first = Math.floor(from / width);
  const buckets = Math.max(1, Math.ceil(to / width) - first);
  const counts = new Uint32Array(buckets * OVERVIEW_SERIES.length);
  const passing = capture.isFiltered ? new Uint32Array(counts.length) : undefined;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = firstAt(place, changes, (first + bucket) * width);
    const end = firstAt(place, changes, (first + bucket + 1) * width);
    for (let residue = 0; residue < BLOCK; residue++) {
      // How many numbers from `start` up to `end` have this residue.
      const count = upTo(end, residue) - upTo(start, residue);
      const { operation } = shopChange(BLOCK * 1000 + residue);
      const at = OVERVIEW_SERIES.indexOf(operation) * buckets + bucket;
      counts[at] = (counts[at] ?? 0) + count;
      if (passing !== undefined && capture.passes(residue)) {
        passing[at] = (passing[at] ?? 0) + count;
      }
    }
  }
  const at = place(GAP_AFTER);
  return {
    by,
    from: first * width,
    width,
    buckets,
    counts,
    ...(passing === undefined ? {} : { passing }),
    ...(extent === undefined ? {} : { extent }),
    gaps:
      changes > GAP_AFTER
        ? [{ from: at, to: at + (by === 'lsn' ? 0x1000 : 0), seq: GAP_AFTER }]
        : [],
    open: 20_000,
    dropped: 3,
    unplaced: 0,
    complete: 1,
  };
}

export function placesOf(p: { by: OverviewAxis; seqs: readonly number[] }): (number | null)[] {
  return p.seqs.map(seq => placeOf(p.by)(changeOfSeq(seq)));
}

function placeOf(by: OverviewAxis): (n: number) => number {
  return by === 'time' ? timePlaceOf : lsnPlaceOf;
}

/** The first change whose place is not lower. */
function firstAt(place: (n: number) => number, changes: number, wanted: number): number {
  let low = 0;
  let high = changes;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (place(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many numbers lower than `n` have this residue. */
function upTo(n: number, residue: number): number {
  return Math.floor(n / BLOCK) + (n % BLOCK > residue ? 1 : 0);
}
