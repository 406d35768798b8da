import type { Mark } from '../../src/shared/marks';
import type { OverviewAxis } from '../../src/shared/overviewApi';
import { readPlace } from './places';
import type { StripMark } from './stripPaint';

/** Where marks were started and stopped. */
export function marksOf(marks: readonly Mark[], by: OverviewAxis): StripMark[] {
  return marks.flatMap(({ from, to }) =>
    [from, ...(to === undefined ? [] : [to])].flatMap(end => {
      const place = readPlace(by, end[by]);
      return place === undefined ? [] : [{ place }];
    }),
  );
}
