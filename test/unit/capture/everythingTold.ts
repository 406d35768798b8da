import type { CaptureFile } from '../../../src/capture/captureFile';
import { ChangeDetails } from '../../../src/capture/changeDetails';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { View } from '../../../src/capture/view';
import { copyRows } from '../../../src/export/copyRows';

const WHOLE_ROWS = 40;
const never = new AbortController().signal;

/**
 * Everything that a timeline is told of a capture: rows, details, fields, bytes, whole values, and what is
 * copied. A buffer, because bytes are part of it.
 */
export async function everythingTold(file: CaptureFile): Promise<Buffer> {
  const catalog = new RelationCatalog(file);
  const details = new ChangeDetails(file, catalog);
  const spec = { grouping: 'flat', operations: [], tables: [], text: '' } as const;
  const view = new View(1, spec, file, catalog);
  while (await view.extend());
  const parts: Buffer[] = [];
  const tell = (what: unknown): void => {
    parts.push(Buffer.from(`${JSON.stringify(what)}\n`));
  };
  for (let first = 0; first < view.state.rows; first += 200) {
    tell(await new TimelineRows(file, catalog).render(view, await view.lines(first, 200), never));
  }
  for (let seq = 0; seq < file.rows; seq++) {
    const detail = await details.detail(seq);
    tell(detail);
    tell(await details.fields(seq));
    const { total } = await details.bytes(seq, 0, 1);
    let bytes = 0;
    while (bytes < total) {
      const part = await details.bytes(seq, bytes, 65536);
      if (part.bytes.length === 0) throw new Error('fewer bytes than were told');
      parts.push(Buffer.from(part.bytes));
      bytes += part.bytes.length;
    }
    // Rows that are like one another are not asked for every value.
    const columns = Math.max(
      1,
      seq < WHOLE_ROWS ? detail.columns.length : Math.min(3, detail.columns.length),
    );
    for (let column = 0; column < columns; column++) {
      for (const side of ['before', 'after'] as const) {
        // What is no row has no value.
        tell(await details.value(seq, column, side, 0, 100_000).catch(() => null));
      }
    }
  }
  const selection = { ranges: [{ from: 0, to: 49_999 }] };
  for (const format of ['text', 'json'] as const) {
    tell(await copyRows({ file, catalog, view }, selection, format, () => Promise.resolve()));
  }
  return Buffer.concat(parts);
}
