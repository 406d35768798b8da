import { visibleText } from '../base/visibleText';

/**
 * Rows as aligned columns, two spaces apart; numbers stand to the right. What a terminal would take for a
 * command, or for the end of a line, is made visible.
 */
export function textTable(head: readonly string[], raw: readonly (readonly string[])[]): string {
  const rows = raw.map(row => row.map(cell => visibleText(cell)));
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map(row => (row[i] ?? '').length)),
  );
  const numeric = head.map((_, i) => rows.every(row => /^$|^-?[0-9]/.test(row[i] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return numeric[i] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].map(text => `${text}\n`).join('');
}
