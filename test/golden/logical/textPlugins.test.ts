import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseLsn } from '../../../src/base/lsn';
import { SpillFolder } from '../../../src/capture/spillFile';
import type { Delivery, LogicalEvent } from '../../../src/logical/event';
import { formatEvent } from '../../../src/logical/formatEvent';
import type { TextPlugin } from '../../../src/logical/textPlugins/textEventDecoder';
import { TextEventDecoder } from '../../../src/logical/textPlugins/textEventDecoder';
import type { RawRow } from './cases';
import { decodeRows, LogicalFixtures, VERSIONS } from './cases';
import type { Line } from './normalForm';
import { linesOfEvents, linesOfTestDecoding } from './normalForm';
import { published } from './publications';

interface Settings {
  readonly delivery: Delivery;
  readonly memoryLimit?: number;
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

/** One by one: a difference of two long lists says nothing. */
function expectSame(lines: readonly Line[], expected: readonly Line[]): void {
  const first = lines.findIndex((line, i) => !isDeepStrictEqual(line, expected[i]));
  expect(lines[first], `line ${first}`).toEqual(expected[first]);
  expect(lines.length).toBe(expected.length);
}

// The texts of other plugins against two readings of the same WAL: the tests' own, and pgoutput's.
for (const major of VERSIONS) {
  describe(`PostgreSQL ${major}`, () => {
    const fixtures = new LogicalFixtures(major);
    const texts = fixtures.rows('oracle-test_decoding');

    it('test_decoding: every text is an event, equal to an independent reading', async () => {
      const events = await decodeTexts('test_decoding', texts, { delivery: 'assembled' });
      expect(events.filter(event => event.kind === 'unknown')).toEqual([]);
      expectSame(linesOfEvents(events).map(cutContent), linesOfTestDecoding(texts).map(cutContent));
    });

    it('test_decoding: the same rows, values and times as pgoutput', async () => {
      const events = await decodeTexts('test_decoding', texts, { delivery: 'assembled' });
      const pgoutput = await decodeRows(fixtures.rows('v1-messages'), { delivery: 'assembled' });
      expectSame(
        published('v1-messages', linesOfEvents(events)).map(cutContent),
        linesOfEvents(pgoutput).map(cutContent),
      );
    });

    it('test_decoding: a transaction that is spilled is delivered the same', async () => {
      const kept = await decodeTexts('test_decoding', texts, { delivery: 'assembled' });
      const spilled = await decodeTexts('test_decoding', texts, {
        delivery: 'assembled',
        memoryLimit: 10_000,
      });
      expect(spilled.map(formatEvent)).toEqual(kept.map(formatEvent));
    });

    // 14 has no protocol that tells pgoutput's side of it.
    it.each(major < 15 ? [] : ['v3-2pc'])(
      'test_decoding: prepared ones appear at their commit: %s',
      async name => {
        const rows = fixtures.rows('oracle-test_decoding-2pc');
        const events = await decodeTexts('test_decoding', rows, { delivery: 'assembled' });
        const raw = await decodeTexts('test_decoding', rows, { delivery: 'raw' });
        const kinds = new Set(raw.map(event => event.kind));
        expect(kinds).toContain('prepare');
        expect(kinds).toContain('rollbackPrepared');
        const pgoutput = await decodeRows(fixtures.rows(name), { delivery: 'assembled' });
        expectSame(
          published(name, linesOfEvents(events)).map(plain),
          linesOfEvents(pgoutput).map(plain),
        );
      },
    );

    it('test_decoding: what a streamed block hides is said, and the rest is there', async () => {
      const rows = fixtures.rows('oracle-test_decoding-stream');
      const raw = await decodeTexts('test_decoding', rows, { delivery: 'raw' });
      expect(raw).toHaveLength(rows.length);
      const unknown = raw.filter(event => event.kind === 'unknown');
      expect(unknown).toHaveLength(
        rows.filter(row => /^streaming (change|truncate)/.test(row.data)).length,
      );
      expect(unknown[0]!.error).toContain('stream-changes');
      for (const kind of ['streamStart', 'streamStop', 'streamCommit', 'streamAbort'] as const) {
        expect(raw.some(event => event.kind === kind)).toBe(true);
      }
    });

    it('wal2json: the same rows and values as test_decoding', async () => {
      const rows = fixtures.rows('oracle-wal2json-v2');
      const events = await decodeTexts('wal2json', rows, { delivery: 'assembled' });
      expect(events.filter(event => event.kind === 'unknown')).toEqual([]);
      const others = await decodeTexts('test_decoding', texts, { delivery: 'assembled' });
      const ours = wal2jsonForm(events);
      const theirs = wal2jsonForm(others);
      const first = ours.findIndex((line, i) => !isDeepStrictEqual(line, theirs[i]));
      expect(ours[first], `line ${first}`).toEqual(theirs[first]);
      expect(ours.length).toBe(theirs.length);
    });

    it('no cut text stops the stream', async () => {
      const rows = [...texts.slice(0, 300), ...fixtures.rows('oracle-wal2json-v2').slice(0, 300)];
      for (const plugin of ['test_decoding', 'wal2json'] as const) {
        const cut = rows.map((row, i) => ({
          ...row,
          data: row.data.slice(0, (i * 7) % row.data.length),
        }));
        const events = await decodeTexts(plugin, cut, { delivery: 'raw' });
        for (const event of events) JSON.parse(formatEvent(event));
      }
    });
  });
}

/** The SQL function cuts a text at its first zero byte: the content of one message is not all there. */
const cutContent = (line: Line): Line =>
  line.what === 'message' && (line.detail as { prefix: string }).prefix === ''
    ? { ...line, detail: 'cut' }
    : line;

/** Prepared transactions: the positions and times of the end differ by what each plugin tells. */
const plain = ({ what, table, old, row }: Line): Line => ({
  what,
  lsn: '',
  ...(table === undefined ? {} : { table }),
  ...(old === undefined ? {} : { old }),
  ...(row === undefined ? {} : { row }),
});

/**
 * What both tell: wal2json has the old key of every update, leaves unchanged TOAST out, has one truncate a table without its flags, and no
 * text for numbers that are not finite.
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
