import type { ExportScope, ReaderViewApi } from '../../shared/readerApi';
import type { CopyRequest, TimelineAction } from '../../shared/timelineApi';
import type { TimelineLayout } from '../../shared/timelineLayout';
import type { JumpTarget, RowSelection, ViewSpec } from '../../shared/viewSpec';
import { BYTES_LIMIT } from '../../shared/changeDetail';
import { readRange } from '../../shared/commitRange';
import { COPY_TEXT_LIMIT } from '../../shared/timelineApi';
import { COLUMN_IDS } from '../../shared/timelineLayout';
import { PAGE_LIMIT } from '../../shared/timelineRow';
import { FILTER_LIMIT, OPERATIONS, SELECTION_LIMIT, TEXT_LIMIT } from '../../shared/viewSpec';
import { checkChangeText } from './detailRequests';
import { asList, asObject, bad, text, whole } from './requestChecks';

/**
 * Checks everything that comes from the webview, the only edge inside the extension where the other
 * side may be taken over by what it displays: shape, and bounds. What passes is rebuilt from the
 * checked parts, so that nothing else travels on to the reader.
 */

const MAX_TABLES = 500;
const MAX_TABLE_ID = 1024;
/** A webview asks for a value in slices of this many characters at most. */
const VALUE_LIMIT = BYTES_LIMIT;
/** Characters of a time as ISO 8601 has it. */
const DAY_LIMIT = 40;

type ParamsOf<K extends keyof ReaderViewApi> = Parameters<ReaderViewApi[K]>[0];

const ACTIONS: readonly TimelineAction[] = [
  'stop',
  'continue',
  'reconnect',
  'restart',
  'sqlPeek',
  'check',
  'save',
  'log',
];

export function checkSpec(params: unknown): ViewSpec {
  const p = asObject(params);
  const grouping = p['grouping'];
  if (grouping !== 'transactions' && grouping !== 'flat') throw bad('grouping');
  const operations = asList(p['operations'], OPERATIONS.length, 'operations').map(operation => {
    const known = OPERATIONS.find(name => name === operation);
    if (known === undefined) throw bad('operations');
    return known;
  });
  const tables = asList(p['tables'], MAX_TABLES, 'tables').map(table => {
    if (typeof table !== 'string' || table.length > MAX_TABLE_ID) throw bad('tables');
    return table;
  });
  const filter = p['filter'] === undefined ? '' : text(p['filter'], 'filter', FILTER_LIMIT);
  const range = p['range'] === undefined ? undefined : readRange(p['range']);
  if (p['range'] !== undefined && range === undefined) throw bad('range');
  return {
    grouping,
    operations,
    tables,
    text: text(p['text'], 'text', TEXT_LIMIT),
    ...(filter === '' ? {} : { filter }),
    ...(range === undefined ? {} : { range }),
  };
}

export function checkReady(params: unknown): { readonly spec: ViewSpec } {
  return { spec: checkSpec(asObject(params)['spec']) };
}

export function checkRows(params: unknown): ParamsOf<'rows'> {
  const p = asObject(params);
  return {
    view: whole(p['view'], 'view'),
    generation: whole(p['generation'], 'generation'),
    first: whole(p['first'], 'first'),
    count: whole(p['count'], 'count', PAGE_LIMIT),
  };
}

export function checkExpand(params: unknown): ParamsOf<'expand'> {
  const p = asObject(params);
  const expanded = p['expanded'];
  if (typeof expanded !== 'boolean') throw bad('expanded');
  return {
    view: whole(p['view'], 'view'),
    transaction: whole(p['transaction'], 'transaction'),
    expanded,
  };
}

export function checkLocate(params: unknown): ParamsOf<'locate'> {
  const p = asObject(params);
  return { view: whole(p['view'], 'view'), seq: whole(p['seq'], 'seq') };
}

export function checkSeq(params: unknown): { readonly seq: number } {
  return { seq: whole(asObject(params)['seq'], 'seq') };
}

export function checkBytes(params: unknown): ParamsOf<'bytes'> {
  const p = asObject(params);
  return {
    seq: whole(p['seq'], 'seq'),
    offset: whole(p['offset'], 'offset'),
    length: whole(p['length'], 'length', BYTES_LIMIT),
  };
}

export function checkValue(params: unknown): ParamsOf<'value'> {
  const p = asObject(params);
  const side = p['side'];
  if (side !== 'before' && side !== 'after') throw bad('side');
  return {
    seq: whole(p['seq'], 'seq'),
    column: whole(p['column'], 'column', 65_535),
    side,
    offset: whole(p['offset'], 'offset'),
    length: whole(p['length'], 'length', VALUE_LIMIT),
  };
}

export function checkAction(params: unknown): TimelineAction {
  const action = ACTIONS.find(name => name === asObject(params)['action']);
  if (action === undefined) throw bad('action');
  return action;
}

export function checkFind(params: unknown): ParamsOf<'find'> {
  const p = asObject(params);
  const from = p['from'];
  if (from !== -1) whole(from, 'from');
  const direction = p['direction'];
  if (direction !== 'next' && direction !== 'previous') throw bad('direction');
  return {
    view: whole(p['view'], 'view'),
    text: text(p['text'], 'text', TEXT_LIMIT),
    from: from as number,
    direction,
  };
}

export function checkJump(params: unknown): ParamsOf<'jump'> {
  const p = asObject(params);
  return { view: whole(p['view'], 'view'), to: jumpTarget(asObject(p['to'])) };
}

function jumpTarget(to: Readonly<Record<string, unknown>>): JumpTarget {
  const { kind } = to;
  switch (kind) {
    case 'lsn':
      return { kind, lsn: text(to['lsn'], 'lsn', 32) };
    case 'time':
      return { kind, time: text(to['time'], 'time', 64) };
    case 'xid':
      return { kind, xid: whole(to['xid'], 'xid', 0xffff_ffff) };
    case 'seq':
      return { kind, seq: whole(to['seq'], 'seq') };
    default:
      throw bad('to');
  }
}

export function checkCopy(params: unknown): CopyRequest {
  const p = asObject(params);
  const { what, format, side } = p;
  switch (what) {
    case 'rows':
      if (format !== 'text' && format !== 'json') throw bad('format');
      return { what, selection: checkSelection(p['selection']), format };
    case 'value':
      if (side !== 'before' && side !== 'after') throw bad('side');
      return {
        what,
        seq: whole(p['seq'], 'seq'),
        column: whole(p['column'], 'column', 65_535),
        side,
      };
    case 'change':
      return { what, ...checkChangeText(p) };
    case 'text':
      return { what, text: text(p['text'], 'text', COPY_TEXT_LIMIT) };
    default:
      throw bad('what');
  }
}

/** The day that a time without a date is of: today, where the page does not say. */
export function checkDay(params: unknown): Date {
  const { day } = asObject(params);
  if (day === undefined) return new Date();
  const date = new Date(text(day, 'day', DAY_LIMIT));
  if (Number.isNaN(date.getTime())) throw bad('day');
  return date;
}

export function checkExport(params: unknown): {
  readonly scope: ExportScope;
  readonly selection?: RowSelection;
} {
  const p = asObject(params);
  const { scope } = p;
  if (scope === 'selection') return { scope, selection: checkSelection(p['selection']) };
  if (scope !== 'all' && scope !== 'view') throw bad('scope');
  return { scope };
}

function checkSelection(value: unknown): RowSelection {
  const ranges = asList(asObject(value)['ranges'], SELECTION_LIMIT, 'ranges').map(entry => {
    const range = asObject(entry);
    return { from: whole(range['from'], 'from'), to: whole(range['to'], 'to') };
  });
  return { ranges };
}

/** Also of what was stored: another version of the extension may have written it. */
export function checkLayout(value: unknown): TimelineLayout {
  const layout = asObject(value);
  if (layout['version'] !== 1) throw bad('version');
  const seen = new Set<string>();
  const columns = asList(layout['columns'], COLUMN_IDS.length, 'columns').map(entry => {
    const column = asObject(entry);
    const id = COLUMN_IDS.find(known => known === column['id']);
    const { shown } = column;
    if (id === undefined || seen.has(id) || typeof shown !== 'boolean') throw bad('columns');
    seen.add(id);
    return { id, shown, width: whole(column['width'], 'width', MAX_WIDTH) };
  });
  return { version: 1, columns };
}

/** Of a column, in CSS pixels. */
const MAX_WIDTH = 10_000;
