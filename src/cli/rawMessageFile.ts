import { createReadStream } from 'node:fs';
import process from 'node:process';
import type { Lsn } from '../base/lsn';
import { parseLsn } from '../base/lsn';

/** A line of a raw-message file: `{"lsn":"0/16B6C50","xid":763,"data":"49…"}`, data in hexadecimal. */
export type RawLine =
  | { readonly line: number; readonly lsn: Lsn; readonly xid: number; readonly payload: Uint8Array }
  | { readonly line: number; readonly error: string };

/** Longest line that is read, in bytes: what a string of Node holds, less some room. */
const MAX_LINE = 500 * 1024 * 1024;

/**
 * Reads a raw-message file, such as the rows of `pg_logical_slot_peek_binary_changes` one a line, in
 * pieces: memory holds one line. Empty lines are passed over; a line that is not understood gives its
 * error and the next one goes on. `-` reads standard input. With `form` text, data may also be the text
 * itself, as the rows of `pg_logical_slot_peek_changes` have it. Rejects when the file cannot be read.
 */
export async function* readRawMessages(
  path: string,
  form: 'bytes' | 'text',
): AsyncGenerator<RawLine> {
  let line = 0;
  for await (const bytes of readLines(path === '-' ? process.stdin : createReadStream(path))) {
    line++;
    if (bytes === undefined) {
      yield { line, error: `the line is longer than ${MAX_LINE} bytes` };
    } else if (bytes.length > 0) {
      yield { line, ...parseLine(bytes.toString('utf8'), form) };
    }
  }
}

/** Lines without their ends; undefined in place of one that is too long. */
async function* readLines(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Buffer | undefined => {
    const line = length > MAX_LINE ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line?.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  };
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length <= MAX_LINE) parts.push(part);
    else parts = [];
  };
  for await (const chunk of stream) {
    const buffer = chunk as Buffer;
    let from = 0;
    for (;;) {
      const to = buffer.indexOf(0x0a, from);
      if (to < 0) break;
      keep(buffer.subarray(from, to));
      yield take();
      from = to + 1;
    }
    if (from < buffer.length) keep(buffer.subarray(from));
  }
  if (length > 0) yield take();
}

function parseLine(
  text: string,
  form: 'bytes' | 'text',
): { lsn: Lsn; xid: number; payload: Uint8Array } | { error: string } {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    return { error: 'not a JSON object' };
  }
  if (typeof row !== 'object' || row === null) return { error: 'not a JSON object' };
  const { lsn, xid, data } = row as Readonly<Record<string, unknown>>;
  const position = typeof lsn === 'string' ? parseLsn(lsn) : undefined;
  if (position === undefined) return { error: '"lsn" is not a position such as 0/16B6C50' };
  if (typeof data !== 'string') return { error: '"data" is missing' };
  // bytea in its text form has a \x in front.
  const hex = data.startsWith('\\x') ? data.slice(2) : data;
  const payload = Buffer.from(hex, 'hex');
  // Buffer stops at the first bad digit without a word.
  if (payload.length * 2 !== hex.length) {
    // No text of a plugin is hexadecimal from end to end.
    if (form === 'bytes') return { error: '"data" is not hexadecimal' };
    return { lsn: position, xid: Number(xid) || 0, payload: Buffer.from(data) };
  }
  return { lsn: position, xid: Number(xid) || 0, payload };
}
