import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SpillFolder } from '../../../src/capture/spillFile';
import { appendToJsonl } from '../../../src/export/appendToJsonl';
import { JsonlWriter } from '../../../src/export/jsonlWriter';
import type { SourceLine } from '../../../src/export/sourceLine';
import type { Delivery } from '../../../src/logical/event';
import { keepalive, message, xlogData } from '../capture/pgoutputBytes';

const COLUMNS = [{ name: 'id', key: true }, { name: 'v' }];
const relation = (xid?: number) => message.relation(16384, 'public', 'orders', COLUMNS, 'd', xid);

/** What the server sends, and from where on it sends it again: what ends at or below that is left out. */
const SENT: readonly { readonly end: bigint; readonly frames: readonly Uint8Array[] }[] = [
  {
    end: 210n,
    frames: [
      xlogData(100n, message.begin(200n, 7n, 700)),
      xlogData(0n, relation()),
      xlogData(110n, message.insert(16384, ['1', 'a'])),
      xlogData(120n, message.insert(16384, ['2', 'b'])),
      xlogData(210n, message.commit(200n, 210n, 7n)),
    ],
  },
  { end: 250n, frames: [keepalive(250n)] },
  { end: 320n, frames: [xlogData(320n, message.logical(false, 320n, 'app', 'hello'))] },
  {
    end: 600n,
    frames: [
      xlogData(400n, message.streamStart(701, true)),
      xlogData(0n, relation(701)),
      xlogData(410n, message.insert(16384, ['3', 'x'], 702)),
      xlogData(410n, message.insert(16384, ['4', 'y'], 701)),
      xlogData(410n, message.streamStop()),
      xlogData(430n, message.streamAbort(701, 702)),
      xlogData(600n, message.streamCommit(701, 590n, 600n, 9n)),
    ],
  },
  { end: 700n, frames: [keepalive(700n)] },
];

const source = (transactions: Delivery): SourceLine => ({
  systemIdentifier: '7300000000000000001',
  database: 'shop',
  slot: 'orders',
  plugin: 'pgoutput',
  transactions,
});

let folder: string;
let name: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgwx-jsonl-'));
  name = path.join(folder, 'events.jsonl');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Consumes what the server has for this file, to the end. */
async function consume(delivery: Delivery): Promise<bigint | undefined> {
  const { target, after } = await appendToJsonl(name, source(delivery));
  const writer = new JsonlWriter({
    target,
    targetName: name,
    delivery,
    plugin: 'pgoutput',
    spill: new SpillFolder(folder),
    durable: true,
    append: after === undefined ? {} : { after },
  });
  const { resumeAfter } = writer;
  expect(writer.storedLsn).toBe(resumeAfter ?? 0n);
  for (const { end, frames } of SENT) {
    if (end <= (resumeAfter ?? 0n)) continue;
    for (const frame of frames) writer.append(frame);
  }
  await writer.flush();
  expect(writer.storedLsn).toBe(700n);
  await writer.close();
  return resumeAfter;
}

/** The lines of changes: tables are described again, positions are noted, cuts are told. */
const changesOf = (text: string): string[] =>
  text.split('\n').filter(line => line !== '' && !/"kind":"(relation|position)"/.test(line));

describe('a file of events that is continued', () => {
  it('has every change once, wherever the process before it was killed', async () => {
    await rm(name, { force: true });
    expect(await consume('assembled')).toBeUndefined();
    const whole = await readFile(name, 'utf8');
    expect(whole.split('\n')[0]).toBe(JSON.stringify({ kind: 'source', ...source('assembled') }));
    expect(whole).toMatch(/\n\{"kind":"position","lsn":"0\/2BC"\}\n$/);
    let last = 0n;
    for (let size = 0; size <= whole.length; size++) {
      // Within a line any place is like another.
      if (size % 7 !== 0 && !/\n/.test(whole.slice(size - 1, size + 2))) continue;
      await writeFile(name, whole.slice(0, size));
      const after = (await consume('assembled')) ?? 0n;
      expect(after >= last, String(size)).toBe(true);
      last = after;
      expect(changesOf(await readFile(name, 'utf8')), String(size)).toEqual(changesOf(whole));
    }
    expect(last).toBe(700n);
  });

  it('says where messages as they came were cut off', async () => {
    await rm(name, { force: true });
    await consume('raw');
    const whole = await readFile(name, 'utf8');
    for (let size = 0; size <= whole.length; size += 7) {
      await writeFile(name, whole.slice(0, size));
      await consume('raw');
      const lines = (await readFile(name, 'utf8')).split('\n').slice(0, -1);
      const kinds = lines.map(line => (JSON.parse(line) as { kind: string }).kind);
      const cut = kinds.lastIndexOf('continued');
      const kept = whole.slice(0, size).split('\n').slice(0, -1);
      expect(lines.slice(0, kept.length), String(size)).toEqual(kept);
      if (cut >= 0) expect(cut, String(size)).toBe(kept.length);
      // What ended before the cut, and all that stands after it, is everything that was committed.
      const ends = kinds.filter(kind => kind === 'commit' || kind === 'streamCommit');
      expect(ends, String(size)).toEqual(['commit', 'streamCommit']);
      expect(kinds.filter(kind => kind === 'message')).toHaveLength(1);
    }
  });

  it('never notes a position within a transaction', async () => {
    await rm(name, { force: true });
    const { target } = await appendToJsonl(name, source('assembled'));
    const writer = new JsonlWriter({
      target,
      targetName: name,
      delivery: 'assembled',
      plugin: 'pgoutput',
      spill: new SpillFolder(folder),
      durable: true,
      append: {},
    });
    const frames = SENT[0]!.frames;
    for (const frame of frames.slice(0, 3)) writer.append(frame);
    writer.append(keepalive(150n));
    await writer.flush();
    expect(writer.storedLsn).toBe(0n);
    for (const frame of frames.slice(3)) writer.append(frame);
    await writer.flush();
    expect(writer.storedLsn).toBe(210n);
    await writer.close();
    expect(await readFile(name, 'utf8')).not.toMatch(/position/);
  });
});
