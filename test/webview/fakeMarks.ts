import type { ComparedStep, MarkComparison, MarkFacts } from '../../src/shared/marks';

const place = (n: number): { lsn: string; time: string } => ({
  lsn: `0/16B${(0x6000 + n * 0x120).toString(16).toUpperCase()}`,
  time: `2026-11-20T13:0${String(n % 10)}:00.123456Z`,
});

/** Marks as a host has them, with counts that the tests know. */
export class FakeMarks {
  list: readonly MarkFacts[] = [];
  revision = 0;
  #next = 1;

  start(): MarkFacts {
    const id = this.#next++;
    const name = `Mark ${String(id)}`;
    const mark = { id, name, from: place(2 * id), transactions: 0, changes: 0 };
    return this.#put(mark);
  }

  stop(): MarkFacts {
    const open = this.list.find(({ to }) => to === undefined);
    if (open === undefined) throw new Error('There is no mark to stop.');
    return this.#put({ ...open, to: place(2 * open.id + 1), transactions: 3, changes: 12 });
  }

  rename(id: number, name: string): void {
    const mark = this.list.find(mark => mark.id === id);
    if (mark !== undefined) this.#put({ ...mark, name });
  }

  remove(id: number): void {
    this.list = this.list.filter(mark => mark.id !== id);
    this.revision++;
  }

  compare(a: number, b: number): MarkComparison {
    const [one, other] = [this.#of(a), this.#of(b)];
    return {
      a: one,
      b: other,
      steps: STEPS,
      summary: '1 step only in the second, 1 step with other values, 1 step the same.',
      left: 0,
    };
  }

  #of(id: number): MarkFacts {
    const found = this.list.find(mark => mark.id === id);
    if (found === undefined) throw new Error('There is no such mark.');
    return found;
  }

  #put(mark: MarkFacts): MarkFacts {
    const others = this.list.filter(({ id }) => id !== mark.id);
    this.list = [...others, mark].sort((x, y) => x.id - y.id);
    this.revision++;
    return mark;
  }
}

const STEPS: readonly ComparedStep[] = [
  {
    kind: 'same',
    what: 'INSERT public.orders',
    text: `INSERT public.orders id=918: status 'new', total 12.50`,
    seqA: 1,
    seqB: 21,
    columns: [],
    varying: [{ column: 'id', a: '918', b: '919' }],
  },
  {
    kind: 'different',
    what: 'UPDATE public.orders',
    text: `UPDATE public.orders id=918: status 'new' → 'paid'`,
    seqA: 2,
    seqB: 22,
    columns: [{ column: 'status', a: `'new' → 'paid'`, b: `'new' → 'failed'` }],
    varying: [{ column: 'id', a: '918', b: '919' }],
  },
  {
    kind: 'onlyB',
    what: 'INSERT public.errors',
    text: `INSERT public.errors id=1: note '<script>alert(1)</script>'`,
    seqA: -1,
    seqB: 23,
    columns: [],
    varying: [],
  },
];
