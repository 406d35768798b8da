import { expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { WireReader } from '../../../src/capture/wireLines';
import { statusUpdateMessage } from '../../../src/postgres/statusUpdate';
import type { WireLine } from '../../../src/shared/wireApi';
import { testMeta } from './captureMeta';
import { independentFrames, independentIndex, isNumbered } from './independentReader';
import { MemoryFiles } from './memoryFiles';
import { keepalive, message, xlogData } from './pgoutputBytes';

const status = (flushed: bigint): Uint8Array =>
  statusUpdateMessage(
    { written: toLsn(900n), flushed: toLsn(flushed), applied: toLsn(flushed) },
    1_763_640_000_000,
    true,
  ).subarray(5);

const FRAMES = [
  status(0n),
  keepalive(90n),
  xlogData(100n, message.begin(200n, 7n, 700)),
  xlogData(100n, message.relation(16384, 'public', 'orders', [{ name: 'id', key: true }])),
  xlogData(110n, message.insert(16384, ['1'])),
  status(0n),
  xlogData(210n, message.commit(200n, 210n, 7n)),
  Buffer.from('x12345678'),
  keepalive(220n),
  Buffer.from('c'),
  Buffer.from('C'),
];

async function read(files: MemoryFiles): Promise<{ file: CaptureFile; wire: WireReader }> {
  const file = await CaptureFile.open(files, 'c');
  return { file, wire: new WireReader(file, new RelationCatalog(file)) };
}

async function everyLine(wire: WireReader, hideData: boolean): Promise<WireLine[]> {
  const lines: WireLine[] = [];
  for (;;) {
    const page = await wire.wire({ first: lines.length, count: 200, hideData });
    lines.push(...page.lines);
    if (page.reached === page.messages && lines.length === page.rows) return lines;
  }
}

it('shows both sides in order, with the bytes of each frame and what they mean', async () => {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  for (const frame of FRAMES) writer.append(frame);
  writer.appendGap({ from: toLsn(220n), to: toLsn(300n), reason: 'cut' });
  await writer.close();
  const { wire } = await read(files);
  const lines = await everyLine(wire, false);
  expect(lines.map(({ direction, name, lsn }) => `${direction} ${name} ${lsn}`.trim())).toEqual([
    'sent Status update 0/384',
    'received Keepalive 0/5A',
    'received Begin 0/64',
    'received Relation 0/64',
    'received Insert 0/6E',
    'sent Status update 0/384',
    'received Commit 0/D2',
    "received Unknown 'x'",
    'received Keepalive 0/DC',
    'sent CopyDone',
    'received CopyDone',
    'none Gap 0/DC',
  ]);
  expect(lines.map(({ seq }) => seq)).toEqual([-1, -1, 0, 1, 2, -1, 3, 4, -1, -1, -1, 5]);
  expect(lines[4]).toMatchObject({
    note: 'public.orders, xid 700',
    time: '2000-01-01T00:00:00.000001Z',
  });
  expect(lines[5]).toMatchObject({
    note: 'flushed 0/0, applied 0/0, asks for an answer',
    time: '2025-11-20T12:00:00.000000Z',
  });
  const hidden = await everyLine(wire, true);
  expect(hidden).toEqual(lines.filter(({ kind }) => kind !== 'data'));
  for (const [row, { seq }] of lines.entries()) {
    if (seq < 0) continue;
    expect(await wire.wireRow({ seq, hideData: false })).toEqual({ row });
  }
  // Of a message that is hidden, what comes after it: the status update after the insert.
  expect(await wire.wireRow({ seq: 2, hideData: true })).toEqual({ row: 2 });
  expect(await wire.wireRow({ seq: 4, hideData: true })).toEqual({ row: 3 });

  const fields = await wire.wireFields({ row: 4, hideData: false });
  expect(fields.fields.map(({ name, offset, length }) => [name, offset, length])).toEqual([
    ['type', 0, 1],
    ['walStart', 1, 8],
    ['walEnd', 9, 8],
    ['sendTime', 17, 8],
    ['message', 25, FRAMES[4]!.length - 25],
  ]);
  expect(fields.fields.at(-1)?.children[0]).toMatchObject({ value: "'I' Insert", offset: 25 });
  const update = await wire.wireFields({ row: 1, hideData: true });
  expect(update).toEqual(await wire.wireFields({ row: 1, hideData: false }));
  for (const [row, frame] of FRAMES.entries()) {
    const page = await wire.wireBytes({ row, hideData: false, offset: 0, length: 1000 });
    expect(Buffer.compare(page.bytes, frame)).toBe(0);
    expect(page.total).toBe(frame.length);
  }
});

it('agrees with a reader that knows only the document, over many blocks and while it grows', async () => {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  const { file, wire } = await read(files);
  const compare = async (wire: WireReader): Promise<void> => {
    const lines = await everyLine(wire, false);
    const frames = independentFrames(Buffer.from(files.bytes('c')));
    expect(lines.map(({ offset, length }) => [offset, length])).toEqual(
      frames.map(({ offset, bytes }) => [offset, bytes.length]),
    );
    expect(await everyLine(wire, true)).toEqual(lines.filter(({ kind }) => kind !== 'data'));
  };
  for (let n = 1; n <= 300; n++) {
    writer.append(xlogData(BigInt(n), message.logical(false, 1n, 'app', 'y'.repeat(n % 97))));
    if (n % 7 === 0) writer.append(keepalive(BigInt(n)));
    if (n % 11 === 0) writer.append(status(BigInt(n)));
    if (n % 50 === 0) await writer.rest();
    if (n % 23 === 0) {
      await writer.flush();
      while (await file.follow());
      await compare(wire);
    }
  }
  await writer.close();
  while (await file.follow());
  await compare(wire);
  await compare((await read(files)).wire);
  const bytes = Buffer.from(files.bytes('c'));
  const numbered = independentFrames(bytes).filter(isNumbered);
  expect([...independentIndex(bytes).values()]).toEqual(
    numbered.map(({ offset, bytes }) => ({ offset, length: bytes.length })),
  );
});

it('says where a capture is damaged, after what stands before', async () => {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  writer.append(keepalive(1n));
  await writer.flush();
  writer.append(xlogData(2n, message.logical(false, 1n, 'app', 'text')));
  writer.append(status(1n));
  await writer.flush();
  writer.append(xlogData(3n, message.logical(false, 1n, 'app', 'text')));
  await writer.close();
  const bytes = files.bytes('c');
  const place = independentFrames(Buffer.from(bytes))[2]!.offset;
  // The length of the status update; the directory still tells where the messages stand.
  bytes[place - 4] = 200;
  files.put('c', bytes);
  const { wire } = await read(files);
  const page = await wire.wire({ first: 0, count: 9, hideData: false });
  expect(page.problem).toContain(`damaged at byte ${String(place - 4)}`);
  expect(page.lines.map(({ name }) => name)).toEqual(['Keepalive', 'Message']);
  // Asked again, it says so again.
  expect(await wire.wire({ first: 0, count: 9, hideData: false })).toEqual(page);
});
