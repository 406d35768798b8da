import type { Delivery } from '../logical/event';

/**
 * The first line of a file of events that may be continued (docs/event-format.md): which slot of which
 * server it holds, and how its changes are delivered. It is no event of the stream.
 */
export interface SourceLine {
  readonly systemIdentifier: string;
  readonly database: string;
  readonly slot: string;
  readonly plugin: string;
  readonly transactions: Delivery;
}

/** No name is longer than 63 bytes: a longer first line is another one. */
export const LONGEST_SOURCE_LINE = 4096;

/** With its line end. */
export function formatSourceLine(line: SourceLine): string {
  const { systemIdentifier, database, slot, plugin, transactions } = line;
  const object = { kind: 'source', systemIdentifier, database, slot, plugin, transactions };
  return `${JSON.stringify(object)}\n`;
}

/** Undefined where it is another line. */
export function parseSourceLine(text: string): SourceLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const object = value as Record<string, unknown>;
  if (object['kind'] !== 'source') return undefined;
  const names = ['systemIdentifier', 'database', 'slot', 'plugin', 'transactions'];
  if (!names.every(name => typeof object[name] === 'string')) return undefined;
  return value as SourceLine;
}
