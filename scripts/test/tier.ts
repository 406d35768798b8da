/** What one tier of `npm test` found. */
export interface TierResult {
  readonly passed: number;
  readonly failed: number;
  /** Something to say beside the numbers; empty when there is nothing. */
  readonly note: string;
  /** What failed, each with its reason, where the tier knows them: repeated at the end of the run. */
  readonly failures?: readonly string[];
}

export interface Tier {
  readonly name: string;
  /** It waits for servers much of its time: what later tiers need is fetched meanwhile. */
  readonly waits?: boolean;
  /** Fetches what the tier needs, where that is not there yet; {@link run} does it as well. */
  fetch?(): Promise<void>;
  run(): Promise<TierResult>;
}

/** A tier that ran nothing proves nothing: it counts as one failure. */
export function demandTests(result: TierResult): TierResult {
  return result.passed + result.failed > 0
    ? result
    : { passed: 0, failed: 1, note: 'no test was run' };
}
