import type { Corpus } from './corpus';
import type { Random } from './random';

/** Something that reads what others wrote, with a way to give it damaged input. */
export interface FuzzTarget {
  readonly name: string;
  /** How often this one is chosen, against the others. */
  readonly weight: number;
  /** Throws where the reader does what it must not: crash, read too far, give out more than there was. */
  run(random: Random, corpus: Corpus): void | Promise<void>;
}

export function expectThat(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}
