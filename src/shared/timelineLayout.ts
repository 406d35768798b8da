export const COLUMN_IDS = [
  'seq',
  'lsn',
  'committed',
  'lasted',
  'xid',
  'who',
  'operation',
  'table',
  'key',
  'changed',
  'size',
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];

export interface TimelineLayout {
  readonly version: 1;
  /** In order; `width` in CSS pixels, 0 for the one by default. */
  readonly columns: readonly {
    readonly id: ColumnId;
    readonly shown: boolean;
    readonly width: number;
  }[];
}
