import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { CaptureFile } from '../../../src/capture/captureFile';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { View } from '../../../src/capture/view';
import { exportRows } from '../../../src/export/exportRows';
import type { Figures } from '../replication/figures';
import { round } from '../replication/figures';

/** Writes a capture out, whole and filtered, in both formats. */
export async function exports(name: string): Promise<readonly Figures[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-export-'));
  const file = await CaptureFile.open(nodeFiles, name);
  const figures: Figures[] = [];
  try {
    const catalog = new RelationCatalog(file);
    const spec = {
      grouping: 'transactions',
      operations: ['update'],
      tables: [],
      text: '',
    } as const;
    const view = new View(1, spec, file, catalog);
    while (await view.extend());
    const source = { path: name, file, catalog, view };
    for (const format of ['jsonl', 'capture'] as const) {
      for (const scope of ['all', 'view'] as const) {
        const request = { path: path.join(folder, `${scope}.${format}`), replace: false };
        const { signal } = new AbortController();
        const start = performance.now();
        const { events, bytes } = await exportRows(
          source,
          { ...request, format, scope },
          signal,
          () => undefined,
        );
        const seconds = (performance.now() - start) / 1000;
        figures.push({
          name: `export ${scope} as ${format}`,
          ...{ events, seconds: round(seconds) },
          megabytesPerSecond: Math.round(bytes / 1e6 / seconds),
        });
      }
    }
    return figures;
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}
