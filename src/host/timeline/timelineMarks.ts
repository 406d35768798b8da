import * as vscode from 'vscode';
import type { Mark, MarkFacts, MarksHostApi, StoppedMark } from '../../shared/marks';
import type { Handlers } from '../../shared/rpc';
import { HostFailure } from '../hostFailure';
import { checkMark, checkRename } from './marksRequests';
import type { Recording } from './recording';

/** Longest wait until the reader has what the recorder noted, in milliseconds. */
const READ_MS = 5_000;
const LOOK_MS = 50;

export interface MarkParts {
  /** The stream that runs; undefined where none does. */
  readonly recording: () => Recording | undefined;
  readonly marks: () => Promise<readonly MarkFacts[]>;
  readonly summary: (id: number) => Promise<{ readonly text: string; readonly cut: boolean }>;
  /** Has the page show what a mark holds. */
  readonly show: (mark: MarkFacts) => void;
}

/** What a command that stops a mark gives to who called it. */
export interface MarkResult extends MarkFacts {
  /** False: the stream had not come so far after some seconds; what is missing comes later. */
  readonly complete: boolean;
}

/** The marks of one timeline: set by the recorder, kept in the capture, counted by the reader. */
export class TimelineMarks {
  readonly #parts: MarkParts;

  constructor(parts: MarkParts) {
    this.#parts = parts;
  }

  /** The answers to the webview. */
  handlers(): Handlers<MarksHostApi> {
    return {
      startMark: () => this.start(''),
      stopMark: () => this.stop(),
      renameMark: async params => {
        const { id, name } = checkRename(params);
        await this.#recording().renameMark(id, name);
      },
      removeMark: async params => {
        await this.#recording().removeMark(checkMark(params).id);
      },
      copyMark: async params => ({ cut: (await this.copy(checkMark(params).id)).cut }),
    };
  }

  /** Notes where the server is; what is written from now on belongs to the mark. */
  start(name: string): Promise<Mark> {
    return this.#recording().startMark(name);
  }

  /** Ends the mark, and shows what was written meanwhile as soon as it can be read. */
  async stop(): Promise<StoppedMark & { readonly result: MarkResult }> {
    const { mark, complete } = await this.#recording().stopMark();
    const facts = await this.#read(mark);
    this.#parts.show(facts);
    return { mark, complete, result: { ...facts, complete } };
  }

  /** Puts what a mark holds on the clipboard. */
  async copy(id: number): Promise<{ readonly text: string; readonly cut: boolean }> {
    const summary = await this.#parts.summary(id);
    await vscode.env.clipboard.writeText(summary.text);
    return summary;
  }

  list(): Promise<readonly MarkFacts[]> {
    return this.#parts.marks();
  }

  /** The mark stands behind what it holds: who reads it has read that too. */
  async #read(mark: Mark): Promise<MarkFacts> {
    const until = Date.now() + READ_MS;
    for (;;) {
      const marks = await this.#parts.marks();
      const found = marks.find(({ id, to }) => id === mark.id && to?.lsn === mark.to?.lsn);
      if (found !== undefined) return found;
      if (Date.now() >= until) return { ...mark, transactions: 0, changes: 0 };
      await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    }
  }

  #recording(): Recording {
    const recording = this.#parts.recording();
    if (recording?.isActive !== true) {
      throw new HostFailure({
        code: 'no-stream',
        message: 'A mark needs a stream that runs.',
        action: 'Tail a publication or a database first.',
        detail: '',
      });
    }
    return recording;
  }
}
