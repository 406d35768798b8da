import type { ColumnId, TimelineLayout } from '../../src/shared/timelineLayout';

/** A column of the list. */
export interface ColumnDefinition {
  readonly id: ColumnId;
  /** Class of its cells. */
  readonly key: string;
  readonly title: string;
  /** What it is called where there is room for words. */
  readonly name: string;
  /** Its share of the width where the user chose none, as a track of a CSS grid. */
  readonly track: string;
  /** The least of that, as a CSS length: so many characters and pixels. */
  readonly least: string;
  readonly characters: number;
  readonly pixels: number;
  /** Shown unless the user hides it, hidden unless the user shows it, or never hidden. */
  readonly shown: boolean | 'always';
}

/** All columns, in the order in which they stand. */
export const COLUMNS: readonly ColumnDefinition[] = [
  fixed('seq', 'seq', '#', 'Number (#)', 10.5, 'always', 22),
  fixed('lsn', 'lsn', 'LSN', 'LSN', 14, true),
  fixed('committed', 'time', 'Committed', 'Committed', 16.5, true),
  fixed('lasted', 'lasted', 'Took', 'How long it took at least', 9, false),
  fixed('xid', 'xid', 'xid', 'Transaction id (xid)', 11.5, true),
  fixed('who', 'who', 'Who', 'Who wrote it', 18, false),
  fixed('operation', 'op', 'Op', 'Operation', 3.5, true),
  shared('table', 'table', 'Table', 12, 1, true),
  shared('key', 'key', 'Key', 11, 1, true),
  // Whatever is left goes to what changed; table and key share it where there is plenty.
  shared('changed', 'what', 'What changed', 20, 4, 'always'),
  fixed('size', 'size', 'Size', 'Size of the message', 9, false),
];

/** Narrowest and widest column, in pixels. */
export const NARROWEST = 24;
export const WIDEST = 2000;

/** How the columns are shown: what the user chose, over the defaults. */
export interface ShownColumn {
  readonly column: ColumnDefinition;
  readonly shown: boolean;
  /** In pixels; 0 where the user chose none. */
  readonly width: number;
}

export type Columns = readonly ShownColumn[];

export const DEFAULT_COLUMNS: Columns = COLUMNS.map(column => ({
  column,
  shown: column.shown !== false,
  width: 0,
}));

/** What was stored, where it still makes sense. */
export function columnsOf(layout: TimelineLayout | undefined): Columns {
  return DEFAULT_COLUMNS.map(byDefault => {
    const stored = layout?.columns.find(({ id }) => id === byDefault.column.id);
    if (stored === undefined) return byDefault;
    const { column } = byDefault;
    return {
      column,
      shown: column.shown === 'always' || stored.shown,
      width: stored.width > 0 ? clampWidth(stored.width) : 0,
    };
  });
}

export function layoutOf(columns: Columns): TimelineLayout {
  return {
    version: 1,
    columns: columns.map(({ column, shown, width }) => ({ id: column.id, shown, width })),
  };
}

export function clampWidth(width: number): number {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
}

/** The same columns with one of them changed. */
export function withColumn(
  columns: Columns,
  id: ColumnId,
  change: { readonly shown?: boolean; readonly width?: number },
): Columns {
  return columns.map(shown =>
    shown.column.id !== id
      ? shown
      : {
          column: shown.column,
          shown: shown.column.shown === 'always' || (change.shown ?? shown.shown),
          width: change.width === undefined ? shown.width : clampWidth(change.width),
        },
  );
}

/** Columns that make way for what changed, the first of them first; the detail has what they tell. */
const GIVE_WAY: readonly ColumnId[] = ['lsn', 'xid'];

/**
 * The columns that a narrow list shows: nobody looks at it for positions. Where the user has chosen columns, those
 * are shown. Both sizes in pixels.
 */
export function inRoom(
  columns: Columns,
  room: { readonly width: number; readonly character: number },
): Columns {
  if (room.width <= 0 || columns.some(({ column, shown }) => shown !== (column.shown !== false))) {
    return columns;
  }
  let fitting = columns;
  for (const id of GIVE_WAY) {
    const least = fitting
      .filter(({ shown }) => shown)
      .map(({ column, width }) =>
        width > 0 ? width : column.characters * room.character + column.pixels,
      );
    if (least.reduce((sum, width) => sum + width, 0) <= room.width) break;
    fitting = withColumn(fitting, id, { shown: false });
  }
  return fitting;
}

/** Columns that stand before the text of a line that is about more than one column. */
const BEFORE_LINE: ReadonlySet<ColumnId> = new Set([
  'seq',
  'lsn',
  'committed',
  'lasted',
  'xid',
  'who',
]);
const BEFORE_NOTE: ReadonlySet<ColumnId> = new Set(['seq', 'lsn']);

/** The shown columns as the list lays them out. */
export interface ColumnPlan {
  readonly columns: readonly ColumnDefinition[];
  /** For `grid-template-columns`. */
  readonly tracks: string;
  /** Least width of a row, as a CSS length. */
  readonly least: string;
  /** `grid-column` of the text of a transaction and of a note, and how many columns that is. */
  readonly line: { readonly place: string; readonly span: number };
  readonly note: { readonly place: string; readonly span: number };
  /** Columns whose content stands in the text of a line where they are not shown. */
  readonly hasSize: boolean;
  readonly hasWho: boolean;
  readonly hasLasted: boolean;
}

export function planColumns(all: Columns): ColumnPlan {
  const shown = all.filter(column => column.shown);
  const least = shown.map(({ column, width }) => (width > 0 ? px(width) : column.least));
  const has = (id: ColumnId): boolean => shown.some(({ column }) => column.id === id);
  const hasSize = has('size');
  const count = (among: ReadonlySet<ColumnId>): number =>
    shown.filter(({ column }) => among.has(column.id)).length;
  const spanAfter = (before: number, end: number): { place: string; span: number } => ({
    place: `${String(before + 1)} / ${String(end)}`,
    span: shown.length + end + 1 - before,
  });
  return {
    columns: shown.map(({ column }) => column),
    tracks: shown.map(trackOf).join(' '),
    least: `calc(${least.join(' + ')})`,
    line: spanAfter(count(BEFORE_LINE), hasSize ? -2 : -1),
    note: spanAfter(count(BEFORE_NOTE), -1),
    hasSize,
    hasWho: has('who'),
    hasLasted: has('lasted'),
  };
}

function trackOf({ column, width }: ShownColumn): string {
  if (width <= 0) return column.track;
  // The one that takes what is left keeps doing so: its width is the least that it has.
  return column.id === 'changed' ? `minmax(${px(width)}, 1fr)` : px(width);
}

function px(width: number): string {
  return `${String(width)}px`;
}

function fixed(
  id: ColumnId,
  key: string,
  title: string,
  name: string,
  characters: number,
  shown: boolean | 'always',
  pixels = 0,
): ColumnDefinition {
  const least = `${String(characters)}ch${pixels === 0 ? '' : ` + ${px(pixels)}`}`;
  return { id, key, title, name, track: `calc(${least})`, least, characters, pixels, shown };
}

function shared(
  id: ColumnId,
  key: string,
  title: string,
  characters: number,
  share: number,
  shown: boolean | 'always',
): ColumnDefinition {
  const least = `${String(characters)}ch`;
  const track = `minmax(${least}, ${String(share)}fr)`;
  return { id, key, title, name: title, track, least, characters, pixels: 0, shown };
}
