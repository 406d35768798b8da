import { css } from 'lit';
import { lowerCase } from '../src/base/lowerCase';

/** What is marked: what was looked for, or why a row passes the filter. */
export type MarkName = 'wal-find' | 'wal-filter';

/** Marks kept for one component; a page of text full of matches needs no more to be read. */
const MOST = 2000;

/**
 * Where `needle` (of lowerCase()) occurs in `text`, ignoring case, as [start, end) pairs of UTF-16 units.
 * Where lower case has another length (such as `İ`) each character is mapped back to where it stands.
 */
export function matchesIn(text: string, needle: string): readonly (readonly [number, number])[] {
  if (needle === '') return [];
  const lower = lowerCase(text);
  const origin = lower.length === text.length ? undefined : originOfLowerCase(text);
  const found: (readonly [number, number])[] = [];
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, at + needle.length)) {
    const start = origin === undefined ? at : (origin[at] ?? text.length);
    const last = at + needle.length - 1;
    const end = origin === undefined ? last + 1 : (origin[last] ?? text.length) + 1;
    found.push([start, Math.max(start + 1, end)]);
  }
  return found;
}

/** For each unit of the lower case of `text`, the unit of `text` that it comes from. */
function originOfLowerCase(text: string): number[] {
  const origin: number[] = [];
  let at = 0;
  for (const char of text) {
    for (let i = 0; i < char.toLowerCase().length; i++) {
      origin.push(at + Math.min(i, char.length - 1));
    }
    at += char.length;
  }
  return origin;
}

/**
 * Marks the occurrences of a text in what a component has drawn, by the page's registry of highlights:
 * the elements stay as they are, and no text becomes markup.
 */
export class MatchMarks {
  readonly #name: MarkName;
  #ranges: readonly StaticRange[] = [];

  constructor(name: MarkName) {
    this.#name = name;
  }

  /** Marks anew; to be called after each drawing. `needle` in any case; empty marks nothing. */
  update(root: Node | null | undefined, needle: string): void {
    const ranges = root == null || needle === '' ? [] : rangesIn(root, lowerCase(needle));
    if (ranges.length === 0 && this.#ranges.length === 0) return;
    const highlight = CSS.highlights.get(this.#name) ?? new Highlight();
    for (const range of this.#ranges) highlight.delete(range);
    for (const range of ranges) highlight.add(range);
    highlight.priority = this.#name === 'wal-find' ? 1 : 0;
    CSS.highlights.set(this.#name, highlight);
    this.#ranges = ranges;
  }

  clear(): void {
    this.update(undefined, '');
  }
}

function rangesIn(root: Node, needle: string): StaticRange[] {
  const ranges: StaticRange[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    // Only what comes from the database stands in these elements.
    const parent = node.parentElement;
    if (parent?.localName !== 'bdi' || parent.classList.contains('unsearched')) continue;
    for (const [start, end] of matchesIn(node.nodeValue ?? '', needle)) {
      ranges.push(
        new StaticRange({
          startContainer: node,
          startOffset: start,
          endContainer: node,
          endOffset: end,
        }),
      );
      if (ranges.length >= MOST) return ranges;
    }
  }
  return ranges;
}

/** How marks look; also where a theme gives no colours but borders, as in high contrast. */
export const matchMarkStyles = css`
  ::highlight(wal-filter) {
    text-decoration: underline 1px
      var(--vscode-editor-findMatchHighlightBorder, var(--vscode-editor-foreground));
    text-underline-offset: 2px;
  }
  ::highlight(wal-find) {
    background-color: var(--vscode-editor-findMatchHighlightBackground, transparent);
    text-decoration: underline 2px
      var(--vscode-editor-findMatchHighlightBorder, var(--vscode-editor-foreground));
    text-underline-offset: 2px;
  }
`;
