import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appendToCapture } from '../../../src/export/appendToCapture';
import { testMeta } from '../capture/captureMeta';
import { message, xlogData } from '../capture/pgoutputBytes';

const FACTS = {
  source: { ...testMeta.source, kind: 'consume' as const },
  serverVersionNum: 180_004,
  systemIdentifier: '7300000000000000001',
  pluginOptions: {},
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-append-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('goes on with the masks that the capture has, and with no others', async () => {
  for (const [masks, others, same] of [
    [
      ['email', 'public.people.name'],
      [[], ['email'], ['*']],
      ['public.people.name', 'email'],
    ],
    [[], [['email']], []],
  ] as const) {
    const file = path.join(folder, `${String(masks.length)}.walcap`);
    const open = (redacted: readonly string[]) =>
      appendToCapture({ path: file, facts: FACTS, durable: true, redacted });
    const { sink } = await open(masks);
    sink.append(xlogData(100n, message.begin(200n, 7n, 700)));
    await sink.close();
    const bytes = await readFile(file);
    for (const other of others) {
      await expect(open(other)).rejects.toThrow(/was written with .*, which all of it is to have/);
    }
    expect(await readFile(file)).toEqual(bytes);
    await (await open(same)).sink.close();
  }
});
