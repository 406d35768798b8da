import { MarkdownString } from 'vscode';
import { escapeMarkdown } from './escapeMarkdown';

/** Lines of text as a tooltip in which nothing is a link, an icon, an image or a format. */
export function plainMarkdown(lines: readonly string[]): MarkdownString {
  return safeMarkdown(lines.map(escapeMarkdown).join('  \n'));
}

/** A title, sentences, and a table of names and values, all as text. */
export function factTooltip(
  title: string,
  notes: readonly string[],
  facts: readonly (readonly [string, string])[],
): MarkdownString {
  const rows = facts.map(
    ([name, value]) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(value)} |`,
  );
  const table = rows.length === 0 ? [] : [`| | |\n|:--|:--|\n${rows.join('\n')}`];
  return safeMarkdown(
    [`**${escapeMarkdown(title)}**`, ...notes.map(escapeMarkdown), ...table].join('\n\n'),
  );
}

function safeMarkdown(text: string): MarkdownString {
  const markdown = new MarkdownString(text);
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  markdown.supportThemeIcons = false;
  return markdown;
}
