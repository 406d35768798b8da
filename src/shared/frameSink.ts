import type { Lsn } from '../base/lsn';
import type { CaptureNote } from './captureNote';
import type { Failure } from './connection';
import type { CustomType } from './customType';
import type { SourceFacts } from './sourceFacts';

/**
 * Where the frames of a stream go: a capture, or a file of events. A frame is the payload of one
 * CopyData message of the replication protocol (XLogData or keepalive).
 */
export interface FrameSink {
  /** Takes a frame; it is a view of a buffer that is used again, so what is kept is copied. */
  append(frame: Uint8Array): void;
  /**
   * Takes what was said beside the frames of the stream: the content of a CopyData message that we sent, or
   * one byte for a CopyDone, `c` of ours and `C` of the server. A view, as in {@link append}.
   */
  appendAside?(frame: Uint8Array): void;
  /** True while no more should be read from the server. What still comes is taken. */
  readonly full: boolean;
  /** The one listener for `full` turning false. */
  onDrain(listener: () => void): void;
  /** Up to here everything received is written: safe to confirm on a slot that ends with us. */
  readonly writtenLsn: Lsn;
  /** Up to here everything received is kept for good: safe to confirm on a slot that stays. */
  readonly storedLsn: Lsn;
  /**
   * Where the output is an existing file that is continued: up to here it holds everything that was
   * committed, which is the end of its last complete transaction, or a later position that the server
   * named and the file has noted. The stream goes on there, and what it sends goes below. A slot that has
   * confirmed more was moved by somebody else. Absent: a new output, or one that holds nothing yet.
   */
  readonly resumeAfter?: Lsn;
  /** The one listener for a sink that wants no more frames. */
  onEnd(listener: (end: SinkEnd) => void): void;
  /** For a sink that needs to know the types that are not built in: whom it asks from now on, instead of any before. */
  useTypes?(source: TypeSource): void;
  /** For a sink that keeps what is known beside the stream: it stands after all frames so far. */
  appendNotes?(notes: readonly CaptureNote[]): void;
  /** Gives up what is not decoded yet: somebody wants an end now. What is written stays whole. */
  stop(): void;
  /** Resolves when everything taken so far is written, and kept as {@link storedLsn} promises. */
  flush(): Promise<void>;
  /** Writes what is still held, and closes. Resolves also where the sink had failed. */
  close(): Promise<void>;
}

/** Knows the types of the database that is streamed. */
export interface TypeSource {
  /** Values come in binary form: they stay bytes where their type is not known. */
  readonly binary: boolean;
  /** The types with these OIDs and what they are made of, as far as there are any; never rejects. */
  ask(oids: readonly number[]): Promise<readonly CustomType[]>;
}

/** `enough`: a limit is reached, or the reader of a pipe is gone; that is no error. */
export type SinkEnd =
  | { readonly kind: 'enough' }
  | { readonly kind: 'disk-full' | 'failed'; readonly failure: Failure };

/** What a stream is, known once the server answered; a capture keeps it in its meta block. */
export interface StreamFacts {
  readonly source: SourceFacts;
  readonly serverVersionNum: number;
  /** Of IDENTIFY_SYSTEM: the same for a server, its standbys and what they are promoted to. */
  readonly systemIdentifier: string;
  /** The options that the output plugin is started with. */
  readonly pluginOptions: Readonly<Record<string, string>>;
}
