import { readRange } from '../../src/shared/commitRange';
import type { OverviewAxis } from '../../src/shared/overviewApi';
import { FILTER_LIMIT, OPERATIONS, TEXT_LIMIT } from '../../src/shared/viewSpec';
import type { ViewSpec } from '../../src/shared/viewSpec';

export type DetailTab = 'row' | 'transaction' | 'bytes' | 'sql' | 'json' | 'relation' | 'history';
/** In the order in which they are shown. */
export const DETAIL_TABS: readonly DetailTab[] = [
  'row',
  'history',
  'transaction',
  'bytes',
  'sql',
  'json',
  'relation',
];

export interface OverviewState {
  readonly shown: boolean;
  readonly by: OverviewAxis;
  /** What is looked at; undefined: all there is. */
  readonly window: { readonly from: number; readonly to: number } | undefined;
}

/** Where the panel was: navigation and layout, never data. Kept by VS Code while it is hidden. */
export interface SavedState {
  readonly version: 1;
  /** The capture that the page shows (`data-capture` of its body): messages are numbered within it. */
  readonly capture: string;
  readonly spec: ViewSpec;
  /** The filter takes expressions, also while it is empty. */
  readonly expression: boolean;
  readonly follow: boolean;
  /** Message number of the selected row, -1 for none. */
  readonly selected: number;
  /** Messages at the ends of the ranges of chosen rows. */
  readonly chosen: readonly { readonly from: number; readonly to: number }[];
  /** Transactions that are open, the latest last. */
  readonly opened: readonly number[];
  /** Message number of the first row in sight, -1 when unknown. */
  readonly anchor: number;
  readonly tab: DetailTab;
  /** What the second part of the split shows; one that is not known is the detail. */
  readonly pane: string;
  /** The strip above the list. */
  readonly overview: OverviewState;
  readonly split: {
    readonly beside: boolean;
    /** Share of the list, 0 to 1. */
    readonly size: number;
  };
}

export const FRESH_STATE: SavedState = {
  version: 1,
  capture: '',
  spec: { grouping: 'transactions', operations: [], tables: [], text: '' },
  expression: false,
  follow: true,
  selected: -1,
  chosen: [],
  opened: [],
  anchor: -1,
  tab: 'row',
  pane: 'detail',
  overview: { shown: true, by: 'time', window: undefined },
  split: { beside: false, size: 0.6 },
};

/** What the page shows. */
export interface ShownCapture {
  readonly capture: string;
  /** Nothing more comes: it is read from its beginning, as any file. */
  readonly isFile: boolean;
}

/** Reads what an older or newer version, or nobody, may have left: anything unknown is the default. */
export function readSavedState(value: unknown, { capture, isFile }: ShownCapture): SavedState {
  if (!isRecord(value) || value.version !== 1) return { ...FRESH_STATE, capture, follow: !isFile };
  // Another capture in the same panel keeps the layout and the filter, not the places.
  const same = value.capture === capture;
  const spec = isRecord(value.spec) ? value.spec : {};
  const split = isRecord(value.split) ? value.split : {};
  const filter = typeof spec.filter === 'string' ? spec.filter.slice(0, FILTER_LIMIT) : '';
  // A range is a place, too.
  const range = same ? readRange(spec.range) : undefined;
  return {
    version: 1,
    capture,
    spec: {
      grouping: spec.grouping === 'flat' ? 'flat' : 'transactions',
      operations: OPERATIONS.filter(operation => strings(spec.operations).includes(operation)),
      tables: strings(spec.tables),
      text: typeof spec.text === 'string' ? spec.text.slice(0, TEXT_LIMIT) : '',
      ...(filter === '' ? {} : { filter }),
      ...(range === undefined ? {} : { range }),
    },
    expression: value.expression === true,
    follow: same ? value.follow !== false : !isFile,
    selected: same ? seqOf(value.selected) : -1,
    chosen: same ? rangesOf(value.chosen) : [],
    opened: same ? seqsOf(value.opened) : [],
    anchor: same ? seqOf(value.anchor) : -1,
    tab: DETAIL_TABS.find(tab => tab === value.tab) ?? FRESH_STATE.tab,
    overview: overviewOf(value.overview, same),
    pane: typeof value.pane === 'string' ? value.pane.slice(0, 40) : FRESH_STATE.pane,
    split: {
      beside: split.beside === true,
      size:
        typeof split.size === 'number' && split.size > 0 && split.size < 1
          ? split.size
          : FRESH_STATE.split.size,
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}

function seqOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : -1;
}

function seqsOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(seqOf).filter(seq => seq >= 0) : [];
}

function rangesOf(value: unknown): { from: number; to: number }[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter(isRecord)
    .map(range => ({ from: seqOf(range.from), to: seqOf(range.to) }))
    .filter(({ from, to }) => from >= 0 && to >= from);
}

function overviewOf(value: unknown, same: boolean): OverviewState {
  if (!isRecord(value)) return FRESH_STATE.overview;
  const window = same && isRecord(value.window) ? value.window : {};
  const { from, to } = window;
  const isWindow =
    Number.isSafeInteger(from) && Number.isSafeInteger(to) && (from as number) < (to as number);
  return {
    shown: value.shown !== false,
    by: value.by === 'lsn' ? 'lsn' : 'time',
    window: isWindow ? { from: from as number, to: to as number } : undefined,
  };
}
