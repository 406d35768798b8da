import type { Field } from '../base/fieldReader';
import type { MessageBytes } from './changeDetail';

/**
 * Contract of the wire lane: the conversation between the server and us, line by line, in the order in which
 * it stands in the capture. A line is a frame: the content of a CopyData message, or what stands for a
 * CopyDone; gaps and seams are lines that no side has sent. Plain JSON.
 */
export type WireKind = 'data' | 'keepalive' | 'status' | 'done' | 'gap' | 'seam' | 'unknown';

/** `none`: noted by the program that wrote the capture. */
export type WireDirection = 'received' | 'sent' | 'none';

export interface WireLine {
  readonly kind: WireKind;
  readonly direction: WireDirection;
  /** Number of the message; -1 for what has none. */
  readonly seq: number;
  /** Where the frame begins in the file, and its bytes. */
  readonly offset: number;
  readonly length: number;
  /** When it was sent, by the clock of who sent it, ISO 8601; empty where that is not known. */
  readonly time: string;
  /** Start of WAL, end of WAL or written position; empty where there is none. */
  readonly lsn: string;
  /** What the documentation calls it; of an XLogData the message that it carries. */
  readonly name: string;
  /** What else it says, such as `flush 0/16B6D10`; empty for none. */
  readonly note: string;
}

/** Which lines: without the XLogData only those are left that a list of changes does not show. */
export interface WireLines {
  readonly hideData: boolean;
}

export interface WirePage {
  /** Lines known so far; a line keeps its row. */
  readonly rows: number;
  readonly first: number;
  readonly lines: readonly WireLine[];
  /** Messages gone through so far, and how many there are: lines after them are not known yet. */
  readonly reached: number;
  readonly messages: number;
  /** Why no more will be reached: the capture is damaged there. */
  readonly problem?: string;
}

export interface WireApi {
  /** Looks at more of the capture for a few milliseconds; to be called again until all is reached. */
  wire(p: WireLines & { readonly first: number; readonly count: number }): Promise<WirePage>;
  /** The row of a message, or of the first line after it where it is hidden; -1 while it is not reached. */
  wireRow(p: WireLines & { readonly seq: number }): Promise<{ readonly row: number }>;
  /** The fields of the frame in a row. */
  wireFields(p: WireLines & { readonly row: number }): Promise<{
    readonly fields: readonly Field[];
    readonly error: string;
    /** Values are masked in it: these are not the bytes that the server sent. */
    readonly masked?: true;
  }>;
  wireBytes(
    p: WireLines & { readonly row: number; readonly offset: number; readonly length: number },
  ): Promise<MessageBytes>;
}

/** Most lines of one {@link WirePage}. */
export const WIRE_PAGE_LIMIT = 256;
