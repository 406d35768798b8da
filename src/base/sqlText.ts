/**
 * SQL as text for a person to read and run elsewhere. What is sent to a server of ours is quoted by
 * src/postgres, which refuses what cannot be quoted; here what is shown can always be shown.
 */

/** A name as SQL has it, always in quotes: safe for every name, also one that is a keyword. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function sqlTableName(schema: string, table: string): string {
  return `${sqlName(schema)}.${sqlName(table)}`;
}

/**
 * A literal of no type yet, or NULL: the place where it stands gives it its type. The form with `E` reads
 * the same whether standard_conforming_strings is on or off.
 */
export function sqlLiteral(value: string | null): string {
  if (value === null) return 'NULL';
  const quoted = value.replaceAll("'", "''");
  return quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** Text as comments of one line each: nothing in it can end the comment. */
export function sqlComment(text: string): string {
  return text
    .split('\n')
    .map(line => `-- ${line.replace(UNSAFE_IN_COMMENT, hidden)}`.trimEnd())
    .join('\n');
}

// A comment ends at the end of its line; marks of direction could make it look as if it did.
const UNSAFE_IN_COMMENT = /\p{Cc}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

function hidden(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
