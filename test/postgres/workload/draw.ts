import fc from 'fast-check';

/**
 * A stream of random choices that depends on its seed alone: fast-check makes each value, with its liking
 * for edges, and none is remembered, so that a run may take a million of them.
 */
export class Draw {
  #taken = 0;

  constructor(readonly seed: number) {}

  from<T>(arbitrary: fc.Arbitrary<T>): T {
    // Neighbouring seeds of neighbouring runs must not meet.
    const seed = (Math.imul(this.seed, 0x9e3779b1) + Math.imul(++this.#taken, 0x85ebca6b)) | 0;
    const [value] = fc.sample(arbitrary, { seed, numRuns: 1 });
    return value as T;
  }

  /** Whole numbers from `min` to `max`, both included, all alike. */
  int(min: number, max: number): number {
    return min + this.from(fc.noBias(fc.nat(max - min)));
  }

  /** True so many times out of a hundred. */
  chance(percent: number): boolean {
    return this.int(1, 100) <= percent;
  }

  pick<T>(list: readonly T[]): T {
    const value = list[this.int(0, list.length - 1)];
    if (list.length === 0) throw new Error('nothing to pick from');
    return value as T;
  }

  /** One of the names, by weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.int(
      1,
      entries.reduce((sum, [, weight]) => sum + weight, 0),
    );
    for (const [name, weight] of entries) {
      left -= weight;
      if (left <= 0) return name;
    }
    throw new Error('no weights');
  }

  /** Some of the list, each with a chance of so many percent, in their order. */
  some<T>(list: readonly T[], percent: number): T[] {
    return list.filter(() => this.chance(percent));
  }
}
