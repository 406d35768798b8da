import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CHUNK_ROWS } from '../../../src/capture/indexChunk';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { View } from '../../../src/capture/view';
import type { Lsn } from '../../../src/base/lsn';
import type { ViewSpec } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const FLAT: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };
const COLUMNS = [{ name: 'id', key: true }, { name: 'Column' }, { name: 'note' }];
const MIB = 1024 * 1024;
/** A plugin whose messages are not known to us. */
const OTHER = 'other_plugin';

/** The numbers of the payloads that a view shows, and what it says of itself. */
async function viewOf(
  payloads: readonly Uint8Array[],
  spec: Partial<ViewSpec>,
  plugin = 'pgoutput',
) {
  const files = new MemoryFiles();
  const source = { ...testMeta.source, plugin };
  const writer = await CaptureWriter.create(files, 'c', { ...testMeta, source });
  for (const [i, payload] of payloads.entries()) {
    writer.append(xlogData(BigInt(100 + i), payload));
    if (writer.full) await writer.flush();
  }
  await writer.close();
  const file = await CaptureFile.open(files, 'c');
  const view = new View(1, { ...FLAT, ...spec }, file, new RelationCatalog(file));
  while (await view.extend());
  const lines = await view.lines(0, 1000);
  await file.close();
  return { seqs: lines.map(({ seq }) => seq), state: view.state };
}

async function shown(payloads: readonly Uint8Array[], text: string, plugin = 'pgoutput') {
  return (await viewOf(payloads, { text }, plugin)).seqs;
}

describe('the text filter', () => {
  it('looks at names, values and messages, not at what stands between them', async () => {
    const rows = [
      message.begin(300n, 1n, 7),
      message.relation(16384, 'public', 'Orders', COLUMNS),
      message.relation(16385, 'Shop', 'parts', COLUMNS),
      message.insert(16384, ['1', 'Ada', null]),
      message.insert(16385, ['2', 'x', undefined]),
      message.update(16385, ['3', 'now', ''], { kind: 'O', values: ['2', 'Before', ''] }),
      message.truncate([16385, 16384]),
      message.logical(true, 110n, 'Prefix', 'content ÄÖ'),
      message.commit(300n, 301n, 1n),
    ];
    expect(await shown(rows, 'ADA')).toEqual([3]);
    expect(await shown(rows, 'before')).toEqual([5]);
    expect(await shown(rows, 'NOW')).toEqual([5]);
    // The second table of a Truncate counts; a schema where it is shown, or asked for by its dot.
    expect(await shown(rows, 'ORDERS')).toEqual([3, 6]);
    expect(await shown(rows, 'public')).toEqual([]);
    expect(await shown(rows, 'public.orders')).toEqual([3, 6]);
    expect(await shown(rows, 'shop')).toEqual([4, 5, 6]);
    expect(await shown(rows, 'prefix')).toEqual([7]);
    expect(await shown(rows, 'äö')).toEqual([7]);
    // Letters of the protocol, such as the t before a value, and the zeros of a length are no text.
    expect(await shown(rows, 'column')).toEqual([]);
    expect(await shown(rows, 'nt')).toEqual([7]);
    expect(await shown(rows, '\0\0\0')).toEqual([]);
    expect(await shown(rows, 't\0')).toEqual([]);
  });

  it('looks at the lines of other plugins', async () => {
    const lines = ['BEGIN 7', "table public.t: INSERT: note[text]:'Größe'", 'COMMIT 7'];
    const rows = lines.map(line => new TextEncoder().encode(line));
    expect(await shown(rows, 'insert', OTHER)).toEqual([1]);
    expect(await shown(rows, 'GRÖSSE', OTHER)).toEqual([]);
    expect(await shown(rows, 'GRÖßE', OTHER)).toEqual([1]);
    expect(await shown(rows, '7', OTHER)).toEqual([0, 2]);
  });

  it('looks at what is text in a line of another plugin that holds other bytes too', async () => {
    // test_decoding writes the content of a message as it is.
    const head = new TextEncoder().encode('message: prefix: Größe, sz: 2 content:');
    const rows = [Uint8Array.of(...head, 0xff, 0x00)];
    expect(await shown(rows, 'PREFIX', OTHER)).toEqual([0]);
    expect(await shown(rows, 'GRÖßE', OTHER)).toEqual([0]);
    expect(await shown(rows, 'none', OTHER)).toEqual([]);
  });

  it('counts the lines of other plugins as changes are counted', async () => {
    const rows = ['BEGIN 7', 'table public.t: INSERT: id[int]:1', 'COMMIT 7'].map(line =>
      new TextEncoder().encode(line),
    );
    const counts = async (spec: Partial<ViewSpec>, grouping: ViewSpec['grouping']) => {
      const { state } = await viewOf(rows, { ...spec, grouping }, OTHER);
      return { matched: state.matched, changes: state.changes };
    };
    for (const grouping of ['flat', 'transactions'] as const) {
      expect(await counts({}, grouping)).toEqual({ matched: 3, changes: 3 });
      expect(await counts({ text: '7' }, grouping)).toEqual({ matched: 2, changes: 3 });
      expect(await counts({ operations: ['insert'] }, grouping)).toEqual({
        matched: 0,
        changes: 3,
      });
    }
  });

  it('counts them also in a chunk that it need not read', async () => {
    const lines = Array.from({ length: CHUNK_ROWS + 1 }, () => new TextEncoder().encode('BEGIN 7'));
    const { state } = await viewOf(lines, { operations: ['insert'] }, OTHER);
    expect(state).toMatchObject({ matched: 0, changes: CHUNK_ROWS + 1, complete: true });
  });

  it('goes over a value that is too large for memory in pieces, and misses nothing between', async () => {
    const value = (at: number, text: string) =>
      `${'.'.repeat(at)}${text}${'.'.repeat(3 * MIB - at)}`;
    for (const at of [MIB - 4096, MIB - 1, 3 * MIB]) {
      const rows = [
        message.begin(300n, 1n, 7),
        message.relation(16384, 'public', 'orders', COLUMNS),
        message.insert(16384, ['1', value(at, 'Nadel'), null]),
        message.insert(16384, ['2', value(at, '300 \u212aelvin'), 'ÄNDERUNG']),
        message.logical(true, 110n, 'Marke', value(at, 'Ende')),
      ];
      expect(await shown(rows, 'nadel')).toEqual([2]);
      expect(await shown(rows, 'KELVIN')).toEqual([3]);
      expect(await shown(rows, 'änderung')).toEqual([3]);
      expect(await shown(rows, 'marke')).toEqual([4]);
      expect(await shown(rows, 'ende')).toEqual([4]);
      expect(await shown(rows, 'orders')).toEqual([2, 3]);
      expect(await shown(rows, 'nirgends')).toEqual([]);
    }
  }, 60_000);

  it('takes in what comes later', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const file = await CaptureFile.open(files, 'c', writer.header);
    const view = new View(1, { ...FLAT, text: 'ada' }, file, new RelationCatalog(file));
    writer.append(xlogData(100n, message.relation(16384, 'public', 'orders', COLUMNS)));
    for (const [n, name] of ['Ada', 'Grace', 'ADA'].entries()) {
      writer.append(xlogData(101n, message.insert(16384, [String(n), name, null])));
      writer.appendGap({ from: 1n as Lsn, to: 2n as Lsn, reason: 'lost' });
      await writer.flush();
      while (await file.follow());
      while (await view.extend());
    }
    // Gaps are shown whatever is looked for.
    expect((await view.lines(0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 4, 5, 6]);
    await writer.close();
  });
});
