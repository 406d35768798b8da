import type { SessionSnapshot } from './session';
import type { ShownSource } from './sourceFacts';
import type { ViewState } from './viewSpec';

/** Pushed at most once a frame; a snapshot, so the newest replaces all older ones. */
export interface TimelineSnapshot {
  readonly view: ViewState;
  readonly source: ShownSource;
  /** Null for a saved capture. */
  readonly session: SessionSnapshot | null;
  readonly capture: {
    readonly messages: number;
    readonly transactions: number;
    readonly bytes: number;
    /** Changes of transactions that were cut off: they came, or come, again. */
    readonly cutChanges: number;
    /** Places where the connection was lost and WAL was not seen, and the bytes of it. */
    readonly gaps?: { readonly count: number; readonly bytes: number };
    /** Bytes at the end of a file that are no whole block: its writer died, or still writes. */
    readonly left?: number;
    /** The file became longer in the last half minute: another process writes it, and more may come. */
    readonly hasGrown?: boolean;
    /** Rises with each change of a mark. */
    readonly marks?: number;
    /** Changes received in the last second. */
    readonly rate: number;
    /** What is wrong with the file; empty when all is well. */
    readonly error: string;
  };
}
