import { expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

it('finds the damaged one of many small blocks, in whatever order they are asked for', async () => {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  const offsets: number[] = [];
  for (let i = 0; i < 400; i++) {
    offsets.push(writer.size);
    const lsn = BigInt(i + 1);
    writer.append(xlogData(lsn, message.logical(false, lsn, 'p', `message ${String(i)}`)));
    await writer.flush();
  }
  await writer.close();
  const bytes = files.bytes('c');
  bytes[offsets[300]! + 60]! ^= 1;
  files.put('flip', bytes);
  const file = await CaptureFile.open(files, 'flip');
  for (const seq of [399, 0, 300, 250, 301, 300, 5, 299]) {
    expect(await file.damagedBlock(seq)).toBe(seq === 300 ? offsets[300] : undefined);
  }
  await file.close();
});
