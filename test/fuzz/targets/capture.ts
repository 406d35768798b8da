import { CaptureError } from '../../../src/capture/captureError';
import {
  BLOCK_HEADER_SIZE,
  FILE_HEAD_SIZE,
  readBlockHeader,
  sealBlock,
} from '../../../src/capture/blockFormat';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { ChangeDetails } from '../../../src/capture/changeDetails';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { View } from '../../../src/capture/view';
import { testMeta } from '../../unit/capture/captureMeta';
import { MemoryFiles } from '../../unit/capture/memoryFiles';
import type { Corpus } from '../corpus';
import { stretch } from '../corpus';
import { damaged, damagedList } from '../damage';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';
import { expectThat } from '../target';

/**
 * A capture of a stretch of a stream whose file is damaged: anywhere, or inside of blocks whose checksum
 * is then made right, so that the damage gets past it. All that a timeline reads is read.
 */
export const captureTarget: FuzzTarget = {
  name: 'capture file',
  weight: 6,
  async run(random, corpus) {
    const written = await capture(random, corpus);
    const bytes = random.chance(2) ? damaged(random, written) : sealedDamage(random, written);
    const files = new MemoryFiles();
    files.put('c', bytes);
    let file: CaptureFile;
    try {
      file = await CaptureFile.open(files, 'c');
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      return;
    }
    try {
      await readAll(file, written.length);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
    } finally {
      await file.close();
    }
  },
};

async function capture(random: Random, corpus: Corpus): Promise<Uint8Array> {
  const { bytes, lsns } = stretch(random, corpus.streams, 30);
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  const messages = random.chance(3) ? damagedList(random, bytes) : bytes;
  messages.forEach((message, i) => {
    writer.appendMessage(lsns[i % lsns.length]!, message);
  });
  // One whose writer died has no directory.
  if (random.chance(3)) await writer.flush();
  else await writer.close();
  const result = files.bytes('c');
  await writer.close();
  return result;
}

function sealedDamage(random: Random, file: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [file.subarray(0, FILE_HEAD_SIZE)];
  for (let at = FILE_HEAD_SIZE; ;) {
    const header = readBlockHeader(file, at);
    if (header === undefined) break;
    const end = at + BLOCK_HEADER_SIZE + header.length;
    const payload = file.subarray(at + BLOCK_HEADER_SIZE, end);
    const changed = random.chance(2) ? damaged(random, payload) : payload;
    const block = new Uint8Array(BLOCK_HEADER_SIZE + changed.length);
    block.set(changed, BLOCK_HEADER_SIZE);
    sealBlock(block, header.type, header.time);
    parts.push(block);
    at = end;
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function readAll(file: CaptureFile, size: number): Promise<void> {
  expectThat(file.rows <= size, `${file.rows} messages in ${size} bytes`);
  const catalog = new RelationCatalog(file);
  const settings = { grouping: 'flat', operations: [], tables: [], text: 'a' } as const;
  const view = new View(1, settings, file, catalog);
  while (await view.extend());
  expectThat(view.rows <= file.rows, `${view.rows} rows of ${file.rows} messages`);
  const renderer = new TimelineRows(file, catalog);
  const lines = await view.lines(0, 64);
  await renderer.render(view, lines, new AbortController().signal);
  const details = new ChangeDetails(file, catalog);
  for (let seq = 0; seq < Math.min(file.rows, 20); seq++) {
    await details.detail(seq);
    await details.fields(seq);
  }
}
