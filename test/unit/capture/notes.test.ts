import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { readWriterStart } from '../../../src/capture/reopenCapture';
import type { CaptureNote } from '../../../src/shared/captureNote';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';
import { noteTime, whoNote } from './whoNotes';

const TIME = noteTime(0);

const who = (xid: number): CaptureNote =>
  whoNote(xid, 0, { query: `update users set token = 'secret'` });
const mark = (id: number): CaptureNote => ({
  kind: 'mark',
  id,
  name: `Mark ${String(id)}`,
  from: { lsn: '0/64', time: TIME },
});
const open = (xid: number) => ({ xid, fate: 'open', commitTime: '' }) as const;

async function writeSome(files: MemoryFiles): Promise<CaptureWriter> {
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  writer.append(xlogData(100n, message.begin(200n, 7n, 700)));
  writer.appendNotes([who(700), mark(1)]);
  writer.append(xlogData(210n, message.commit(200n, 210n, 7n)));
  return writer;
}

async function readAll(files: MemoryFiles, mask: readonly string[] = []): Promise<CaptureFile> {
  const file = await CaptureFile.open(files, 'c', undefined, mask);
  while (await file.readNotes());
  return file;
}

describe('the notes of a capture', () => {
  it('are there after a clean end, and after none', async () => {
    for (const end of ['close', 'flush'] as const) {
      const files = new MemoryFiles();
      const writer = await writeSome(files);
      await writer[end]();
      const file = await readAll(files);
      expect(file.rows).toBe(2);
      expect(file.notes.marks).toMatchObject([{ id: 1, name: 'Mark 1' }]);
      expect(file.who(open(700))).toMatchObject({ seen: true, application: 'checkout' });
      await file.close();
      await writer.close();
    }
  });

  it('stay where the capture is continued, whether directories list them or not', async () => {
    for (const end of ['close', 'flush'] as const) {
      const files = new MemoryFiles();
      await (await writeSome(files))[end]();
      const again = await files.open('c');
      const writer = await CaptureWriter.resume(again, await readWriterStart(again), testMeta);
      writer.appendNotes([mark(2), who(701)]);
      await writer.close();
      const file = await readAll(files);
      expect(file.notes.marks.map(({ id }) => id)).toEqual([1, 2]);
      expect(file.who(open(700))).toMatchObject({ seen: true });
      expect(file.who(open(701))).toMatchObject({ seen: true });
      await file.close();
    }
  });

  it('are left out where they are of a kind that is not known, or say nothing', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const lag = { kind: 'lag', since: TIME, at: TIME, current: '0/30', received: '0/20' } as const;
    const others = [
      { kind: 'of a later version', at: TIME },
      { ...lag, samples: 0 },
      { ...lag, samples: 1.5 },
      { ...lag, samples: 1, current: 48 },
    ];
    writer.appendNotes(others as unknown as CaptureNote[]);
    writer.appendNotes([{ ...lag, samples: 1 }, mark(1)]);
    await writer.close();
    const file = await readAll(files);
    expect(file.notes.marks).toHaveLength(1);
    expect(file.notes.walLag.statistics()).toMatchObject({ samples: 1, max: 16 });
    await file.close();
  });

  it('show no statement where columns are masked', async () => {
    const files = new MemoryFiles();
    await (await writeSome(files)).close();
    const file = await readAll(files, ['token']);
    const seen = file.who(open(700));
    expect(seen).toMatchObject({ application: 'checkout', query: '•••• masked' });
    expect(JSON.stringify(seen)).not.toContain('secret');
    await file.close();
  });
});
