/** `quote_ident` that always quotes: safe for every name, also one that is a keyword. */
export function quoteIdentifier(name: string): string {
  refuseZero(name);
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A string literal for SQL and for replication commands, which take no escapes: only quotes are
 * doubled. In SQL a backslash would need `E''` where standard_conforming_strings is off, so there it
 * is doubled inside one.
 */
export function quoteLiteral(value: string): string {
  refuseZero(value);
  const quoted = value.replaceAll("'", "''");
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/**
 * A literal of the replication grammar (src/backend/replication/repl_scanner.l): doubled quotes, a
 * backslash is a backslash.
 */
export function quoteReplicationLiteral(value: string): string {
  refuseZero(value);
  return `'${value.replaceAll("'", "''")}'`;
}

/** The value of pgoutput's `publication_names`: identifiers with commas between them, in one string. */
export function publicationNames(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(',');
}

function refuseZero(text: string): void {
  if (text.includes('\0')) throw new RangeError('a zero byte cannot be in a name or a value');
}
