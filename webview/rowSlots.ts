/** Elements move where so many rows come at most: two cost less to move than all others to fill anew. */
const FEW = 2;

/**
 * Which of its elements a list draws each row with. Elements are used again: one whose row left takes a row
 * that came, which costs the texts of its cells and not an element that is made, laid out and thrown away.
 *
 * Where few rows come, the others keep their elements, and those used again move to the other end. Where
 * more come, no element moves: each one stays where it is and gets another row.
 */
export class RowSlots {
  #slots: ReadonlyMap<number, number> = new Map();
  #made = 0;

  /**
   * The slots of these rows, in their order. `kept` is the row that keeps its element in any case, as long as
   * it is among the rows: assistive technology knows it by that.
   */
  of(rows: readonly number[], kept: number): readonly number[] {
    const before = this.#slots;
    const few = rows.filter(row => !before.has(row)).length <= FEW;
    const next = new Map<number, number>();
    for (const row of rows) {
      const slot = few || row === kept ? before.get(row) : undefined;
      if (slot !== undefined) next.set(row, slot);
    }
    const taken = new Set(next.values());
    const free = [...before.values()].filter(slot => !taken.has(slot));
    let used = 0;
    const slots = rows.map(row => next.get(row) ?? free[used++] ?? this.#made++);
    this.#slots = new Map(rows.map((row, at) => [row, slots[at] ?? 0]));
    return slots;
  }
}
