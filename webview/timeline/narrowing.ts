import type { CommitRange, ViewSpec } from '../../src/shared/viewSpec';
import type { Facets } from '../../src/shared/readerApi';
import { visibleText } from '../../src/base/visibleText';
import { formatClock, formatCount } from '../formats';
import { qualified } from './rowCells';

/** One thing that narrows the list, and the list without it. */
export interface Narrowing {
  readonly id: 'text' | 'filter' | 'operations' | 'tables' | 'range';
  readonly label: string;
  /** The whole of it, where the label is short. */
  readonly title: string;
  /** Drawn as data: an expression, or names of the database. */
  readonly code: boolean;
  readonly without: ViewSpec;
}

/** The same grouping, and everything. */
export function unfiltered({ grouping }: ViewSpec): ViewSpec {
  return { grouping, operations: [], tables: [], text: '' };
}

export function isNarrowed(spec: ViewSpec): boolean {
  const { operations, tables, text, filter = '', range } = spec;
  return (
    operations.length > 0 ||
    tables.length > 0 ||
    text !== '' ||
    filter !== '' ||
    range !== undefined
  );
}

/** The spec with another expression; an empty one is none. */
export function withFilter({ filter: _, ...rest }: ViewSpec, filter: string): ViewSpec {
  return filter === '' ? rest : { ...rest, filter };
}

/** The spec with another range. */
export function withRange(
  { range: _, ...rest }: ViewSpec,
  range: CommitRange | undefined,
): ViewSpec {
  return range === undefined ? rest : { ...rest, range };
}

/** What narrows the list, in the order in which it is told. */
export function narrowingsOf(spec: ViewSpec, facets: Facets | undefined, now: Date): Narrowing[] {
  const found: Narrowing[] = [];
  const { filter = '', range } = spec;
  if (filter !== '') {
    const title = visibleText(filter);
    found.push({ id: 'filter', label: title, title, code: true, without: withFilter(spec, '') });
  }
  if (spec.text !== '') {
    const title = `contains “${visibleText(spec.text)}”`;
    found.push({ id: 'text', label: title, title, code: false, without: { ...spec, text: '' } });
  }
  if (spec.operations.length > 0) {
    const title = spec.operations.join(', ');
    const without = { ...spec, operations: [] };
    found.push({ id: 'operations', label: title, title, code: false, without });
  }
  if (spec.tables.length > 0) {
    const names = spec.tables.map(id => tableName(id, facets));
    const title = names.join(', ');
    const label = names.length > 3 ? `${formatCount(names.length)} tables` : title;
    found.push({ id: 'tables', label, title, code: true, without: { ...spec, tables: [] } });
  }
  if (range !== undefined) {
    const { label, title } = rangeWords(range, now);
    found.push({ id: 'range', label, title, code: false, without: withRange(spec, undefined) });
  }
  return found;
}

function tableName(id: string, facets: Facets | undefined): string {
  const table = facets?.tables.find(t => t.id === id);
  return visibleText(table === undefined ? id : qualified(table.schema, table.table));
}

function rangeWords(range: CommitRange, now: Date): { label: string; title: string } {
  const word = (end: string): string => (range.by === 'time' ? formatClock(end, now) : end);
  const { from, to } = range;
  const span = (show: (end: string) => string): string => {
    if (from === undefined) return to === undefined ? '' : `before ${show(to)}`;
    return to === undefined ? `from ${show(from)}` : `${show(from)} – ${show(to)}`;
  };
  return {
    label: `committed ${span(word)}`,
    title: `Transactions that were committed ${span(end => end)}`,
  };
}
