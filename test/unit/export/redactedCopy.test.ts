import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { gapFrame } from '../../../src/capture/frame';
import { toLsn } from '../../../src/base/lsn';
import { redactedCopy } from '../../../src/export/redactedCopy';
import type { CaptureNote } from '../../../src/shared/captureNote';
import { testMeta } from '../capture/captureMeta';
import { everythingTold } from '../capture/everythingTold';
import { message, xlogData } from '../capture/pgoutputBytes';

const SECRET = 'S3cr3t-7f1c';
const HOST = 'db1.internal.example';
const COLUMNS = [{ name: 'id', key: true }, { name: 'email' }, { name: 'note' }];
const never = new AbortController().signal;
const place = { lsn: '0/64', time: '2026-11-20T13:00:00.000000Z' };
const NOTES: readonly CaptureNote[] = [
  { kind: 'mark', id: 1, name: 'my click', from: place, to: { ...place, lsn: '0/68' } },
  {
    kind: 'who',
    xid: 7,
    began: place.time,
    application: 'app',
    user: 'ada',
    client: HOST,
    pid: 42,
    backendStart: place.time,
    query: `insert into users values (1, '${SECRET}')`,
    queryCut: false,
    queryVisible: true,
    firstSeen: place.time,
    prepared: '',
    seenAt: place.time,
  },
];

let folder: string;
let source: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'redact-'));
  source = path.join(folder, 'source.walcap');
  const writer = await CaptureWriter.create(nodeFiles, source, testMeta);
  const reason = `the connection to ${HOST} was lost`;
  writer.append(gapFrame({ from: toLsn(50n), to: toLsn(60n), reason }));
  const payloads = [
    message.begin(300n, 1n, 7),
    message.relation(16384, 'public', 'users', COLUMNS),
    message.insert(16384, ['1', SECRET, 'visible']),
    message.logical(true, 110n, 'app', `hello ${SECRET}`),
    message.commit(300n, 301n, 1n),
  ];
  payloads.forEach((payload, i) => {
    writer.append(xlogData(BigInt(100 + i), payload));
  });
  writer.appendNotes(NOTES);
  await writer.close();
});
afterAll(() => rm(folder, { recursive: true }));

async function copied(
  name: string,
  what: { readonly mask: readonly string[]; readonly hidesSource: boolean },
  signal = never,
) {
  const target = path.join(folder, name);
  const file = await CaptureFile.open(nodeFiles, source);
  try {
    const request = { path: target, replace: false, ...what };
    const result = await redactedCopy({ path: source, file }, request, signal, () => undefined);
    return { target, result };
  } finally {
    await file.close();
  }
}

describe('a redacted copy', () => {
  it('has nothing of masked columns and of who wrote, and the rest as it was', async () => {
    const mask = ['email', '"app"'];
    const { target, result } = await copied('masked.walcap', { mask, hidesSource: false });
    expect(result).toMatchObject({ complete: true, events: 2, reason: '' });
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    const bytes = await readFile(target);
    // Only the content of the logical message, which is no column's.
    expect(bytes.toString('latin1').split(SECRET).length - 1).toBe(1);
    expect(bytes.includes('ada')).toBe(false);
    const copy = await CaptureFile.open(nodeFiles, target);
    while (await copy.readNotes());
    expect(copy.meta).toMatchObject({ redacted: mask, source: testMeta.source });
    expect(copy.notes.marks).toMatchObject([{ name: 'my click' }]);
    expect(copy.changes).toBe(2);
    expect(copy.gaps.count).toBe(1);
    expect((await everythingTold(copy)).includes('visible')).toBe(true);
    await copy.close();
  });

  it('has no value at all and no name of a server where that was asked for', async () => {
    const { target } = await copied('bare.walcap', { mask: ['*'], hidesSource: true });
    const bytes = await readFile(target);
    for (const gone of [SECRET, 'visible', 'hello', HOST, 'shop', 'walexplorer_tail_test']) {
      expect(bytes.includes(gone), gone).toBe(false);
    }
    const copy = await CaptureFile.open(nodeFiles, target);
    expect(copy.transactions).toBe(1);
    const told = await everythingTold(copy);
    for (const kept of ['users', 'email', '"operation":"insert"', '{"kind":"masked"}', 'app']) {
      expect(told.includes(kept), kept).toBe(true);
    }
    await copy.close();
  });

  it('leaves nothing behind where it was called off', async () => {
    const { target, result } = await copied(
      'cancelled.walcap',
      { mask: ['*'], hidesSource: false },
      AbortSignal.abort(),
    );
    expect(result).toMatchObject({ complete: false, events: 0 });
    await expect(stat(target)).rejects.toThrow('ENOENT');
  });
});
