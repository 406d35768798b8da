import { formatPlural } from '../base/quantity';
import { visibleText } from '../base/visibleText';
import type { ComparedColumn, ComparedStep } from '../shared/marks';
import type { MarkedChange, MarkedColumn, MarkedContent } from './markedChanges';
import { changeLine, changeName, stepText, valueText } from './markText';

/** Types of times and of identifiers that are new each time: uuid (src/include/catalog/pg_type.dat). */
const VARYING_TYPES = new Set([1082, 1083, 1114, 1184, 1266, 2950]);

/** What two marks have in common, and what not, in order. */
export interface ComparedContent {
  readonly steps: readonly ComparedStep[];
  readonly summary: string;
}

/**
 * Compares what two clicks wrote. Changes are aligned by operation and table, in order (the longest common
 * sequence). Of two that belong together, keys, times and UUIDs are expected to differ, and so is a value that
 * stands for a key that differs, such as a foreign key; any other difference is one.
 */
export function compareMarked(a: MarkedContent, b: MarkedContent): ComparedContent {
  const [left, right] = [changesOf(a), changesOf(b)];
  const pairs = align(left.map(changeName), right.map(changeName));
  const renamed = renamedKeys(pairs, left, right);
  const steps = pairs.map(([i, j]): ComparedStep => {
    const [one, other] = [left[i], right[j]];
    if (one !== undefined && other !== undefined) return pairStep(one, other, renamed);
    const only = one ?? other;
    return {
      kind: one === undefined ? 'onlyB' : 'onlyA',
      what: only === undefined ? '' : changeName(only),
      text: only === undefined ? '' : changeLine(only),
      seqA: one?.seq ?? -1,
      seqB: other?.seq ?? -1,
      columns: [],
      varying: [],
    };
  });
  return { steps, summary: summaryOf(steps, a, b) };
}

function changesOf({ transactions }: MarkedContent): readonly MarkedChange[] {
  return transactions.flatMap(({ changes }) => changes);
}

/** Pairs of indices in order; -1 where the other side has no such step. */
function align(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const width = b.length + 1;
  // lengths[i * width + j]: of the longest common sequence of a from i on and b from j on.
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? 1 + (lengths[(i + 1) * width + j + 1] ?? 0)
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) pairs.push([i++, j++]);
    else if (
      j >= b.length ||
      (i < a.length && (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      pairs.push([i++, -1]);
    } else pairs.push([-1, j++]);
  }
  return pairs;
}

/** Values of keys that are another one each time, as pairs: they may come again as foreign keys. */
function renamedKeys(
  pairs: readonly (readonly [number, number])[],
  left: readonly MarkedChange[],
  right: readonly MarkedChange[],
): ReadonlySet<string> {
  const renamed = new Set<string>();
  for (const [i, j] of pairs) {
    const [one, other] = [left[i], right[j]];
    if (one === undefined || other === undefined) continue;
    for (const [a, b] of columnPairs(one, other)) {
      if (a?.key === true && b?.key === true) renamed.add(pairName(stepText(a), stepText(b)));
    }
  }
  return renamed;
}

const pairName = (a: string, b: string): string => `${a}\u0000${b}`;

/** By name: a column may have been added between the two. */
function columnPairs(
  one: MarkedChange,
  other: MarkedChange,
): readonly (readonly [MarkedColumn | undefined, MarkedColumn | undefined])[] {
  const byName = new Map(other.columns.map(column => [column.name, column]));
  const pairs = one.columns.map(column => [column, byName.get(column.name)] as const);
  const known = new Set(one.columns.map(({ name }) => name));
  const added = other.columns.filter(({ name }) => !known.has(name));
  return [...pairs, ...added.map(column => [undefined, column] as const)];
}

function pairStep(
  one: MarkedChange,
  other: MarkedChange,
  renamed: ReadonlySet<string>,
): ComparedStep {
  const columns: ComparedColumn[] = [];
  const varying: ComparedColumn[] = [];
  for (const [a, b] of columnPairs(one, other)) {
    const [textA, textB] = [sideText(a, one), sideText(b, other)];
    if (textA === textB) continue;
    const compared = { column: visibleText(a?.name ?? b?.name ?? ''), a: textA, b: textB };
    if (isVarying(a, b, renamed)) varying.push(compared);
    else columns.push(compared);
  }
  if (one.columns.length === 0 && one.text !== other.text) {
    columns.push({ column: 'content', a: visibleText(one.text), b: visibleText(other.text) });
  }
  return {
    kind: columns.length === 0 ? 'same' : 'different',
    what: changeName(one),
    text: changeLine(one),
    seqA: one.seq,
    seqB: other.seq,
    columns,
    varying,
  };
}

/** What a change says of a column: of an update only what it changed, as `'new' → 'paid'`. */
function sideText(column: MarkedColumn | undefined, { operation }: MarkedChange): string {
  if (column === undefined) return '';
  const { before, after, changed, key, typeOid } = column;
  if (operation === 'update' && !key && before.kind !== 'absent') {
    return changed ? stepText(column) : '';
  }
  if (operation === 'delete') return valueText(before, typeOid);
  return key && !changed ? valueText(after, typeOid) : stepText(column);
}

function isVarying(
  a: MarkedColumn | undefined,
  b: MarkedColumn | undefined,
  renamed: ReadonlySet<string>,
): boolean {
  // A column that only one of them changes, or has, is no value that differs.
  if (a === undefined || b === undefined || a.changed !== b.changed) return false;
  if (a.after.kind !== b.after.kind) return false;
  if (a.key && b.key) return true;
  if (VARYING_TYPES.has(a.typeOid)) return true;
  return (
    renamed.has(pairName(valueText(a.after, a.typeOid), valueText(b.after, b.typeOid))) ||
    renamed.has(pairName(stepText(a), stepText(b)))
  );
}

function summaryOf(steps: readonly ComparedStep[], a: MarkedContent, b: MarkedContent): string {
  const count = (kind: ComparedStep['kind']): number =>
    steps.filter(step => step.kind === kind).length;
  const [one, other] = [a.total, b.total];
  const parts = [
    count('onlyA') === 0 ? '' : `${formatPlural(count('onlyA'), 'step')} only in the first`,
    count('onlyB') === 0 ? '' : `${formatPlural(count('onlyB'), 'step')} only in the second`,
    count('different') === 0 ? '' : `${formatPlural(count('different'), 'step')} with other values`,
    one === other
      ? ''
      : `${formatPlural(one, 'transaction')} in the first and ${String(other)} in the second`,
  ].filter(part => part !== '');
  const same = `${formatPlural(count('same'), 'step')} the same`;
  if (parts.length > 0) return `${[...parts, same].join(', ')}.`;
  if (steps.length === 0) return 'Neither wrote anything.';
  return `Both wrote the same ${formatPlural(steps.length, 'step')}, in the same order.`;
}
