import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import type { Lsn } from '../../../src/base/lsn';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { ChangeDetails } from '../../../src/capture/changeDetails';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { View } from '../../../src/capture/view';
import type { TimelineRow } from '../../../src/shared/timelineRow';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';

const CHANGES = /^[IUDTM]$/;

describe.each(VERSIONS)('what a Postgres %i sent', version => {
  const fixtures = new LogicalFixtures(version);

  it.each(fixtures.names('sql-peek'))('is shown whole: %s', async name => {
    const rows = fixtures.rows(name);
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    for (const { lsn, data } of rows) {
      writer.appendMessage(parseLsn(lsn) as Lsn, fromHex(data) as Uint8Array);
    }
    await writer.close();
    const file = await CaptureFile.open(files, 'c');
    expect(file.rows).toBe(rows.length);
    const letters = rows.map(({ data }) =>
      String.fromCharCode(Number.parseInt(data.slice(0, 2), 16)),
    );
    const changes = letters.filter(letter => CHANGES.test(letter)).length;
    expect(file.changes).toBe(changes);
    // Every transaction that began has its end in the recording, or is still prepared there.
    const count = (wanted: string) => letters.filter(letter => wanted.includes(letter)).length;
    expect(writer.totals.openTransactions).toBe(count('Pp') - count('Kr'));

    const catalog = new RelationCatalog(file);
    const view = new View(
      1,
      { grouping: 'flat', operations: [], tables: [], text: '' },
      file,
      catalog,
    );
    while (await view.extend());
    expect(view.rows).toBe(changes);
    const shown: TimelineRow[] = [];
    const renderer = new TimelineRows(file, catalog);
    while (shown.length < view.rows) {
      const lines = await view.lines(shown.length, 64);
      shown.push(...(await renderer.render(view, lines, new AbortController().signal)));
    }
    expect(shown.filter(row => row.type !== 'change')).toEqual([]);
    const details = new ChangeDetails(file, catalog);
    for (const seq of new Set(letters.map(letter => letters.lastIndexOf(letter)))) {
      const { error } = await details.detail(seq);
      expect(error).toBe('');
      expect((await details.fields(seq)).error).toBe('');
    }
    await file.close();
  });
});
