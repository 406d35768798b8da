import type { ChangeDetail, DetailColumn } from '../../src/shared/changeDetail';
import type { Facets } from '../../src/shared/readerApi';
import type { RowsPage, TimelineRow } from '../../src/shared/timelineRow';
import type { TimelineSnapshot } from '../../src/shared/timelineSnapshot';

/** Names and values that mean something to a page, a shell, a template, a terminal or a reader's eyes. */
export const HOSTILE_NAMES: readonly string[] = [
  '<script>window.hacked = true</script>',
  '<img src=x onerror="window.hacked = true">',
  '"><svg onload=window.hacked=true>',
  `' onmouseover='window.hacked=true`,
  '${window.hacked = true}',
  '{{constructor.constructor("window.hacked = true")()}}',
  'javascript:window.hacked=true',
  '\u202Egnp.exe\u2066 \u2069\u200Fabc',
  `${'🦊'.repeat(15)}"'`,
  `${'Ä'.repeat(31)}z`,
  `Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034D`,
  'a\u0007\u001B[31mred\u001B]8;;http://x\u0007\t\r\n\u0085\u2028end',
  '\uD83D lone surrogate \uDC00',
  'x'.repeat(63),
];

const MIB = 1024 * 1024;
/** What a value of a mebibyte holds: a line that never ends, and markup in it. */
export const HUGE = `<marquee>${'x'.repeat(MIB)}</marquee><img src=x onerror="window.hacked = true">`;
/** As Postgres prints an array of ten thousand texts. */
export const LONG_ARRAY = `{${Array.from({ length: 10_000 }, (_, i) => `"<marquee>${String(i)}"`).join(',')}}`;

const nameOf = (n: number): string => HOSTILE_NAMES[n % HOSTILE_NAMES.length] ?? '';

const cut = (text: string, limit: number) =>
  ({
    kind: 'text',
    text: text.slice(0, limit),
    cut: text.length > limit,
    bytes: text.length,
  }) as const;

/** What the host answers, with hostile names and values in the place of all that came from a database. */
export function madeHostile(method: string, answer: unknown, params: unknown): unknown {
  switch (method) {
    case 'rows': {
      const page = answer as RowsPage;
      return { ...page, rows: page.rows.map(hostileRow) };
    }
    case 'detail':
      return hostileDetail(answer as ChangeDetail);
    case 'facets': {
      const facets = answer as Facets;
      const tables = HOSTILE_NAMES.map((table, i) => ({
        id: `${nameOf(i + 1)}.${table}`,
        schema: nameOf(i + 1),
        table,
        changes: 1000 - i,
      }));
      return { ...facets, tables };
    }
    case 'value': {
      const { column, offset, length } = params as {
        readonly column: number;
        readonly offset: number;
        readonly length: number;
      };
      const text = column === 1 ? LONG_ARRAY : HUGE;
      return { text: text.slice(offset, offset + length), total: text.length };
    }
    case 'ready':
      return hostileSnapshot(answer as TimelineSnapshot);
    default:
      return answer;
  }
}

function hostileSnapshot(snapshot: TimelineSnapshot): TimelineSnapshot {
  const [script = '', image = '', svg = ''] = HOSTILE_NAMES;
  const source = { ...snapshot.source, title: script, server: image, slot: svg, label: image };
  return { ...snapshot, source: { ...source, redacted: [svg] } };
}

function hostileRow(row: TimelineRow): TimelineRow {
  const n = row.seq;
  switch (row.type) {
    case 'note':
      return { ...row, text: nameOf(n) };
    case 'transaction':
      return {
        ...row,
        tables: [nameOf(n), nameOf(n + 1)],
        ...(row.single === undefined ? {} : { single: hostileChange(row.single) }),
      };
    case 'change':
      return hostileChange(row);
  }
}

function hostileChange(row: Extract<TimelineRow, { type: 'change' }>): typeof row {
  const n = row.seq;
  const part = (k: number) => ({ column: nameOf(k), after: cut(nameOf(k + 1).repeat(4), 200) });
  return {
    ...row,
    schema: nameOf(n + 2),
    table: nameOf(n),
    key: [part(n)],
    summary: Array.from({ length: 6 }, (_, i) => part(n + i)),
  };
}

/** Every third row has as many columns as a table can have. */
export const isWide = (seq: number): boolean => seq % 3 === 0;
const MOST_COLUMNS = 1600;

function hostileDetail(detail: ChangeDetail): ChangeDetail {
  const n = detail.seq;
  const wide = isWide(n);
  const columns = Array.from({ length: wide ? MOST_COLUMNS : 12 }, (_, i): DetailColumn => {
    const value = i === 0 ? HUGE : i === 1 ? LONG_ARRAY : nameOf(i).repeat(8);
    return {
      name: nameOf(i),
      type: i === 1 ? 'text[]' : nameOf(i + 3),
      key: i === 0,
      before: i % 4 === 0 ? { kind: 'masked' } : cut(nameOf(i + 1), 200),
      after: cut(value, wide ? 200 : 4000),
      changed: i % 4 === 2,
    };
  });
  return {
    ...detail,
    schema: nameOf(n + 2),
    table: nameOf(n),
    messageName: 'Update',
    columns,
    error: '',
    ...(detail.transaction === undefined
      ? {}
      : { transaction: { ...detail.transaction, tables: [...HOSTILE_NAMES] } }),
  };
}
