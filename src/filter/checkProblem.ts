import type { ASTNode } from '@marcbachmann/cel-js';
import { FilterError } from './filterError';

/** A place in the text of an expression: UTF-16 offsets. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

export function placeOf({ start, end }: ASTNode): Place {
  return { from: start, to: end };
}

/** What is wrong at a place, as a sentence. */
export function wrongAt(message: string, at: Place | ASTNode): FilterError {
  const sentence = capital(message);
  return 'from' in at
    ? new FilterError(sentence, at.from, at.to)
    : new FilterError(sentence, at.start, at.end);
}

/** Only a noun begins in lower case: names of fields stay as they are. */
function capital(message: string): string {
  return /^(a|an|the) /.test(message)
    ? message.charAt(0).toUpperCase() + message.slice(1)
    : message;
}

/** What stands at a place, short enough for a sentence. */
export function sourceOf(text: string, { from, to }: Place): string {
  const source = text.slice(from, to);
  return source.length > 40 ? `${source.slice(0, 39)}…` : source;
}

/** An advice that follows a sentence; empty where nothing is near. */
export function didYouMean(word: string | undefined): string {
  return word === undefined || word === '' ? '' : ` Did you mean ${word}?`;
}
