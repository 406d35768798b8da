import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { parseLsn } from '../../../../src/base/lsn';
import { SpillFolder } from '../../../../src/capture/spillFile';
import type { Delivery, LogicalEvent } from '../../../../src/logical/event';
import { formatEvent } from '../../../../src/logical/formatEvent';
import type { TextPlugin } from '../../../../src/shared/textPlugin';
import { TextEventDecoder } from '../../../../src/logical/textPlugins/textEventDecoder';
import type { LogicalFixtures, RawRow } from '../cases';
import { decodeRows } from '../cases';
import type { Line } from '../normalForm';
import { expectSameLines, linesOfEvents, linesOfTestDecoding } from '../normalForm';
import { published } from '../publications';

interface Settings {
  readonly delivery: Delivery;
  readonly memoryLimit?: number;
}

const assembled: Settings = { delivery: 'assembled' };

/**
 * The texts of another plugin against two readings of the same WAL: the tests' own, and pgoutput's.
 * Returns how many texts were compared.
 */
export async function proveTexts(fixtures: LogicalFixtures, name: string): Promise<number> {
  const rows = fixtures.rows(name);
  if (name.includes('wal2json')) await wal2json(fixtures, rows);
  else if (name.includes('stream')) await streamed(rows);
  else if (name.includes('2pc')) await prepared(fixtures, rows);
  else await plain(fixtures, rows, name.includes('localonly') ? 'v4-origin-none' : 'v1-messages');
  return rows.length;
}

async function plain(
  fixtures: LogicalFixtures,
  rows: readonly RawRow[],
  pgoutput: string,
): Promise<void> {
  const events = await decodeTexts('test_decoding', rows, assembled);
  expect(events.filter(event => event.kind === 'unknown')).toEqual([]);
  expectSameLines(linesOfEvents(events).map(cutContent), linesOfTestDecoding(rows).map(cutContent));
  if (fixtures.has(pgoutput)) {
    const others = await decodeRows(fixtures.rows(pgoutput), assembled);
    const untimed = pgoutput === 'v1-messages' ? cutContent : withoutTime;
    expectSameLines(
      published(pgoutput, linesOfEvents(events)).map(untimed),
      linesOfEvents(others).map(untimed),
    );
  }
  const spilled = await decodeTexts('test_decoding', rows, { ...assembled, memoryLimit: 10_000 });
  expect(spilled.map(formatEvent)).toEqual(events.map(formatEvent));
}

/** A prepared transaction appears at its commit. */
async function prepared(fixtures: LogicalFixtures, rows: readonly RawRow[]): Promise<void> {
  const events = await decodeTexts('test_decoding', rows, assembled);
  expect(events.filter(event => event.kind === 'unknown')).toEqual([]);
  const raw = await decodeTexts('test_decoding', rows, { delivery: 'raw' });
  expect(raw).toHaveLength(rows.length);
  const kinds = new Set(raw.map(event => event.kind));
  expect(kinds).toContain('prepare');
  expect(kinds).toContain('rollbackPrepared');
  // 14 has no protocol that tells of the preparation: there it is as if there had been none.
  const pgoutput = fixtures.has('v3-2pc') ? 'v3-2pc' : 'v1-messages';
  const others = await decodeRows(fixtures.rows(pgoutput), assembled);
  expectSameLines(
    published(pgoutput, linesOfEvents(events)).map(content),
    linesOfEvents(others).map(content),
  );
}

/** With stream-changes the changes of large transactions are not told; the rest is there. */
async function streamed(rows: readonly RawRow[]): Promise<void> {
  const raw = await decodeTexts('test_decoding', rows, { delivery: 'raw' });
  expect(raw).toHaveLength(rows.length);
  const unknown = raw.filter(event => event.kind === 'unknown');
  const hidden = rows.filter(row => /^streaming (change|truncate)/.test(row.data));
  expect(unknown).toHaveLength(hidden.length);
  for (const { error } of unknown) expect(error).toContain('stream-changes');
  for (const kind of ['streamStart', 'streamStop', 'streamCommit', 'streamAbort'] as const) {
    expect(raw.some(event => event.kind === kind)).toBe(true);
  }
  const told = rows.filter(row => !STREAM_OR_PREPARED.test(row.data));
  const events = await decodeTexts('test_decoding', told, { delivery: 'raw' });
  expectSameLines(linesOfEvents(events).map(cutContent), linesOfTestDecoding(told).map(cutContent));
}

const STREAM_OR_PREPARED =
  /^(opening a streamed|closing a streamed|streaming|aborting streamed|committing streamed|preparing streamed|PREPARE|COMMIT PREPARED|ROLLBACK PREPARED)/;

async function wal2json(fixtures: LogicalFixtures, rows: readonly RawRow[]): Promise<void> {
  const events = await decodeTexts('wal2json', rows, assembled);
  expect(events.filter(event => event.kind === 'unknown')).toEqual([]);
  const texts = fixtures.rows('oracle-test_decoding');
  const others = await decodeTexts('test_decoding', texts, assembled);
  const [ours, theirs] = [wal2jsonForm(events), wal2jsonForm(others)];
  ours.forEach((line, i) => {
    expect(line, `line ${i}`).toEqual(theirs[i]);
  });
  expect(ours.length).toBe(theirs.length);
}

async function decodeTexts(
  plugin: TextPlugin,
  rows: readonly RawRow[],
  settings: Settings,
): Promise<LogicalEvent[]> {
  const events: LogicalEvent[] = [];
  const spill = new SpillFolder(tmpdir());
  const decoder = new TextEventDecoder({
    plugin,
    ...settings,
    spill,
    sink: event => events.push(event),
  });
  for (const row of rows) {
    await decoder.push(parseLsn(row.lsn)!, Buffer.from(row.data), Number(row.xid));
  }
  decoder.end();
  return events;
}

/** The SQL function cuts a text at its first zero byte: the content of one message is not all there. */
const cutContent = (line: Line): Line =>
  line.what === 'message' && (line.detail as { prefix: string }).prefix === ''
    ? { ...line, detail: 'cut' }
    : line;

/** The oracle of local changes was recorded without commit times. */
const withoutTime = (line: Line): Line => ({
  ...line,
  ...(line.what === 'commit' ? { detail: undefined } : {}),
});

/** Prepared transactions: the positions and times of the end differ by what each plugin tells. */
const content = ({ what, table, old, row }: Line): Line => ({
  what,
  lsn: '',
  ...(table === undefined ? {} : { table }),
  ...(old === undefined ? {} : { old }),
  ...(row === undefined ? {} : { row }),
});

/**
 * What both tell: wal2json has the old key of every update, leaves unchanged TOAST out, has one truncate a
 * table without its flags, and no text for numbers that are not finite.
 */
function wal2jsonForm(events: readonly LogicalEvent[]): unknown[] {
  const finite = (value: string | null): string | null =>
    value !== null && /^(NaN|-?Infinity)$/.test(value) ? null : value;
  const row = (columns: readonly { name: string; value: string | null }[] | undefined): unknown =>
    columns?.filter(({ value }) => finite(value) !== null).map(({ name, value }) => [name, value]);
  return events.flatMap(event => {
    switch (event.kind) {
      case 'insert':
        return [['insert', event.schema, event.table, row(event.new)]];
      case 'update':
        if (event.table.startsWith('toasty')) return [];
        return [['update', event.schema, event.table, row(event.new)]];
      case 'delete':
        return [['delete', event.schema, event.table, row(event.key)]];
      case 'truncate':
        return event.relations.map(relation => ['truncate', relation.schema, relation.table]);
      case 'begin':
      case 'commit':
        return [[event.kind, event.xid]];
      default:
        return [];
    }
  });
}
