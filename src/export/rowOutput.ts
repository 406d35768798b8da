import type { MessagePlace } from '../logical/messageEvent';
import type { Relation } from '../logical/relation';
import { RowLineWriter } from '../logical/rowLine';
import type { TextOutput } from './textOutput';

/** Puts the lines of rows straight into an output: the fast way for what there are millions of. */
export class RowOutput {
  readonly #output: TextOutput;
  readonly #lines = new RowLineWriter();

  constructor(output: TextOutput) {
    this.#output = output;
  }

  /** False where the row is to be written as an event, and nothing was written. */
  write(payload: Uint8Array, place: MessagePlace, relation: Relation): boolean {
    const size = this.#lines.room(payload, relation);
    if (size === undefined) return false;
    const { bytes, at } = this.#output.reserve(size);
    const end = this.#lines.write(payload, place, relation, bytes, at);
    if (end < 0) return false;
    this.#output.commit(end);
    return true;
  }
}
