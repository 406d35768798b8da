import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { nodeFiles } from '../../src/capture/fileAccess';
import { CaptureFile } from '../../src/capture/captureFile';
import { killAgainAndAgain, PacedLoad, untilFree } from './session/appendedFile';
import { BuiltCli, parseEvents } from './session/cliProcess';
import { linesOfOracle, linesOfPrinted } from './session/eventLines';
import { createSlot, run, SHOP, startShop } from './session/shopCluster';

const KILLS = 8;

let cli: BuiltCli;
let folder: string;
beforeAll(async () => {
  cli = await BuiltCli.build();
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-texts-'));
});
afterAll(async () => {
  await cli.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe.each([14, 18] as const)('a consumed slot of test_decoding, PostgreSQL %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startShop(major, { logical_decoding_work_mem: '64kB' });
  });
  afterAll(() => cluster.dispose());

  it('is in its files once, in order, after many kills at any moment', async () => {
    for (const slot of ['lines', 'capture', 'oracle']) {
      await createSlot(cluster, slot, 'test_decoding');
    }
    const consume = (slot: string): string[] => [
      ...['tail', '--url', cluster.url(SHOP), '--slot', slot, '--consume', '--append'],
      ...['--out', fileOf(slot), '--format', slot === 'lines' ? 'jsonl' : 'capture'],
    ];
    const fileOf = (slot: string): string => path.join(folder, `${String(major)}-${slot}`);
    const load = new PacedLoad(cluster);
    await load.start();
    try {
      await Promise.all(
        ['lines', 'capture'].map(slot =>
          killAgainAndAgain(cli, consume(slot), fileOf(slot), KILLS),
        ),
      );
    } finally {
      await load.stop();
    }
    await run(cluster, [`insert into nothing (id, note) values (1, 'last')`]);
    const [row] = await cluster.adminQuery('select pg_current_wal_insert_lsn()::text as lsn');
    for (const slot of ['lines', 'capture']) {
      await untilFree(cluster, slot);
      const { status, stderr } = await cli.run([...consume(slot), '--until-lsn', row!['lsn']!]);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(stderr).toMatch(/ goes on after [0-9A-F]+\/[0-9A-F]+/);
    }
    const converted = await cli.run(['convert', fileOf('capture'), '--format', 'jsonl']);
    expect(converted.stderr).toBe('');
    const isSaid = ({ what }: { readonly what: string }): boolean => what !== 'message';
    const expected = (await linesOfOracle(cluster, SHOP, 'oracle')).filter(isSaid);
    expect(expected.length).toBeGreaterThan(200);
    for (const text of [await readFile(fileOf('lines'), 'utf8'), converted.stdout]) {
      const events = parseEvents(text);
      expect(events.filter(({ kind }) => kind === 'gap' || kind === 'unknown')).toEqual([]);
      const messages = events
        .filter(({ kind }) => kind === 'message')
        .map(({ content }) => content);
      expect(messages.length).toBeGreaterThan(0);
      expect(new Set(messages).size).toBe(messages.length);
      const changes = events.filter(({ kind }) => kind !== 'source' && kind !== 'position');
      const found = linesOfPrinted(changes).filter(isSaid);
      found.forEach((line, i) => {
        expect(line, `line ${String(i)}`).toEqual(expected[i]);
      });
      expect(found.length).toBe(expected.length);
    }
    const file = await CaptureFile.open(nodeFiles, fileOf('capture'));
    expect(file.problem).toBeUndefined();
    await file.close();
  }, 240_000);
});
