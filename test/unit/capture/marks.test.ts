import { describe, expect, it } from 'vitest';
import { compareMarked } from '../../../src/capture/markCompare';
import { changeLine, markSummary, SUMMARY_LIMIT } from '../../../src/capture/markText';
import type { MarkedChange, MarkedColumn, MarkedContent } from '../../../src/capture/markedChanges';
import type { MarkFacts } from '../../../src/shared/marks';
import type { CellValue } from '../../../src/shared/timelineRow';

const ABSENT: CellValue = { kind: 'absent' };
const value = (text: string): CellValue => ({ kind: 'text', text, cut: false, bytes: text.length });
const INT4 = 23;
const TEXT = 25;
const TIMESTAMPTZ = 1184;

const column = (name: string, typeOid: number, more: Partial<MarkedColumn>): MarkedColumn => ({
  name,
  typeOid,
  key: false,
  changed: false,
  before: ABSENT,
  after: ABSENT,
  ...more,
});

function change(
  operation: MarkedChange['operation'],
  table: string,
  columns: readonly MarkedColumn[],
  seq = 0,
): MarkedChange {
  return { seq, operation, schema: 'public', table, columns, text: '' };
}

/** An order, its line and its payment, as a shop writes it. */
function click(id: string, more: { at?: string; status?: string; sku?: string } = {}) {
  const { at = `2026-11-20 13:00:0${id.at(-1) ?? ''}+00`, status = 'paid', sku = 'A-1' } = more;
  return [
    change('insert', 'orders', [
      column('id', INT4, { key: true, after: value(id) }),
      column('status', TEXT, { after: value('new') }),
      column('at', TIMESTAMPTZ, { after: value(at) }),
    ]),
    change('insert', 'items', [
      column('id', INT4, { key: true, after: value(`${id}0`) }),
      column('order_id', INT4, { after: value(id) }),
      column('sku', TEXT, { after: value(sku) }),
    ]),
    change('update', 'orders', [
      column('id', INT4, { key: true, before: value(id), after: value(id) }),
      column('status', TEXT, { changed: true, before: value('new'), after: value(status) }),
      column('at', TIMESTAMPTZ, { before: value(at), after: value(at) }),
    ]),
  ];
}

const content = (...transactions: (readonly MarkedChange[])[]): MarkedContent => ({
  transactions: transactions.map((changes, i) => ({
    ordinal: i,
    xid: 763 + i,
    commitLsn: '0/16B6C50',
    commitTime: '2026-11-20T13:00:00.123456Z',
    changes,
  })),
  total: transactions.length,
  left: 0,
});

describe('a change in one line', () => {
  it('names the key and what changed', () => {
    expect(click('918').map(changeLine)).toEqual([
      `INSERT public.orders id=918: status 'new', at '2026-11-20 13:00:08+00'`,
      `INSERT public.items id=9180: order_id 918, sku 'A-1'`,
      `UPDATE public.orders id=918: status 'new' → 'paid'`,
    ]);
  });

  it('tells NULL, empty, unchanged, masked, cut and binary apart', () => {
    const cells: readonly CellValue[] = [
      { kind: 'null' },
      { kind: 'empty' },
      { kind: 'unchanged' },
      { kind: 'masked' },
      { kind: 'text', text: 'abc', cut: true, bytes: 900 },
      { kind: 'binary', text: 'de', cut: false, bytes: 1 },
      value('a\nb\u202e'),
    ];
    const line = changeLine(
      change(
        'insert',
        't',
        cells.map((after, i) => column(`c${String(i)}`, TEXT, { after })),
      ),
    );
    expect(line).toBe(
      `INSERT public.t: c0 NULL, c1 '', c2 (unchanged, not in the WAL), c3 (masked), c4 'abc…', c5 \\xde, c6 'a␊b‹202E›'`,
    );
  });

  it('says the old key of an update that changes it, and what a delete had', () => {
    const key = column('id', INT4, {
      key: true,
      changed: true,
      before: value('1'),
      after: value('2'),
    });
    expect(changeLine(change('update', 't', [key]))).toBe('UPDATE public.t id=1: id 1 → 2');
    const gone = column('id', INT4, { key: true, before: value('1') });
    expect(changeLine(change('delete', 't', [gone]))).toBe('DELETE public.t id=1');
    // With replica identity full no key is told: the first value says which row it was.
    const same = { ...key, key: false, changed: false, before: key.after };
    const qty = { ...key, name: 'qty', key: false };
    expect(changeLine(change('update', 't', [same, qty]))).toBe('UPDATE public.t: id 2, qty 1 → 2');
    expect(changeLine(change('update', 't', [qty, same]))).toBe('UPDATE public.t: qty 1 → 2');
    const truncate = { ...change('truncate', '', []), text: 'a, b' };
    expect(changeLine(truncate)).toBe('TRUNCATE a, b');
  });
});

const MARK: MarkFacts = {
  id: 1,
  name: 'Buy',
  from: { lsn: '0/16B6000', time: '2026-11-20T13:00:00.000000Z' },
  to: { lsn: '0/16B7000', time: '2026-11-20T13:00:02.000000Z' },
  transactions: 2,
  changes: 3,
};
const SOURCE = {
  title: 'shop_changes',
  server: 'shop@localhost',
  database: 'shop',
  serverVersion: '18.4',
  kind: 'tail',
  slot: '',
  publications: [],
  plugin: 'pgoutput',
} as const;

describe('a summary', () => {
  it('is a code block with all transactions in order, and who wrote them', () => {
    const [insert, item, update] = click('918');
    const both = content(
      [insert, item].filter(each => each !== undefined),
      [update].filter(each => each !== undefined),
    );
    const [first, second] = both.transactions;
    const { text, cut } = markSummary(
      MARK,
      {
        total: 2,
        left: 0,
        transactions: [
          { ...first, who: WHO },
          { ...second, who: { seen: false } },
        ] as MarkedContent['transactions'],
      },
      SOURCE,
    );
    expect(cut).toBe(false);
    expect(text.split('\n')).toEqual([
      '```text',
      'Buy: 2 transactions, 3 changes',
      'shop@localhost · shop · PostgreSQL 18.4',
      '2026-11-20T13:00:00.000000Z at 0/16B6000 to 2026-11-20T13:00:02.000000Z at 0/16B7000',
      '',
      '1. Transaction 763 · committed 2026-11-20T13:00:00.123456Z · checkout, user ada, 10.0.0.7:5123, PID 812',
      `   INSERT public.orders id=918: status 'new', at '2026-11-20 13:00:08+00'`,
      `   INSERT public.items id=9180: order_id 918, sku 'A-1'`,
      '',
      '2. Transaction 764 · committed 2026-11-20T13:00:00.123456Z · who: not seen',
      `   UPDATE public.orders id=918: status 'new' → 'paid'`,
      '```',
      '',
    ]);
  });

  it('cannot be left by what it quotes, and says where it is cut', () => {
    const evil = change('insert', 't', [
      column('c', TEXT, { after: value('````\n# not a heading') }),
    ]);
    const { text } = markSummary(MARK, content([evil]), SOURCE);
    expect(text.startsWith('`````text\n')).toBe(true);
    expect(text.endsWith('\n`````\n')).toBe(true);
    expect(text.split('\n').filter(line => line.startsWith('#'))).toEqual([]);

    const many = Array.from({ length: 2000 }, () => click('918')).flat();
    const long = markSummary(MARK, { ...content(many), left: 10 }, SOURCE);
    expect(long.cut).toBe(true);
    expect(long.text.length).toBeLessThan(SUMMARY_LIMIT + 1000);
    expect(long.text).toMatch(/… and [\d,]+ more changes: too many to be listed\.\n```\n$/);
    const small = content(...Array.from({ length: 3000 }, () => click('918')));
    expect(markSummary(MARK, small, SOURCE).text.length).toBeLessThan(SUMMARY_LIMIT + 1000);
  });
});

const WHO = {
  seen: true,
  application: 'checkout',
  user: 'ada',
  client: '10.0.0.7:5123',
  pid: 812,
  backendStart: '',
  query: '',
  queryCut: false,
  queryVisible: true,
  firstSeen: '',
  seenAt: '',
  prepared: '',
} as const;

describe('two marks', () => {
  it('wrote the same where only keys, what refers to them, and times differ', () => {
    const { steps, summary } = compareMarked(content(click('918')), content(click('919')));
    expect(steps.map(({ kind }) => kind)).toEqual(['same', 'same', 'same']);
    expect(steps[1]?.varying).toEqual([
      { column: 'id', a: '9180', b: '9190' },
      { column: 'order_id', a: '918', b: '919' },
    ]);
    expect(summary).toBe('Both wrote the same 3 steps, in the same order.');
  });

  it('show which values are others, and which steps only one of them has', () => {
    const [insert, item, update] = click('919', { status: 'failed', sku: 'B-7' });
    const error = change('insert', 'errors', [
      column('id', INT4, { key: true, after: value('1') }),
    ]);
    const other = [insert, item, error, update].filter(each => each !== undefined);
    const { steps, summary } = compareMarked(content(click('918')), content(other));
    expect(steps.map(({ kind, what }) => [kind, what])).toEqual([
      ['same', 'INSERT public.orders'],
      ['different', 'INSERT public.items'],
      ['onlyB', 'INSERT public.errors'],
      ['different', 'UPDATE public.orders'],
    ]);
    expect(steps[1]?.columns).toEqual([{ column: 'sku', a: `'A-1'`, b: `'B-7'` }]);
    expect(steps[3]?.columns).toEqual([
      { column: 'status', a: `'new' → 'paid'`, b: `'new' → 'failed'` },
    ]);
    expect(summary).toBe('1 step only in the second, 2 steps with other values, 1 step the same.');
  });

  it('in another order have steps on one side each, and count their transactions', () => {
    const [insert, item, update] = click('918');
    const all = [insert, item, update].filter(each => each !== undefined);
    const { steps, summary } = compareMarked(content(all), content(all.slice(1), all.slice(0, 1)));
    expect(steps.map(({ kind }) => kind)).toEqual(['onlyA', 'same', 'same', 'onlyB']);
    expect(summary).toContain('1 transaction in the first and 2 in the second');
    expect(compareMarked(content(), content()).summary).toBe('Neither wrote anything.');
  });

  it('differ where one of them changes a column that the other leaves', () => {
    const key = column('id', INT4, { key: true, before: value('1'), after: value('1') });
    const at = (changed: boolean): MarkedChange =>
      change('update', 't', [
        key,
        column('at', TIMESTAMPTZ, {
          changed,
          before: value('2026-11-20 13:00:00+00'),
          after: value(changed ? '2026-11-20 14:00:00+00' : '2026-11-20 13:00:00+00'),
        }),
      ]);
    const { steps } = compareMarked(content([at(true)]), content([at(false)]));
    expect(steps).toMatchObject([{ kind: 'different', columns: [{ column: 'at', b: '' }] }]);
  });
});
