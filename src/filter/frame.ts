import type { FilterEvent, FilterRow } from './filterEvent';
import type { Value } from './values/value';

/** The change that closures look at, and one of its tables. */
export interface Frame {
  event: Partial<FilterEvent>;
  table: { readonly schema: string; readonly table: string } | undefined;
  row: FilterRow | undefined;
  /** Elements of the lists that quantifiers go through. */
  readonly slots: Value[];
  /** Elements that quantifiers may still look at: lists within lists would take for ever. */
  steps: number;
}

/** For one change; beyond it what a quantifier says is unknown. */
export const MOST_STEPS = 10_000;

/** Undefined: NULL, absent, or computed of such. */
export type Evaluate = (frame: Frame) => Value | undefined;

/** As a condition of SQL: true, false or unknown. */
export type Truth = (frame: Frame) => boolean | undefined;
