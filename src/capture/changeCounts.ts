import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { Operation } from '../shared/viewSpec';

/** Operations that belong to a table, in the order of the columns. */
const TABLE_LETTERS: readonly number[] = [
  MessageLetter.insert,
  MessageLetter.update,
  MessageLetter.delete,
  MessageLetter.truncate,
];

/** How many changes of each operation each relation version has; what the filter chips show. */
export class ChangeCounts {
  #counts = new Float64Array(4 * 16);
  #versions = 0;
  #messages = 0;
  #withoutTable = 0;

  /** `relation` is negative for a change whose table is not known. */
  add(letter: number, relation: number): void {
    if (letter === MessageLetter.message) {
      this.#messages++;
      return;
    }
    const column = TABLE_LETTERS.indexOf(letter);
    if (column < 0) return;
    if (relation < 0) {
      this.#withoutTable++;
      return;
    }
    if (relation >= this.#versions) this.#grow(relation + 1);
    const at = relation * 4 + column;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** Changes of a relation version. */
  ofRelation(version: number): number {
    let sum = 0;
    for (let i = 0; i < 4; i++) sum += this.#counts[version * 4 + i] ?? 0;
    return sum;
  }

  byOperation(): Record<Operation, number> {
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < this.#versions * 4; i++) {
      sums[i & 3] = (sums[i & 3] ?? 0) + (this.#counts[i] ?? 0);
    }
    const [insert = 0, update = 0, del = 0, truncate = 0] = sums;
    return { insert, update, delete: del, truncate, message: this.#messages };
  }

  toJson(): readonly number[] {
    return [this.#messages, this.#withoutTable, ...this.#counts.subarray(0, this.#versions * 4)];
  }

  restore(json: readonly number[]): void {
    const [messages = 0, withoutTable = 0, ...counts] = json;
    this.#messages = messages;
    this.#withoutTable = withoutTable;
    this.#grow(counts.length >>> 2);
    this.#counts.set(counts.slice(0, this.#versions * 4));
  }

  #grow(versions: number): void {
    this.#versions = versions;
    if (versions * 4 <= this.#counts.length) return;
    const counts = new Float64Array(versions * 8);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}
