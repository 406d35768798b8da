import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpillFolder } from '../../../src/capture/spillFile';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spill-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('SpillFolder', () => {
  it('gives back the chunks of each spool in their order, though the buffer is used again', async () => {
    const store = new SpillFolder(path.join(folder, 'deep', 'er'));
    const spools = [store.open(), store.open()];
    const buffer = new Uint8Array(1000);
    for (let i = 0; i < 20; i++) {
      buffer.fill(i);
      spools[i % 2]!.append(buffer.subarray(0, 1 + i * 50));
    }
    for (const [which, spool] of spools.entries()) {
      let i = which;
      for await (const chunk of spool.read()) {
        expect(chunk).toEqual(new Uint8Array(1 + i * 50).fill(i));
        i += 2;
      }
      expect(i).toBe(20 + which);
      spool.dispose();
      spool.dispose();
    }
    expect(readdirSync(path.join(folder, 'deep', 'er'))).toEqual([]);
    if (process.platform !== 'win32') {
      expect(statSync(path.join(folder, 'deep')).mode & 0o777).toBe(0o700);
    }
  });

  it('refuses what comes after its end', () => {
    const spool = new SpillFolder(folder).open();
    spool.dispose();
    expect(() => {
      spool.append(new Uint8Array(1));
    }).toThrow('closed');
  });
});
