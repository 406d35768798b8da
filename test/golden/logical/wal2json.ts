/**
 * Reads wal2json's format version 2, an oracle beside test_decoding: it has types, NULLs in old rows and
 * commit times, and lacks the text of numbers that are not finite.
 */
export interface Wal2jsonColumn {
  readonly name: string;
  readonly type: string;
  readonly value: string | boolean | null;
}

export interface Wal2jsonRow {
  readonly action: 'B' | 'C' | 'I' | 'U' | 'D' | 'T' | 'M';
  readonly xid: number | null;
  readonly timestamp: string | null;
  readonly lsn: string;
  readonly nextlsn?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly columns?: readonly Wal2jsonColumn[];
  readonly identity?: readonly Wal2jsonColumn[];
}

/** Numbers become strings of their own digits: a double would round them. */
export function parseWal2json(text: string): Wal2jsonRow {
  return JSON.parse(text.replace(/,"value":(-?\d[^,}]*)/g, ',"value":"$1"')) as Wal2jsonRow;
}

/** What wal2json prints for a value that Postgres writes as `text` in this type. */
export function wal2jsonValue(type: string, text: string | null): string | boolean | null {
  if (text === null) return null;
  if (type === 'boolean') return text === 't';
  if (type === 'bytea') return text.slice(2);
  const number = /^(smallint|integer|bigint|oid|real|double precision|numeric)/.test(type);
  return number && !type.endsWith(']') && /^(NaN|-?Infinity)$/.test(text) ? null : text;
}
