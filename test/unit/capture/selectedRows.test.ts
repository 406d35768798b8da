import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { selectedRows } from '../../../src/capture/selectedRows';
import { View } from '../../../src/capture/view';
import type { ViewSpec } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const GROUPED: ViewSpec = { grouping: 'transactions', operations: [], tables: [], text: 'yes' };
const STREAMED = 900;
/** More than are asked for together. */
const PLAIN = 1500;

describe('the rows that were chosen', () => {
  it('are all given, also when a line comes above them meanwhile', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    let lsn = 100n;
    const append = (payload: Uint8Array): void => {
      writer.append(xlogData(lsn++, payload));
    };
    append(message.relation(16384, 'public', 't', [{ name: 'v', key: true }]));
    append(message.streamStart(STREAMED, true));
    append(message.insert(16384, ['no'], STREAMED));
    append(message.streamStop());
    for (let xid = 1; xid <= PLAIN; xid++) {
      append(message.begin(lsn + 2n, 1n, xid));
      append(message.insert(16384, [`yes ${String(xid)}`]));
      append(message.commit(lsn - 1n, lsn, 1n));
    }
    await writer.flush();
    const file = await CaptureFile.open(files, 'c', writer.header);
    const view = new View(1, GROUPED, file, new RelationCatalog(file));
    const takeIn = async (): Promise<void> => {
      while (await file.follow());
      while (await view.extend());
    };
    await takeIn();
    expect(view.rows).toBe(PLAIN);

    const [first] = await view.lines(0, 1);
    const [last] = await view.lines(PLAIN - 1, 1);
    const given: number[] = [];
    const range = { from: first!.seq, to: last!.seq };
    for await (const seq of selectedRows(file, view, { ranges: [range] }, () =>
      Promise.resolve(),
    )) {
      given.push(seq);
      if (given.length > 1) continue;
      // The streamed transaction stands at its first block, above all the others.
      append(message.streamStart(STREAMED, false));
      append(message.insert(16384, ['yes at last'], STREAMED));
      append(message.streamStop());
      await writer.flush();
      await takeIn();
      expect(view.rows).toBe(PLAIN + 1);
    }
    expect(given).toHaveLength(PLAIN);
    expect(new Set(given).size).toBe(PLAIN);
    await writer.close();
    await file.close();
  });
});
