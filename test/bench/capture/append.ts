import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import type { Figures } from '../replication/figures';
import { percentile, round } from '../replication/figures';

/** Frames that are in memory before the clock runs. */
const TOGETHER = 20_000;

/** Appends what a server sent to another capture: the recorder's work without the network. */
export async function append(file: string): Promise<readonly Figures[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-append-'));
  const source = await CaptureFile.open(nodeFiles, file);
  try {
    const writer = await CaptureWriter.create(nodeFiles, path.join(folder, 'c'), source.meta);
    const slow: number[] = [];
    let seconds = 0;
    let waiting: Uint8Array[] = [];
    const write = async (): Promise<void> => {
      const start = performance.now();
      for (let i = 0; i < waiting.length; i++) {
        const before = performance.now();
        writer.append(waiting[i]!);
        slow.push(performance.now() - before);
        if (!writer.full) continue;
        await new Promise<void>(resolve => {
          writer.onDrain = resolve;
        });
      }
      seconds += (performance.now() - start) / 1000;
      waiting = [];
    };
    for await (const batch of source.messages()) {
      for (const { frame } of batch) waiting.push(Uint8Array.from(frame));
      if (waiting.length >= TOGETHER) await write();
    }
    await write();
    const before = performance.now();
    await writer.close();
    return [
      {
        name: 'append',
        changesPerSecond: Math.round(source.changes / seconds),
        megabytesPerSecond: Math.round(source.bytes / 1e6 / seconds),
        appendP99Ms: round(percentile(slow, 0.99), 4),
        appendMostMs: round(percentile(slow, 1)),
        closeMs: round(performance.now() - before),
      },
    ];
  } finally {
    await source.close();
    await rm(folder, { recursive: true });
  }
}
