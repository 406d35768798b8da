import { parseLsn, type Lsn } from '../../base/lsn';

/** What an active consumer asked its slot for, read from its command. */
export interface ConsumerOptions {
  readonly slot: string;
  readonly startLsn: Lsn;
  /** Options of the output plugin in their order; a value may be absent. */
  readonly options: readonly (readonly [name: string, value: string | undefined])[];
  /** pgoutput's `publication_names`, unquoted; empty for other plugins. */
  readonly publications: readonly string[];
  /** pg_stat_activity cuts long commands (track_activity_query_size): the last option may be missing. */
  readonly isComplete: boolean;
}

/**
 * Reads `START_REPLICATION SLOT s LOGICAL X/X (name 'value', ...)` as pg_stat_activity.query shows it
 * (grammar: src/backend/replication/repl_gram.y). Undefined when the text is another command.
 */
export function parseConsumerCommand(query: string): ConsumerOptions | undefined {
  const scanner = new Scanner(query);
  if (!scanner.word('START_REPLICATION') || !scanner.word('SLOT')) return undefined;
  const slot = scanner.identifier();
  if (slot === undefined || !scanner.word('LOGICAL')) return undefined;
  const startLsn = parseLsn(scanner.take(/[0-9a-f]+\/[0-9a-f]+/iuy) ?? '');
  if (startLsn === undefined) return undefined;
  const options: (readonly [string, string | undefined])[] = [];
  let isComplete = true;
  if (scanner.take(/\(/uy) !== undefined) {
    isComplete = false;
    for (;;) {
      const name = scanner.identifier();
      if (name === undefined) break;
      const value = scanner.literal();
      const separator = scanner.take(/[,)]/uy);
      // A value at the cut may be only half of what it was.
      if (separator === undefined) break;
      options.push([name, value]);
      if (separator === ')') {
        isComplete = true;
        break;
      }
    }
  }
  const names = options.find(([name]) => name === 'publication_names')?.[1] ?? '';
  return { slot, startLsn, options, publications: splitIdentifiers(names), isComplete };
}

/** Names separated by commas, as SplitIdentifierString (src/backend/utils/adt/varlena.c) reads them. */
export function splitIdentifiers(text: string): readonly string[] {
  const scanner = new Scanner(text);
  const names: string[] = [];
  for (;;) {
    const name = scanner.identifier();
    if (name === undefined) return names;
    names.push(name);
    if (scanner.take(/,/uy) === undefined) return names;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What `pattern` (sticky) matches here, behind blanks; undefined and no step when it does not. */
  take(pattern: RegExp): string | undefined {
    while (/\s/u.test(this.#text[this.#at] ?? '')) this.#at++;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at += match.length;
    return match;
  }

  /** A key word, in any case. */
  word(expected: string): boolean {
    const before = this.#at;
    if (this.take(/[a-z_]+/iuy)?.toUpperCase() === expected) return true;
    this.#at = before;
    return false;
  }

  /** Quoted as it stands, unquoted in lower case. */
  identifier(): string | undefined {
    const quoted = this.take(/"(?:[^"]|"")*"/uy);
    if (quoted !== undefined) return quoted.slice(1, -1).replaceAll('""', '"');
    return this.take(/[^\s",()']+/uy)?.toLowerCase();
  }

  literal(): string | undefined {
    return this.take(/'(?:[^']|'')*'/uy)
      ?.slice(1, -1)
      .replaceAll("''", "'");
  }
}
