import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureReader } from '../../../src/capture/captureReader';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { CaptureSink } from '../../../src/export/captureSink';
import { JsonlWriter } from '../../../src/export/jsonlWriter';
import type { CustomType } from '../../../src/shared/customType';
import type { StreamFacts, TypeSource } from '../../../src/shared/frameSink';
import type { TimelineSnapshot } from '../../../src/shared/timelineSnapshot';
import { testMeta } from '../capture/captureMeta';
import { message, xlogData } from '../capture/pgoutputBytes';
import { insert } from '../logical/messageBuilder';

const MOOD = 16_500;
const POINTS = 16_501;
const TYPES: readonly CustomType[] = [
  { oid: MOOD, schema: 'public', name: 'mood', typtype: 'e', category: 'E', elem: 0 },
  { oid: POINTS, schema: 'public', name: '_mood', typtype: 'b', category: 'A', elem: MOOD },
];
const FACTS: StreamFacts = {
  source: testMeta.source,
  serverVersionNum: 180_004,
  systemIdentifier: '7300000000000000001',
  pluginOptions: { proto_version: '2', binary: 'true' },
};
const columns = [
  { name: 'id', typeOid: 23, key: true },
  { name: 'feels', typeOid: MOOD },
  { name: 'list', typeOid: POINTS },
];
/** `{glad}` as array_send writes it. */
const LIST = Buffer.concat([
  Buffer.from(Uint32Array.of(1, 0, MOOD, 1, 1, 4).map(swapped).buffer),
  Buffer.from('glad'),
]);
const ROW = insert({
  oid: 20_000,
  row: [{ binary: Uint8Array.of(0, 0, 0, 7) }, { binary: Buffer.from('glad') }, { binary: LIST }],
});
const STREAM = [
  message.begin(0x100n, 0n, 700),
  message.relation(20_000, 'public', 't', columns),
  ROW,
  message.commit(0x100n, 0x108n, 0n),
].map((payload, i) => xlogData(BigInt(0x90 + i), payload));

/** Answers when it is told to. */
class LateTypes implements TypeSource {
  readonly binary = true;
  readonly asked: (readonly number[])[] = [];
  answer: () => void = () => undefined;

  ask(oids: readonly number[]): Promise<readonly CustomType[]> {
    this.asked.push(oids);
    return new Promise(resolve => {
      this.answer = () => {
        resolve(TYPES);
      };
    });
  }
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-types-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('types that come while a stream runs', () => {
  it('reach a timeline that is open: the row is text then, and passes the filter', async () => {
    const file = path.join(folder, 'a.walcap');
    const sink = await CaptureSink.create({ path: file, facts: FACTS, durable: false });
    const source = new LateTypes();
    sink.useTypes(source);
    let head: TimelineSnapshotParts | undefined;
    const reader = new CaptureReader(nodeFiles, told => (head = told));
    await reader.open({ path: file, header: sink.header });
    for (const frame of STREAM) sink.append(frame);
    await until(() => head?.capture.messages === 4);
    // The stream did not wait, and the value is shown as it came.
    expect(source.asked).toEqual([[MOOD, POINTS]]);
    const before = await reader.current.details.detail(2);
    expect(before.columns[2]).toMatchObject({ type: `oid ${String(POINTS)}` });
    expect(before.columns[2]!.after.kind).toBe('binary');
    const { view } = reader.current.setView({
      ...{ grouping: 'transactions', operations: [], tables: [] },
      text: '{GLAD}',
    });
    await until(() => head?.view.view === view && head.view.complete);
    expect(head!.view.matched).toBe(0);
    source.answer();
    await until(() => head?.view.matched === 1);
    expect(head!.view.view).toBe(view);
    const after = await reader.current.details.detail(2);
    expect(after.columns.map(column => [column.type, column.after])).toEqual([
      ['integer', { kind: 'text', text: '7', cut: false, bytes: 1 }],
      ['mood', { kind: 'text', text: 'glad', cut: false, bytes: 4 }],
      ['mood[]', { kind: 'text', text: '{glad}', cut: false, bytes: 6 }],
    ]);
    await sink.close();
    await reader.close();
  });

  it('an end waits for them, but not for long', async () => {
    for (const answers of [true, false]) {
      const file = path.join(folder, `${String(answers)}.walcap`);
      const sink = await CaptureSink.create({ path: file, facts: FACTS, durable: false });
      const source = new LateTypes();
      sink.useTypes(source);
      for (const frame of STREAM) sink.append(frame);
      const closed = sink.close();
      if (answers) source.answer();
      await closed;
      const reader = new CaptureReader(nodeFiles, () => undefined);
      await reader.open({ path: file });
      const { columns: shown } = await reader.current.details.detail(2);
      expect(shown[2]!.after.kind).toBe(answers ? 'text' : 'binary');
      await reader.close();
      // An answer that comes too late is of no use, and harmless.
      source.answer();
    }
  });

  it('a writer of lines waits for them, and asks once', async () => {
    const written: string[] = [];
    const writer = new JsonlWriter({
      target: {
        write: bytes => {
          written.push(Buffer.from(bytes).toString());
          return Promise.resolve();
        },
        sync: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
      targetName: 'out.jsonl',
      delivery: 'assembled',
      plugin: 'pgoutput',
      spill: {
        open: () => {
          throw new Error('nothing is to be spilled');
        },
      },
      durable: false,
    });
    const source = new LateTypes();
    writer.useTypes(source);
    for (const frame of [...STREAM, ...STREAM]) writer.append(frame);
    expect(writer.full).toBe(true);
    source.answer();
    await writer.close();
    expect(source.asked).toEqual([[MOOD, POINTS]]);
    const rows = written
      .join('')
      .split('\n')
      .filter(line => line.includes('"insert"'));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain('"new":{"id":"7","feels":"glad","list":"{glad}"}}');
  });
});

type TimelineSnapshotParts = Pick<TimelineSnapshot, 'view' | 'capture'>;

function swapped(value: number): number {
  return Buffer.from(Uint32Array.of(value).buffer).readUInt32BE(0);
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
