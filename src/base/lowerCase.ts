/**
 * A text as it is compared whatever the case: what toLowerCase() gives, with one sigma. That one makes a ς of
 * the last letter of a word, so that a part of a word in capitals would not be found in it. As long as what
 * toLowerCase() gives.
 */
export function lowerCase(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ');
}
