import { SELECTION_LIMIT } from '../../src/shared/viewSpec';
import type { ChoiceKind } from '../virtualList';

/** Rows from `first` to `last`, both included, with the messages they stand for. */
export interface ChosenRange {
  readonly first: number;
  readonly last: number;
  /** Message numbers of the first and the last row; -1 while they are not loaded. */
  readonly from: number;
  readonly to: number;
}

/** Gives the message of a row, -1 while it is not loaded. */
export type MessageOfRow = (index: number) => number;

/**
 * The chosen rows of the list, as ranges that neither overlap nor touch, in ascending order. Rows are
 * known by their place; the messages at the ends of each range find them again in another view.
 */
export class ChosenRows {
  readonly #messageOf: MessageOfRow;
  #ranges: readonly ChosenRange[] = [];
  /** Where a choice of many rows begins. */
  #anchor = -1;

  constructor(messageOf: MessageOfRow) {
    this.#messageOf = messageOf;
  }

  get ranges(): readonly ChosenRange[] {
    return this.#ranges;
  }

  get count(): number {
    return this.#ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  has(index: number): boolean {
    return this.#ranges.some(({ first, last }) => index >= first && index <= last);
  }

  choose(index: number, kind: ChoiceKind): void {
    if (index < 0) return;
    if (kind === 'extend' && this.#anchor >= 0) {
      this.#set([[Math.min(this.#anchor, index), Math.max(this.#anchor, index)]]);
      return;
    }
    this.#anchor = index;
    if (kind === 'toggle') this.#toggle(index);
    else this.#set([[index, index]]);
  }

  chooseAll(rows: number): void {
    if (rows === 0) return;
    this.#anchor = 0;
    this.#set([[0, rows - 1]]);
  }

  clear(): void {
    this.#ranges = [];
    this.#anchor = -1;
  }

  /** Takes over ranges that were found again in another view. */
  place(ranges: readonly ChosenRange[]): void {
    this.#ranges = joined(ranges);
    this.#anchor = this.#ranges[0]?.first ?? -1;
  }

  /** Rows were loaded: the ends of ranges get their messages. */
  name(): void {
    if (this.#ranges.every(({ from, to }) => from >= 0 && to >= 0)) return;
    this.#ranges = this.#ranges.map(range => ({
      ...range,
      from: range.from >= 0 ? range.from : this.#messageOf(range.first),
      to: range.to >= 0 ? range.to : this.#messageOf(range.last),
    }));
  }

  #toggle(index: number): void {
    const pairs = this.#ranges.map(({ first, last }): [number, number] => [first, last]);
    const hit = pairs.findIndex(([first, last]) => index >= first && index <= last);
    const range = pairs[hit];
    if (range === undefined) {
      if (pairs.length < SELECTION_LIMIT) pairs.push([index, index]);
    } else {
      const [first, last] = range;
      const parts: [number, number][] = [
        [first, index - 1],
        [index + 1, last],
      ];
      pairs.splice(hit, 1, ...parts.filter(([from, to]) => from <= to));
    }
    this.#set(pairs);
  }

  #set(pairs: readonly (readonly [number, number])[]): void {
    const known = new Map<number, number>();
    for (const { first, last, from, to } of this.#ranges) known.set(first, from).set(last, to);
    const messageOf = (index: number): number => {
      const loaded = this.#messageOf(index);
      return loaded >= 0 ? loaded : (known.get(index) ?? -1);
    };
    this.#ranges = joined(
      pairs.map(([first, last]) => ({ first, last, from: messageOf(first), to: messageOf(last) })),
    );
  }
}

function joined(ranges: readonly ChosenRange[]): ChosenRange[] {
  const out: ChosenRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = out.at(-1);
    if (before === undefined || range.first > before.last + 1) out.push(range);
    else if (range.last > before.last) {
      out[out.length - 1] = { ...before, last: range.last, to: range.to };
    }
  }
  return out;
}
