import type { CanonicalGap, CanonicalTransaction } from './canonicalLines';
import type { OracleTransaction } from './oracle';

/** What is wrong with what we wrote; all empty when nothing is. */
export interface Findings {
  /** Transactions that are not there, though no gap says so, with where each ended. */
  readonly lost: readonly string[];
  /** Transactions that are there more than once. */
  readonly repeated: readonly number[];
  /** Transactions that nobody committed, or that a gap says to be missing. */
  readonly invented: readonly number[];
  /** Transactions whose changes are others, the first difference of each. */
  readonly different: readonly string[];
  /** They are all there, and in another order than the oracle's. */
  readonly disordered: boolean;
}

export const NO_FINDINGS: Findings = {
  lost: [],
  repeated: [],
  invented: [],
  different: [],
  disordered: false,
};

/** Compares by number, order and values: everything once, but for what ended within a gap. */
export function compare(
  printed: readonly CanonicalTransaction[],
  oracle: readonly OracleTransaction[],
  gaps: readonly CanonicalGap[] = [],
): Findings {
  const missing = ({ endLsn }: OracleTransaction): boolean =>
    gaps.some(({ from, to }) => endLsn > from && endLsn <= to);
  const expected = oracle.filter(transaction => !missing(transaction));
  const byXid = new Map<number, CanonicalTransaction>();
  const repeated: number[] = [];
  for (const transaction of printed) {
    if (byXid.has(transaction.xid)) repeated.push(transaction.xid);
    byXid.set(transaction.xid, transaction);
  }
  const expectedXids = new Set(expected.map(({ xid }) => xid));
  return {
    lost: expected
      .filter(({ xid }) => !byXid.has(xid))
      .map(({ xid, endLsn }) => `${String(xid)} at ${formatPosition(endLsn)}`),
    repeated,
    invented: [...byXid.keys()].filter(xid => !expectedXids.has(xid)),
    different: expected.flatMap(transaction =>
      differenceOf(transaction, byXid.get(transaction.xid)),
    ),
    disordered:
      [...byXid.keys()].filter(xid => expectedXids.has(xid)).join() !==
      expected
        .map(({ xid }) => xid)
        .filter(xid => byXid.has(xid))
        .join(),
  };
}

function differenceOf(
  expected: CanonicalTransaction,
  actual: CanonicalTransaction | undefined,
): string[] {
  if (actual === undefined) return [];
  const length = Math.max(expected.changes.length, actual.changes.length);
  for (let n = 0; n < length; n++) {
    if (expected.changes[n] === actual.changes[n]) continue;
    const cut = (text: string | undefined): string => text?.slice(0, 300) ?? 'nothing';
    return [
      `${String(expected.xid)} #${String(n)}: ${cut(actual.changes[n])}, expected ${cut(expected.changes[n])}`,
    ];
  }
  return [];
}

export function formatPosition(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}
