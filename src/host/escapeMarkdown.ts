import { visibleText } from '../base/visibleText';

/** Longest text of a name in a tooltip or tree, in characters. */
const LIMIT = 500;

/**
 * Text from a server as one line that means nothing in Markdown. Names in Postgres may hold any
 * character: what Markdown or HTML could take for markup becomes a character reference, and what
 * cannot be seen becomes visible.
 */
export function escapeMarkdown(text: string): string {
  return visibleLine(text).replace(
    /[^\p{L}\p{N} ,;%/+='"?·…⚠\u2400-\u2426]/gu,
    character => `&#${character.codePointAt(0) ?? 0xfffd};`,
  );
}

/** Text as one line without invisible characters, cut when it is long. */
export function visibleLine(text: string): string {
  return visibleText(text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text);
}
