import process from 'node:process';
import type { Corpus } from './corpus';
import { Random } from './random';
import type { FuzzTarget } from './target';
import { captureTarget } from './targets/capture';
import { framesTarget } from './targets/frames';
import { messageTarget } from './targets/message';
import { streamTarget } from './targets/stream';
import { textsTarget } from './targets/texts';
import { valuesTarget } from './targets/values';

export const TARGETS: readonly FuzzTarget[] = [
  messageTarget,
  valuesTarget,
  streamTarget,
  framesTarget,
  textsTarget,
  captureTarget,
];

/** A case takes milliseconds; one that takes this much of the processor has lost its bound. */
const MOST_CPU_MS = 5_000;

export interface FuzzTotals {
  readonly cases: number;
  readonly byTarget: ReadonlyMap<string, number>;
  readonly slowest: { readonly number: number; readonly ms: number };
}

export interface FuzzRange {
  readonly corpus: Corpus;
  readonly targets: readonly FuzzTarget[];
  /** Number of the first case: the seed of its damages. */
  readonly from: number;
  readonly cases: number;
  /** Told before each case. */
  readonly onCase?: (number: number) => void;
}

/** A case in which a reader did what it must not. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';

  constructor(number: number, target: FuzzTarget, cause: unknown) {
    const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    super(`case ${number} (${target.name}): ${what}`, { cause });
  }
}

/** Runs cases by number; the same numbers are the same cases. Throws {@link FuzzFailure} at the first bad one. */
export async function fuzz({
  corpus,
  targets,
  from,
  cases,
  onCase,
}: FuzzRange): Promise<FuzzTotals> {
  const wheel = targets.flatMap(target => Array.from({ length: target.weight }, () => target));
  const byTarget = new Map<string, number>();
  let slowest = { number: from, ms: 0 };
  for (let number = from; number < from + cases; number++) {
    onCase?.(number);
    const random = new Random(number);
    const target = random.of(wheel);
    const before = process.cpuUsage();
    try {
      await target.run(random, corpus);
    } catch (cause) {
      throw new FuzzFailure(number, target, cause);
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms > slowest.ms) slowest = { number, ms };
    if (ms > MOST_CPU_MS) throw new FuzzFailure(number, target, new Error(`it took ${ms} ms`));
    byTarget.set(target.name, (byTarget.get(target.name) ?? 0) + 1);
  }
  return { cases, byTarget, slowest };
}
