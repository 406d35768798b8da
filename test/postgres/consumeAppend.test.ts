import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { parseLsn } from '../../src/base/lsn';
import { nodeFiles } from '../../src/capture/fileAccess';
import { CaptureFile } from '../../src/capture/captureFile';
import { killAgainAndAgain, PacedLoad, untilFree } from './session/appendedFile';
import type { CliEvent } from './session/cliProcess';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { linesOfOracle, linesOfPrinted } from './session/eventLines';
import { createSlot, run, SHOP, slotPosition, startShop } from './session/shopCluster';

const KILLS = 12;

let cli: BuiltCli;
let folder: string;
beforeAll(async () => {
  cli = await BuiltCli.build();
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-append-'));
});
afterAll(async () => {
  await cli.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe.each([14, 18] as const)('a consumed slot in a file, PostgreSQL %i', major => {
  let cluster: Cluster;
  let url: string;
  let last = 0;
  const place = (name: string): string => path.join(folder, `${String(major)}-${name}`);

  const consume = (slot: string, file: string, ...more: string[]): string[] => [
    ...['tail', '--url', url, '--slot', slot, '--consume', '--publication', 'everything'],
    ...['--out', file, '--append', ...more],
  ];

  beforeAll(async () => {
    cluster = await startShop(major, { logical_decoding_work_mem: '64kB' });
    url = cluster.url(SHOP, 'looker');
    // Its own tables are published before the slots begin.
    for (const slot of ['in_lines', 'in_raw', 'in_capture', 'second', 'full', 'idle']) {
      await createSlot(cluster, slot);
    }
    await createSlot(cluster, 'oracle', 'test_decoding');
  });
  afterAll(() => cluster.dispose());

  /** A position that everything which was committed until now stands before. */
  async function untilHere(): Promise<string> {
    const id = String(++last);
    await run(cluster, [`insert into nothing (id, note) values (${id}, 'last')`]);
    // Not what is written already: commits need not wait for that here.
    const [row] = await cluster.adminQuery('select pg_current_wal_insert_lsn()::text as lsn');
    return row?.['lsn'] ?? '';
  }

  it('holds every committed change once, in order, after many kills at any moment', async () => {
    const lines = place('lines.jsonl');
    const raw = place('raw.jsonl');
    const capture = place('capture.walcap');
    const load = new PacedLoad(cluster);
    await load.start();
    const all = [
      consume('in_lines', lines),
      consume('in_raw', raw, '--transactions', 'raw'),
      consume('in_capture', capture, '--format', 'capture'),
    ];
    const files = [lines, raw, capture];
    try {
      await Promise.all(all.map((args, i) => killAgainAndAgain(cli, args, files[i]!, KILLS)));
    } finally {
      await load.stop();
    }
    const end = await untilHere();
    for (const slot of ['in_lines', 'in_raw', 'in_capture']) await untilFree(cluster, slot);
    for (const args of all) {
      const { status, stderr } = await cli.run([...args, '--until-lsn', end]);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(stderr).toMatch(/ goes on after [0-9A-F]+\/[0-9A-F]+/);
    }
    const converted = await cli.run(['convert', capture, '--format', 'jsonl']);
    expect(converted.stderr).toBe('');
    const expected = await linesOfOracle(cluster, SHOP, 'oracle');
    expect(expected.length).toBeGreaterThan(500);
    const ofLines = parseEvents(await readFile(lines, 'utf8'));
    const ofCapture = parseEvents(converted.stdout);
    expect(ofLines.filter(({ kind }) => kind === 'gap')).toEqual([]);
    for (const events of [ofLines, ofCapture]) {
      const changes = events.filter(({ kind }) => kind !== 'source' && kind !== 'position');
      const found = linesOfPrinted(changes).map(line =>
        line.what === 'message' ? { ...line, detail: saidBy(line.detail) } : line,
      );
      found.forEach((line, i) => {
        expect(line, `line ${String(i)}`).toEqual(expected[i]);
      });
      expect(found.length).toBe(expected.length);
    }
    // What came as it came, without what was cut off, is the same.
    const kept = committedOf(parseEvents(await readFile(raw, 'utf8')));
    expect(kept).toEqual(committedOf(ofLines));
    // The capture opens as one that was never interrupted, and its directory says the same as its blocks.
    const file = await CaptureFile.open(nodeFiles, capture);
    expect(file.problem).toBeUndefined();
    await file.close();
  }, 240_000);

  it('is refused, and left as it was, where it holds something else', async () => {
    const own = place('own.jsonl');
    await cli.run(consume('second', own, '--until-lsn', await untilHere()));
    const before = await readFile(own);
    const foreign = place('notes.txt');
    await writeFile(foreign, 'my notes\n');
    const tailed = place('tailed.jsonl');
    await writeFile(tailed, '{"kind":"begin","lsn":"0/1","xid":7}\n');
    await mkdir(place('folder'));
    await symlink(own, place('link'));
    const asked: (readonly [string[], RegExp])[] = [
      [consume('in_lines', own), /holds the changes of the slot "second", not of "in_lines"/],
      [
        consume('second', own, '--transactions', 'raw'),
        /was written with --transactions assembled/,
      ],
      [
        consume('second', own, '--format', 'capture'),
        /This file is not a capture|this file is not a capture/,
      ],
      [consume('second', foreign), /was not begun with --append/],
      [consume('second', tailed), /was not begun with --append/],
      [consume('second', place('folder')), /is a folder/],
      [consume('second', place('link')), /is a symbolic link/],
      [consume('second', '/dev/full'), /is no regular file/],
      [consume('second', '/proc/nothing.jsonl'), /Cannot go on in \/proc\/nothing.jsonl/],
      [
        consume('in_lines', place('capture.walcap'), '--format', 'capture'),
        /holds the changes of the slot "in_capture"/,
      ],
    ];
    for (const [args, reason] of asked) {
      const { status, stderr } = await cli.run(args);
      expect(stderr).toMatch(reason);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(status).toBe(1);
    }
    expect((await readFile(own)).equals(before)).toBe(true);
    expect(await readFile(foreign, 'utf8')).toBe('my notes\n');
  });

  it('has one writer at a time, and a killed one keeps nobody out', async () => {
    const file = place('one.jsonl');
    const first = cli.start(consume('second', file));
    await eventually(async () => (await readFile(file).catch(() => '')).length > 0, 'it is open');
    const other = await cli.run(consume('full', file));
    expect(other.stderr).toMatch(/Another process is writing .*one\.jsonl\. End that one first/);
    expect(other.status).toBe(1);
    first.child.kill('SIGKILL');
    await first.ended;
    await untilFree(cluster, 'second');
    const next = await cli.run(consume('second', file, '--until-lsn', await untilHere()));
    expect(next.status).toBe(0);
  });

  it('knows how far it reaches where nothing of the slot’s concern comes', async () => {
    const file = place('idle.jsonl');
    const first = await cli.run(consume('idle', file, '--until-lsn', await untilHere()));
    expect(first.status).toBe(0);
    const running = cli.start(consume('idle', file));
    const before = await slotPosition(cluster, 'idle');
    // Another database writes: the server moves on, and so does the slot, and the file says so.
    await cluster.adminQuery('create table if not exists elsewhere as select 1 as a', 'postgres');
    await eventually(
      async () => {
        await cluster.adminQuery(
          'insert into elsewhere select generate_series(1, 100)',
          'postgres',
        );
        return (await slotPosition(cluster, 'idle')).confirmed !== before.confirmed;
      },
      'the slot moves',
      60_000,
    );
    running.child.kill('SIGKILL');
    await running.ended;
    await untilFree(cluster, 'idle');
    const noted = parseEvents(await readFile(file, 'utf8')).at(-1);
    expect(noted?.kind).toBe('position');
    const { confirmed } = await slotPosition(cluster, 'idle');
    expect(parseLsn(confirmed)! <= parseLsn(noted!.lsn)!).toBe(true);
    const again = await cli.run(consume('idle', file, '--until-lsn', await untilHere()));
    expect(again.status).toBe(0);
    const events = parseEvents(await readFile(file, 'utf8'));
    // It was us who moved the slot: that is no gap.
    expect(events.filter(({ kind }) => kind === 'gap')).toEqual([]);
    expect(again.stderr).toMatch(/goes on after /);
    // Somebody else moves it: what they read is missing here, and the file says so.
    await run(cluster, [`insert into plain (id, name) values (7, 'taken')`]);
    await eventually(async () => {
      const [row] = await cluster.adminQuery(
        `select count(*)::text as changes from pg_logical_slot_get_binary_changes('idle', null, null, 'proto_version', '1', 'publication_names', 'everything')`,
        SHOP,
      );
      return row?.['changes'] !== '0';
    }, 'somebody else reads it');
    const taken = await cli.run(consume('idle', file, '--until-lsn', await untilHere()));
    expect(taken.status).toBe(0);
    const gaps = parseEvents(await readFile(file, 'utf8')).filter(({ kind }) => kind === 'gap');
    expect(gaps).toHaveLength(1);
  }, 120_000);

  it.runIf(process.platform === 'linux')(
    'ends with a full disk, and goes on when there is room',
    async () => {
      const file = place('full.jsonl');
      await run(cluster, [
        `insert into documents select 5000000 + g, 'much', repeat('m', 2000) from generate_series(1, 2000) g`,
      ]);
      const end = await untilHere();
      // A limit of the size of files stands for a disk: 1 MB, of more than 4.
      const args = consume('full', file, '--until-lsn', end);
      const limited = spawn(
        'bash',
        [
          '-c',
          'ulimit -f 1000; trap "" XFSZ; exec "$0" "$@"',
          process.execPath,
          cli.script,
          ...args,
        ],
        { env: { PATH: process.env['PATH'] ?? '', HOME: cli.folder } },
      );
      let stderr = '';
      limited.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      const status = await new Promise(resolve => limited.on('close', resolve));
      expect(status).toBe(1);
      expect(stderr).toMatch(/full\.jsonl/);
      const kept = await readFile(file, 'utf8');
      expect(kept.endsWith('\n')).toBe(true);
      expect((await cli.run(args)).status).toBe(0);
      const events = parseEvents(await readFile(file, 'utf8'));
      const much = events.filter(({ new: row }) => row?.['title'] === 'much');
      expect(new Set(much.map(({ new: row }) => row?.['id'])).size).toBe(2000);
      expect(much).toHaveLength(2000);
      await chmod(file, 0o600);
    },
  );
});

function saidBy(event: unknown): unknown {
  const { transactional, prefix, content } = event as CliEvent & {
    readonly transactional: boolean;
  };
  return { transactional, prefix, content };
}

/** The changes that were committed, in commit order, of events in either delivery. */
function committedOf(events: readonly CliEvent[]): string[] {
  const open = new Map<number, CliEvent[]>();
  const committed: string[] = [];
  let block = 0;
  for (const event of events) {
    const { xid = 0 } = event;
    const top = block === 0 ? xid : block;
    switch (event.kind) {
      case 'begin':
        open.set(xid, []);
        break;
      case 'streamStart':
        if (!open.has(xid)) open.set(xid, []);
        block = xid;
        break;
      case 'streamStop':
        block = 0;
        break;
      case 'continued':
        open.clear();
        block = 0;
        break;
      case 'streamAbort': {
        const { subxid } = event as CliEvent & { readonly subxid: number };
        const rest = (open.get(xid) ?? []).filter(
          each => (each as CliEvent & { readonly subxid?: number }).subxid !== subxid,
        );
        if (subxid === xid) open.delete(xid);
        else open.set(xid, rest);
        break;
      }
      case 'commit':
      case 'streamCommit':
        for (const each of open.get(xid) ?? []) committed.push(changeOf(each));
        open.delete(xid);
        break;
      case 'insert':
      case 'update':
      case 'delete':
        open.get(top)?.push(event);
        break;
      default:
    }
  }
  return committed;
}

function changeOf({ kind, lsn, table, new: row, old, key }: CliEvent): string {
  return JSON.stringify([kind, lsn, table, row, old, key]);
}
