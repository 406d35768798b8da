import { expect } from 'vitest';
import { ByteReader } from '../../../../src/base/byteReader';
import type { Field } from '../../../../src/base/fieldReader';
import { formatEvent } from '../../../../src/logical/formatEvent';
import { annotateMessage } from '../../../../src/logical/pgoutput/annotateMessage';
import { decodeMessage } from '../../../../src/logical/pgoutput/decodeMessage';
import { MessageScanner } from '../../../../src/logical/pgoutput/messageScanner';
import { decodeRows, type LogicalFixtures } from '../cases';
import { expectSameLines, linesOfEvents, linesOfTestDecoding } from '../normalForm';
import { published } from '../publications';
import { eventShapes, eventValues } from '../shapes';
import { expectRowsOfWal2json } from '../wal2json';

/** Rows of pg_logical_slot_peek_binary_changes. Returns how many messages were compared. */
export async function provePeeked(fixtures: LogicalFixtures, name: string): Promise<number> {
  everyMessageIsRead(fixtures, name);
  await eachIsAnEvent(fixtures, name);
  if (name.includes('binary')) await sameAsText(fixtures, name);
  else await sameAsOracles(fixtures, name);
  return fixtures.rows(name).length;
}

/** Every message is understood to its last byte, whatever reads it. */
function everyMessageIsRead(fixtures: LogicalFixtures, name: string): void {
  const scanner = new MessageScanner();
  const letters: Record<string, number> = {};
  const wrong: string[] = [];
  fixtures.rows(name).forEach(({ data, xid }, i) => {
    const bytes = Buffer.from(data, 'hex');
    scanner.scan(bytes, 0, bytes.length);
    const letter = String.fromCharCode(scanner.kind);
    letters[letter] = (letters[letter] ?? 0) + 1;
    const reader = new ByteReader(bytes);
    const message = decodeMessage(reader, scanner.inStream);
    const { fields, error } = annotateMessage(bytes, scanner.inStream);
    if (
      message.kind === 'unknown' ||
      reader.remaining > 0 ||
      !sameXid(scanner, Number(xid)) ||
      error !== '' ||
      coverage(fields) !== bytes.length
    ) {
      wrong.push(`row ${i}: xid ${xid}, read ${scanner.xid}, ${error} ${data}`);
    }
  });
  expect(wrong).toEqual([]);
  expect(letters).toEqual(fixtures.cases[name]!.messages);
}

async function eachIsAnEvent(fixtures: LogicalFixtures, name: string): Promise<void> {
  const rows = fixtures.rows(name);
  const events = await decodeRows(rows, { delivery: 'raw' });
  expect(events.length).toBe(rows.length);
  expect(events.filter(event => event.kind === 'unknown')).toEqual([]);
  for (const event of events) JSON.parse(formatEvent(event));
}

/** test_decoding's reading of the same WAL and, where all of it is published, wal2json's. */
async function sameAsOracles(fixtures: LogicalFixtures, name: string): Promise<void> {
  const isLocal = name === 'v4-origin-none';
  const oracle = fixtures.rows(`oracle-test_decoding${isLocal ? '-localonly' : ''}`);
  const events = await decodeRows(fixtures.rows(name), { delivery: 'assembled' });
  const lines = linesOfEvents(events);
  // The local oracle was recorded without commit times.
  const timed = isLocal
    ? lines.map(line => (line.what === 'commit' ? { ...line, detail: undefined } : line))
    : lines;
  expectSameLines(
    timed.map(withoutAbsent),
    published(name, linesOfTestDecoding(oracle)).map(withoutAbsent),
  );
  if (PUBLISH_ALL.has(name) && fixtures.has('oracle-wal2json-v2')) {
    expectRowsOfWal2json(events, fixtures.rows('oracle-wal2json-v2'));
  }
  const spilled = await decodeRows(fixtures.rows(name), {
    delivery: 'assembled',
    memoryLimit: 20_000,
  });
  expect(spilled.map(formatEvent)).toEqual(events.map(formatEvent));
}

/** The text case of the same workload, which equals its oracles: the same rows and values. */
async function sameAsText(fixtures: LogicalFixtures, name: string): Promise<void> {
  const settings = { delivery: 'assembled' } as const;
  const { findType } = fixtures;
  const binary = await decodeRows(fixtures.rows(name), { ...settings, findType });
  const text = await decodeRows(fixtures.rows(textOf(fixtures, name)), settings);
  // Different streams send different messages; their rows are the same.
  expect(eventShapes(binary)).toEqual(eventShapes(text));
  expect(eventValues(binary)).toEqual(eventValues(text));
}

function textOf(fixtures: LogicalFixtures, name: string): string {
  const same = name.replace('-binary', '');
  return fixtures.has(same) ? same : 'v3-2pc-stream';
}

const PUBLISH_ALL: ReadonlySet<string> = new Set([
  'v1-messages',
  'v2-nostream',
  'v2-stream',
  'v4-parallel',
  'v4-origin-any',
]);

const withoutAbsent = <T extends { readonly detail?: unknown }>({ detail, ...line }: T) =>
  detail === undefined ? line : { ...line, detail };

/**
 * The SQL function gives the top transaction, of Stream Abort the aborted one; also with a message that is
 * not transactional, which pgoutput sends without any.
 */
function sameXid(scanner: MessageScanner, xid: number): boolean {
  if (String.fromCharCode(scanner.kind) === 'A') return scanner.xid === xid;
  return scanner.topXid === xid || (String.fromCharCode(scanner.kind) === 'M' && scanner.xid === 0);
}

/** Bytes that the leaves of the tree cover, if they lie side by side; -1 where they do not. */
function coverage(fields: readonly Field[]): number {
  let at = 0;
  const walk = (field: Field): void => {
    if (field.children.length > 0) field.children.forEach(walk);
    else if (at === field.offset) at += field.length;
    else at = Number.NaN;
  };
  fields.forEach(walk);
  return Number.isNaN(at) ? -1 : at;
}
