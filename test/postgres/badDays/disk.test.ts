import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { parseEvents } from '../session/cliProcess';
import { createSlot, run, SHOP, startShop } from '../session/shopCluster';
import { changesOf, expectNothingLeft, failureOf, pgwal } from './pgwalHere';

const ROWS = 4000;
/** More than this test writes in all; a file system of this size takes a part of it. */
const SMALL = '2m';

// A disk without room, and places where nothing may be written. A small disk is a file system in memory,
// which takes root to mount; who is not root has cliHardTimes.test.ts with a device that is always full.
describe('a bad day of the disk', () => {
  const isRoot = process.getuid?.() === 0;
  let cluster: Cluster;
  let folder: string;
  let small: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-disk-'));
    small = path.join(folder, 'small');
    mkdirSync(small);
    if (isRoot) mount('-t', 'tmpfs', '-o', `size=${SMALL}`, 'tmpfs', small);
    cluster = await startShop(18, { synchronous_commit: 'on' });
    await createSlot(cluster, 'pending');
    await run(cluster, [
      `insert into documents select g, 'x', repeat('y', 1000) from generate_series(1, ${String(ROWS)}) g`,
    ]);
  });
  afterAll(async () => {
    if (isRoot) spawnSync('umount', ['-l', small]);
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const peek = (...more: string[]) =>
    pgwal(
      ...['peek', '--url', cluster.url(SHOP, 'looker'), '--slot', 'pending'],
      ...['--publication', 'everything', ...more],
    );
  const capture = (file: string) => ['--format', 'capture', '--out', file];

  it.runIf(isRoot)('no room for a capture: what was written opens', async () => {
    const file = path.join(small, 'a.walcap');
    expect(await failureOf(peek(...capture(file)))).toBe(
      'The disk is full: the capture ends here. What was written before can be opened. Make room, or write to another disk.',
    );
    const changes = await changesOf(file);
    expect(changes).toBeGreaterThan(100);
    expect(changes).toBeLessThan(ROWS);
    rmSync(file);
    await expectNothingLeft(cluster);
  });

  it.runIf(isRoot)('no room for what a filter waits for: nothing of it stays', async () => {
    const file = path.join(small, 'b.walcap');
    expect(await failureOf(peek(...capture(file), '--filter', 'new.id == 7'))).toBe(
      'The disk is full: the capture ends here. What was written before can be opened. Make room, or write to another disk.',
    );
    expect(await changesOf(file)).toBe(0);
    expect(await readdir(small)).toEqual(['b.walcap']);
    rmSync(file);
    await expectNothingLeft(cluster);
  });

  it.runIf(isRoot)('no room for events: whole lines are there', async () => {
    const whole = path.join(folder, 'whole.walcap');
    expect((await peek(...capture(whole))).status).toBe(0);
    const calls = [
      (file: string) => peek('--out', file),
      (file: string) => pgwal('convert', whole, '--out', file),
    ];
    for (const call of calls) {
      const file = path.join(small, 'a.jsonl');
      expect(await failureOf(call(file))).toBe(
        `There is no space left to write ${file}. Make room, or write to another disk.`,
      );
      const text = readFileSync(file, 'utf8');
      expect(text.endsWith('\n')).toBe(true);
      const inserts = parseEvents(text).filter(({ kind }) => kind === 'insert');
      expect(inserts.length).toBeGreaterThan(100);
      expect(inserts.length).toBeLessThan(ROWS);
      rmSync(file);
    }
    await expectNothingLeft(cluster);
  });

  it.runIf(isRoot)('no room for what waits for its commit', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = small;
    try {
      // More than is kept in memory, in one transaction that is streamed.
      await run(cluster, [
        `insert into documents select g, 'x', repeat('z', 10000) from generate_series(10001, 20000) g`,
      ]);
      expect(await failureOf(peek())).toBe(
        `A large transaction that waits for its commit cannot be put into ${small}: the disk is full. Make room there, set TMPDIR to another folder, or use --transactions raw.`,
      );
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    expect(await readdir(small)).toEqual([]);
    await expectNothingLeft(cluster);
  });

  it('a place that is not there, or where nothing may be written', async () => {
    const file = path.join(folder, 'a file');
    expect((await peek('--limit', '1', '--out', file)).status).toBe(0);
    const before = await readdir(folder);
    const places: (readonly [string, string])[] = [
      [path.join(folder, 'none', 'a'), 'the folder or file does not exist'],
      [path.join(file, 'a'), 'a part of its path is a file, not a folder'],
      [path.join(folder, 'x'.repeat(300)), 'the name is too long'],
    ];
    if (isRoot) {
      mount('-o', 'remount,ro', small);
      places.push([path.join(small, 'a'), 'the file system is read-only']);
    } else {
      places.push(['/a-file-of-nobody', 'this user is not allowed to']);
    }
    for (const [place, reason] of places) {
      expect(await failureOf(peek('--out', place))).toBe(
        `Cannot create ${place}: ${reason}. Choose another place with --out.`,
      );
      expect(await failureOf(peek(...capture(place)))).toBe(
        `The capture ${place} cannot be made: ${reason}. Check that the folder exists and that you may write there.`,
      );
    }
    expect(await failureOf(peek('--out', file))).toBe(
      `${file} exists already. Choose another name, or remove it first.`,
    );
    expect(await readdir(folder)).toEqual(before);
    await expectNothingLeft(cluster);
  });
});

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount ${args.join(' ')} failed: ${stderr}`);
}
