import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { ChangeDetails } from '../../../src/capture/changeDetails';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { RowHistory } from '../../../src/capture/rowHistory';
import { View } from '../../../src/capture/view';
import { StreamMask } from '../../../src/logical/streamMask';
import { ColumnMask, MASKED_TEXT } from '../../../src/shared/columnMask';
import type { CaptureMeta } from '../../../src/capture/captureMeta';
import { testMeta } from './captureMeta';
import { everythingTold } from './everythingTold';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const SECRET = 'S3cr3t-värde-7f1c';
const COLUMNS = [{ name: 'id', key: true }, { name: 'email' }, { name: 'note' }];
const USERS = 16384;
const MASK = ['users.email'];

const inserted = message.insert(USERS, ['1', SECRET, 'open']);
const ROWS = [
  message.begin(900n, 1n, 7),
  message.relation(USERS, 'public', 'users', COLUMNS, 'f'),
  inserted,
  message.update(USERS, ['1', undefined, 'x'], { kind: 'O', values: ['1', SECRET, 'y'] }),
  message.delete(USERS, 'O', ['1', SECRET, null]),
  message.insert(USERS, ['2', null, 'empty']),
  message.logical(true, 110n, 'app', `hello ${SECRET}`),
  message.commit(900n, 901n, 1n),
];

async function opened(
  payloads: readonly Uint8Array[],
  mask: readonly string[],
  meta: CaptureMeta = testMeta,
) {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', meta);
  for (const [i, payload] of payloads.entries()) {
    writer.append(xlogData(BigInt(100 + i), payload));
    if (writer.full) await writer.flush();
  }
  await writer.close();
  const file = await CaptureFile.open(files, 'c', undefined, mask);
  const catalog = new RelationCatalog(file);
  const details = new ChangeDetails(file, catalog);
  const viewOf = async (text = ''): Promise<View> => {
    const spec = { grouping: 'flat', operations: [], tables: [], text } as const;
    const view = new View(1, spec, file, catalog);
    while (await view.extend());
    return view;
  };
  const shown = async (text: string): Promise<number[]> => {
    const view = await viewOf(text);
    return (await view.lines(0, 100)).map(({ seq }) => seq);
  };
  return { files, file, catalog, details, viewOf, shown };
}

describe('masked columns', () => {
  it('are in nothing that is told of a capture', async () => {
    const open = await opened(ROWS, [...MASK, '*.app']);
    const told = (await everythingTold(open.file)).toString();
    // The content of a logical message belongs to no column.
    expect(told.split(SECRET).length - 1).toBe(told.split(`hello ${SECRET}`).length - 1);
    expect(told).toContain(MASKED_TEXT);
    expect(told).toContain('open');
    // And they are there where nothing is masked: the test looks at the right places.
    expect(
      (await everythingTold((await opened(ROWS, [])).file)).toString().split(SECRET).length,
    ).toBeGreaterThan(12);
  });

  it('are a kind of their own in a cell; NULL and unchanged values still tell themselves', async () => {
    const { details } = await opened(ROWS, MASK);
    const email = async (seq: number) => (await details.detail(seq)).columns[1];
    expect(await email(2)).toMatchObject({ before: { kind: 'absent' }, after: { kind: 'masked' } });
    expect(await email(3)).toMatchObject({
      before: { kind: 'masked' },
      after: { kind: 'masked' },
      changed: false,
    });
    expect(await email(4)).toMatchObject({ before: { kind: 'masked' } });
    expect(await email(5)).toMatchObject({ after: { kind: 'null' } });
    expect((await details.detail(3)).columns[2]).toMatchObject({ changed: true });
  });

  it('mark the bytes that are not those of the server', async () => {
    const { details } = await opened(ROWS, MASK);
    const masked = await Promise.all(
      ROWS.map(async (_, seq) => (await details.fields(seq)).masked),
    );
    expect(masked.flatMap((each, seq) => (each === true ? [seq] : []))).toEqual([2, 3, 4]);
  });

  it('do not tell how long a value is', async () => {
    const long = message.insert(USERS, ['1', 'x'.repeat(5000), 'open']);
    const { details } = await opened([ROWS[0]!, ROWS[1]!, inserted, long], MASK);
    // Behind the header, which has the position.
    const of = async (seq: number) => [
      (await details.fields(seq)).fields.at(-1),
      (await details.bytes(seq, 25, 9999)).bytes,
    ];
    expect(await of(2)).toEqual(await of(3));
    expect((await details.detail(2)).length).toBe((await details.detail(3)).length);
  });

  it('are not found by a search, neither is what stands in their place', async () => {
    const { shown } = await opened(ROWS, MASK);
    expect(await shown('s3cr3t')).toEqual([6]);
    expect(await shown('masked')).toEqual([]);
    expect(await shown('open')).toEqual([2]);
    const all = await opened(ROWS, ['*']);
    expect(await all.shown('s3cr3t')).toEqual([]);
    expect(await all.shown('open')).toEqual([]);
    expect(await all.shown('app')).toEqual([6]);
  });

  it('are found by no filter, which cannot tell either whether they changed', async () => {
    const { file, catalog } = await opened(ROWS, MASK);
    const passing = async (filter: string): Promise<number[]> => {
      const spec = { grouping: 'flat', operations: [], tables: [], text: '', filter } as const;
      const view = new View(1, spec, file, catalog);
      while (await view.extend());
      return (await view.lines(0, 100)).map(({ seq }) => seq);
    };
    expect(await passing('new.note == "open"')).toEqual([2]);
    expect(await passing('"note" in changed')).toEqual([3]);
    for (const asked of [
      `new.email == "${SECRET}"`,
      `new.email != "${SECRET}"`,
      'old.email.size() > 0',
      `new.email.contains("${MASKED_TEXT}")`,
      'has(new.email) && op == "insert" && new.id == "1"',
      '"email" in changed',
      'op == "update" && !("email" in changed)',
      'changed.contains("email")',
    ]) {
      expect([asked, await passing(asked)]).toEqual([asked, []]);
    }
  });

  it('still tell rows apart in the history of one, and are not shown in it', async () => {
    const KEYED = [{ name: 'email', key: true }, { name: 'note' }];
    const other = `${SECRET}2`;
    const { file, catalog } = await opened(
      [
        message.begin(900n, 1n, 7),
        message.relation(USERS, 'public', 'users', KEYED),
        message.insert(USERS, [SECRET, 'a']),
        message.insert(USERS, [other, 'b']),
        message.update(USERS, [`${SECRET}3`, 'c'], { kind: 'K', values: [SECRET, null] }),
        message.delete(USERS, 'K', [`${SECRET}3`, null]),
        message.commit(900n, 901n, 1n),
      ],
      MASK,
    );
    const history = new RowHistory(file, catalog);
    const pages = await Promise.all(
      (['earlier', 'later'] as const).map(direction =>
        history.page(
          { anchor: 4, from: 4, direction, limit: 10 },
          () => Promise.resolve(),
          new AbortController().signal,
        ),
      ),
    );
    expect(pages.map(({ entries }) => entries.map(({ seq }) => seq))).toEqual([[2], [5]]);
    expect(pages[0]!.key).toEqual([{ column: 'email', after: { kind: 'masked' } }]);
    expect(JSON.stringify(pages)).toContain('"kind":"masked"');
    expect(JSON.stringify(pages)).not.toContain(SECRET);
  });

  it('are left out of a message of many megabytes', async () => {
    const big = message.insert(USERS, ['1', `${SECRET}${'x'.repeat(3_000_000)}`, 'Needle']);
    const { shown, details, file } = await opened([ROWS[0]!, ROWS[1]!, big], MASK);
    expect(await shown(SECRET)).toEqual([]);
    expect(await shown('needle')).toEqual([2]);
    expect((await details.bytes(2, 0, 65536)).total).toBeLessThan(100);
    expect(await file.frameLength(await file.row(2))).toBeLessThan(200);
  });

  it('may become others while the capture is open', async () => {
    const open = await opened(ROWS, []);
    expect((await open.details.value(2, 1, 'after', 0, 100)).text).toBe(SECRET);
    open.file.setMask(MASK);
    expect((await open.details.value(2, 1, 'after', 0, 100)).text).toBe(MASKED_TEXT);
    expect((await open.details.detail(2)).columns[1]).toMatchObject({ after: { kind: 'masked' } });
    open.file.setMask([]);
    expect((await open.details.detail(2)).columns[1]).toMatchObject({ after: { text: SECRET } });
  });

  it('are those of the file as well: what was redacted stays marked', async () => {
    const { details, file } = await opened(ROWS, [], { ...testMeta, redacted: ['*.*.email'] });
    expect(file.mask.patterns).toEqual(['*.*.email']);
    expect((await details.detail(2)).columns[1]).toMatchObject({ after: { kind: 'masked' } });
  });

  it('hide all values of a table that was not described, and the rest of a message that breaks off', async () => {
    const unknown = message.insert(999, ['1', SECRET, 'x']);
    const torn = inserted.subarray(0, inserted.length - 8);
    const told = (
      await everythingTold((await opened([ROWS[0]!, unknown, ROWS[1]!, torn], MASK)).file)
    ).toString();
    expect(told).not.toContain(SECRET);
  });

  it('follow a table through ALTER TABLE and streamed transactions', () => {
    const mask = new StreamMask(new ColumnMask(MASK), 'pgoutput');
    const apply = (payload: Uint8Array): string => Buffer.from(mask.apply(payload)).toString();
    apply(message.relation(USERS, 'public', 'users', COLUMNS));
    expect(apply(inserted)).not.toContain(SECRET);
    // Another order of columns, inside a streamed transaction only.
    apply(message.streamStart(8, true));
    apply(message.relation(USERS, 'public', 'users', [COLUMNS[1]!, COLUMNS[0]!], 'd', 8));
    const streamed = apply(message.insert(USERS, [SECRET, 'open'], 8));
    expect(streamed).not.toContain(SECRET);
    expect(streamed).toContain('open');
    apply(message.streamStop());
    apply(message.begin(900n, 1n, 9));
    const plain = apply(message.insert(USERS, ['open', SECRET, 'note']));
    expect(plain).toContain('open');
    expect(plain).not.toContain(SECRET);
  });

  it('hide what a plugin wrote that names no columns', async () => {
    const other = { ...testMeta, source: { ...testMeta.source, plugin: 'other_plugin' } };
    const open = await opened([Buffer.from(`insert ${SECRET}`)], MASK, other);
    expect((await everythingTold(open.file)).toString()).not.toContain(SECRET);
    expect(await open.shown('insert')).toEqual([]);
  });
});

const TEXTS: readonly (readonly [string, readonly string[]])[] = [
  [
    'test_decoding',
    [
      'BEGIN 763',
      `table public.users: INSERT: id[integer]:1 email[text]:'it''s ${SECRET} note[text]:''x''' note[text]:'open'`,
      `table public.users: UPDATE: old-key: id[integer]:1 email[text]:'${SECRET}' note[text]:null new-tuple: id[integer]:2 email[text]:'${SECRET}' note[text]:'open'`,
      `table public.users: DELETE: id[integer]:1 email[bytea]:'\\x${Buffer.from(SECRET).toString('hex')}'`,
      `table public.users: INSERT: id[integer]:1 email[text]:'${SECRET}`,
      'COMMIT 763',
    ],
  ],
  [
    'wal2json',
    [
      '{"action":"B"}',
      `{"action":"I","schema":"public","table":"users","columns":[{"name":"id","type":"bigint","value":12345678901234567890},{"name":"email","type":"text","value":"${SECRET}"},{"name":"note","type":"text","value":"open"}]}`,
      `{"action":"U","schema":"public","table":"users","columns":[{"name":"email","type":"bytea","value":"${SECRET}"}],"identity":[{"name":"email","type":"text","value":"${SECRET}"}]}`,
      `{"change":[{"kind":"update","schema":"public","table":"users","columnnames":["id","email","note"],"columntypes":["integer","text","text"],"columnvalues":[1,"${SECRET}","open"],"oldkeys":{"keynames":["email"],"keytypes":["text"],"keyvalues":["${SECRET}"]}}]}`,
      `{"change":[{"kind":"insert","schema":"public","table":"users","columnnames":["email"],"columntypes":["text"],"columnvalues":["${SECRET}"]},{"kind":"insert","schema":"public","table":"users","columnnames":["note"],"columntypes":["text"],"columnvalues":["open"]}]}`,
      `{"action":"I", not json ${SECRET}`,
      '{"action":"C"}',
    ],
  ],
];

describe.each(TEXTS)('masked columns in texts of %s', (plugin, texts) => {
  const meta = { ...testMeta, source: { ...testMeta.source, plugin } };
  const payloads = texts.map(text => Buffer.from(text));

  it('are in nothing that is told, and not found', async () => {
    const open = await opened(payloads, MASK, meta);
    const told = (await everythingTold(open.file)).toString();
    expect(told).not.toContain(SECRET);
    expect(told).not.toContain(Buffer.from(SECRET).toString('hex'));
    expect(told).toContain('open');
    expect(await open.shown('s3cr3t')).toEqual([]);
    expect(await open.shown('masked')).toEqual([]);
    expect((await open.shown('open')).length).toBeGreaterThan(1);
    expect((await everythingTold((await opened(payloads, [], meta)).file)).toString()).toContain(
      SECRET,
    );
  });

  it('leave the rest as it was', async () => {
    const whole = await opened(payloads, [], meta);
    const masked = await opened(payloads, MASK, meta);
    for (let seq = 0; seq < texts.length; seq++) {
      const [a, b] = [await whole.details.detail(seq), await masked.details.detail(seq)];
      expect(b.table).toBe(a.table);
      expect(b.columns.map(({ name }) => name)).toEqual(a.columns.map(({ name }) => name));
      for (const [i, column] of a.columns.entries()) {
        if (column.name !== 'email') expect(b.columns[i]).toEqual(column);
        else expect(['masked', 'absent']).toContain(b.columns[i]!.after.kind);
      }
    }
  });

  it('are gone in bytes that are not UTF-8', async () => {
    const latin1 = texts.map(text => Buffer.from(text, 'latin1'));
    const told = (await everythingTold((await opened(latin1, MASK, meta)).file)).toString();
    expect(told).not.toContain('7f1c');
    expect(told).toContain('open');
  });
});
