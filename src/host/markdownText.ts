import { MarkdownString } from 'vscode';
import { escapeMarkdown } from './escapeMarkdown';

/** Lines of text as a tooltip in which nothing is a link, an icon, an image or a format. */
export function plainMarkdown(lines: readonly string[]): MarkdownString {
  return safeMarkdown(lines.map(escapeMarkdown).join('  \n'));
}

/** A table of names and values, as text. */
export function factTable(
  title: string,
  rows: readonly (readonly [string, string])[],
): MarkdownString {
  const lines = rows.map(
    ([name, value]) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(value)} |`,
  );
  return safeMarkdown(`**${escapeMarkdown(title)}**\n\n| | |\n|:--|:--|\n${lines.join('\n')}\n`);
}

function safeMarkdown(text: string): MarkdownString {
  const markdown = new MarkdownString(text);
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  markdown.supportThemeIcons = false;
  return markdown;
}
