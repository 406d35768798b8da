import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutputChoice } from '../../../src/cli/outputOptions';
import { refuseExistingOutput } from '../../../src/cli/outputOptions';
import { NO_MASK } from '../../../src/shared/columnMask';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-output-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ring = (): OutputChoice => ({
  format: 'capture',
  delivery: 'assembled',
  out: path.join(folder, 'now.walcap'),
  maxSize: 10e6,
  mask: NO_MASK,
});
const make = (name: string): Promise<void> => writeFile(path.join(folder, name), '');

describe('what is there already', () => {
  it('is no file of a ring, whatever else is called like it', async () => {
    for (const name of ['now.walcap', 'now-1.walcap', 'now-0001.jsonl', 'now-later.walcap']) {
      await make(name);
    }
    await expect(refuseExistingOutput(ring())).resolves.toBeUndefined();
  });

  it('is a later file of another ring, which this one would run into', async () => {
    await make('now-0030.walcap');
    await expect(refuseExistingOutput(ring())).rejects.toThrow(
      `${path.join(folder, 'now-0030.walcap')} exists already`,
    );
  });

  it('is the file itself where there is no ring', async () => {
    const { maxSize, ...single } = ring();
    expect(maxSize).toBeGreaterThan(0);
    await make('now-0001.walcap');
    await expect(refuseExistingOutput(single)).resolves.toBeUndefined();
    await make('now.walcap');
    await expect(refuseExistingOutput(single)).rejects.toThrow('exists already');
  });
});
