import { afterEach, describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { relationDetail } from '../../../src/capture/relationDetails';
import { changeText } from '../../../src/export/changeText';
import type { ChangeTextRequest } from '../../../src/shared/changeTextApi';
import { testMeta } from '../capture/captureMeta';
import { MemoryFiles } from '../capture/memoryFiles';
import { message, xlogData } from '../capture/pgoutputBytes';

const ORDERS = [{ name: 'id', key: true }, { name: 'note' }];
const open: CaptureFile[] = [];
afterEach(async () => {
  for (const file of open.splice(0)) await file.close();
});

async function captureOf(payloads: readonly Uint8Array[]) {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  for (const [i, payload] of payloads.entries()) writer.append(xlogData(BigInt(100 + i), payload));
  await writer.close();
  const file = await CaptureFile.open(files, 'c');
  open.push(file);
  const catalog = new RelationCatalog(file);
  const text = (request: Partial<ChangeTextRequest> & { readonly seq: number }, limit = 100_000) =>
    changeText(
      { file, catalog },
      { form: 'redo', scope: 'change', pretty: false, ...request },
      limit,
      () => Promise.resolve(),
    );
  return { file, catalog, text };
}

const STREAMED = [
  message.streamStart(7, true),
  message.relation(1, 'public', 'or"ders', ORDERS, 'f', 7),
  message.insert(1, ['1', 'a'], 7), // 2
  message.update(1, ['1', 'undone'], { kind: 'O', values: ['1', 'a'] }, 8), // 3, rolled back
  message.update(1, ['1', 'b'], { kind: 'O', values: ['1', 'a'] }, 7), // 4
  message.streamStop(),
  message.streamAbort(7, 8),
  message.streamCommit(7, 200n, 201n, 1n),
];

describe('a transaction as text', () => {
  it('is a script in order, or in reverse to undo it, without what was rolled back', async () => {
    const { text } = await captureOf(STREAMED);
    const redo = await text({ seq: 4, scope: 'transaction' });
    expect(redo).toMatchObject({ complete: true });
    expect(redo.text).toMatch(
      /^-- Transaction 7, committed .*\nBEGIN;\nSET LOCAL [^\n]*\nINSERT[^]*UPDATE[^]*'b'[^]*COMMIT;$/,
    );
    expect(redo.text).not.toContain('undone');
    const undo = await text({ seq: 2, scope: 'transaction', form: 'undo' });
    expect(undo.text).toMatch(/BEGIN;[^]*UPDATE[^]*SET "note" = 'a'[^]*DELETE FROM[^]*COMMIT;$/);
  });

  it('ends with ROLLBACK where it does not hold all', async () => {
    const { text } = await captureOf([
      message.begin(200n, 1n, 7),
      message.relation(1, 'public', 'orders', ORDERS),
      message.insert(1, ['1', 'a']),
      message.delete(1, 'K', ['9', null]),
      message.commit(200n, 201n, 1n),
    ]);
    const undo = await text({ seq: 2, scope: 'transaction', form: 'undo' });
    expect(undo.complete).toBe(false);
    expect(undo.text).toMatch(/-- #3: The deleted row is not known[^]*DELETE FROM[^]*ROLLBACK;$/);
    const cut = await text({ seq: 2, scope: 'transaction' }, 60);
    expect(cut.remarks.at(-1)).toContain('Cut after 1 of 2 changes');
    expect(cut.text).toMatch(/ROLLBACK;$/);
  });

  it('cannot be broken out of by a name', async () => {
    const name = `x\nDROP TABLE users; --`;
    const { text } = await captureOf([
      message.begin(200n, 1n, 7),
      message.relation(1, 'public', 'orders', [{ name: 'id', key: true }, { name }]),
      message.delete(1, 'K', ['9', null]),
      message.commit(200n, 201n, 1n),
    ]);
    const undo = await text({ seq: 2, scope: 'transaction', form: 'undo' });
    const lines = undo.text.split('\n');
    for (const line of lines) expect(line).toMatch(/^(--|BEGIN;|SET LOCAL|ROLLBACK;)/);
  });

  it('is JSON a line each, or over many lines', async () => {
    const { text } = await captureOf(STREAMED);
    const native = await text({ seq: 4, scope: 'transaction', form: 'native' });
    expect(
      native.text.split('\n').map(line => (JSON.parse(line) as { kind: string }).kind),
    ).toEqual(['insert', 'update']);
    const one = await text({ seq: 4, form: 'debezium', pretty: true });
    expect(one.text).toContain('\n  "op": "u"');
    expect(JSON.parse(one.text)).toMatchObject({ before: { note: 'a' }, after: { note: 'b' } });
    expect(await text({ seq: 0 })).toMatchObject({ text: '', complete: true });
  });
});

describe('the table of a change', () => {
  it('is told as of then, with what each description changed', async () => {
    const more = [{ name: 'id', key: true }, { name: 'remark' }, { name: 'total', typeOid: 1700 }];
    const { file, catalog } = await captureOf([
      message.begin(200n, 1n, 7),
      message.relation(1, 'public', 'orders', ORDERS),
      message.insert(1, ['1', 'a']), // 2
      message.relation(1, 'public', 'orders', [{ name: 'id', key: true }, { name: 'remark' }]),
      message.relation(1, 'public', 'orders', more, 'f'),
      message.insert(1, ['2', 'a', '1']), // 5
      message.relation(2, 'public', 'orders', [{ name: 'id' }], 'f'),
      message.insert(2, ['2']), // 7
      message.commit(200n, 201n, 1n),
    ]);
    const then = await relationDetail(file, catalog, 2);
    expect(then.columns.map(({ name, key }) => [name, key])).toEqual([
      ['id', true],
      ['note', false],
    ]);
    expect(then.versions.map(({ seq, current, changes }) => ({ seq, current, changes }))).toEqual([
      { seq: 1, current: true, changes: [] },
      {
        seq: 3,
        current: false,
        changes: ['column note → remark (same place and type: renamed)'],
      },
      {
        seq: 4,
        current: false,
        changes: ['replica identity default → full', 'column total numeric added'],
      },
      {
        seq: 6,
        current: false,
        changes: [
          'another table of this name: OID 1 → 2',
          'column remark dropped',
          'column total dropped',
        ],
      },
    ]);
    expect((await relationDetail(file, catalog, 5)).versions.map(({ current }) => current)).toEqual(
      [false, false, true, false],
    );
    expect((await relationDetail(file, catalog, 0)).problem).not.toBe('');
  });
});
