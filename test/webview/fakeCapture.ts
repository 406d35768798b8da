import { parseFilter } from '../../src/filter/filterExpression';
import type { ChangeDetail, TransactionFacts } from '../../src/shared/changeDetail';
import type { Facets, FindResult, JumpResult } from '../../src/shared/readerApi';
import type {
  ChangeRow,
  Fate,
  SummaryPart,
  TimelineRow,
  TransactionRow,
} from '../../src/shared/timelineRow';
import type { JumpTarget, Operation, ViewSpec } from '../../src/shared/viewSpec';
import { FATES, shopChange } from './showcase';
import type { FakeChange } from './showcase';

/** Twenty changes in five transactions, over and over. */
const SIZES = [1, 3, 12, 2, 2];
const STARTS = [0, 1, 4, 16, 18];
export const BLOCK = 20;
const PER_BLOCK = SIZES.length;
/** A note stands after the first block, where nothing is filtered out. */
const NOTE_TEXT = 'connection lost 10:04:40 to 10:04:52, 3.1 MB of WAL not seen';
const START_MS = Date.UTC(2026, 10, 20, 9, 0, 0);

/** Changes that one step of a search looks at. */
const FIND_STEP = 5000;

type Item = { readonly note: true } | { readonly transaction: number };

/** A capture of any length that is computed and never stored; rows are found by arithmetic. */
export class FakeCapture {
  /** Changes received so far; whole blocks. */
  changes: number;
  #spec: ViewSpec = { grouping: 'transactions', operations: [], tables: [], text: '' };
  /** Which of the twenty changes of a block pass the filter. */
  #residues: readonly number[] = [];
  readonly #expanded = new Set<number>();

  constructor(changes: number) {
    this.changes = changes;
    this.setSpec(this.#spec);
  }

  setSpec(spec: ViewSpec): void {
    this.#spec = spec;
    this.#expanded.clear();
    const passes = (residue: number): boolean => {
      const change = shopChange(BLOCK * 1000 + residue);
      const { operations, tables, text } = spec;
      // Of a text filter only names count here: they are the same in every block.
      return (
        `${change.schema}.${change.table}`.toLowerCase().includes(text.toLowerCase()) &&
        (operations.length === 0 || operations.includes(change.operation)) &&
        (tables.length === 0 || tables.includes(`${change.schema}.${change.table}`)) &&
        passesExpression(spec.filter ?? '', change)
      );
    };
    this.#residues = Array.from({ length: BLOCK }, (_, residue) => residue).filter(passes);
  }

  get isFiltered(): boolean {
    const { operations, tables, text } = this.#spec;
    return operations.length > 0 || tables.length > 0 || text !== '';
  }

  /** Whether the changes at this place of a block pass the filter. */
  passes(residue: number): boolean {
    return this.#residues.includes(residue);
  }

  isOpen(transaction: number): boolean {
    return this.#expanded.has(transaction);
  }

  /** Looks at some thousand changes at most, as the reader does. */
  find(text: string, from: number, direction: 'next' | 'previous'): FindResult {
    const by = direction === 'next' ? 1 : -1;
    const near = changeOfSeq(Math.max(0, from));
    const isBeyond = direction === 'next' ? seqOf(near) > from : seqOf(near) < from;
    let n = isBeyond ? near : near + by;
    const until = n + by * FIND_STEP;
    for (; n >= 0 && n < this.changes && n !== until; n += by) {
      if (!this.#residues.includes(n % BLOCK) || !contains(shopChange(n), text)) continue;
      const seq = seqOf(n);
      const { transaction } = transactionOf(n);
      return { row: this.locate(seq), seq, transaction, reached: seq, done: true };
    }
    const done = n < 0 || n >= this.changes;
    return { row: -1, seq: -1, transaction: -1, reached: done ? from : seqOf(n - by), done };
  }

  /** To the first change of a transaction, or to a message. */
  jump(to: JumpTarget): JumpResult {
    const transaction = to.kind === 'xid' ? to.xid - 7630 : -1;
    const seq = to.kind === 'seq' ? to.seq : transaction < 0 ? -1 : firstSeq(transaction);
    const row = seq < 0 || seq > seqOf(this.changes - 1) ? -1 : this.locate(seq);
    const missing =
      to.kind === 'xid' ? `No transaction ${String(to.xid)} in this capture.` : 'Not here.';
    return { row, seq, transaction, message: row < 0 ? missing : '' };
  }

  expand(transaction: number, expanded: boolean): void {
    if (expanded) this.#expanded.add(transaction);
    else this.#expanded.delete(transaction);
  }

  get matched(): number {
    return (this.changes / BLOCK) * this.#residues.length;
  }

  get rows(): number {
    if (this.#spec.grouping === 'flat') return this.matched + this.#noteCount();
    let rows = this.#items();
    for (const transaction of this.#expanded) rows += this.#matchedIn(transaction).length;
    return rows;
  }

  row(index: number): TimelineRow {
    return this.#spec.grouping === 'flat' ? this.#flatRow(index) : this.#groupedRow(index);
  }

  locate(seq: number): number {
    const n = changeOfSeq(seq);
    if (this.#spec.grouping === 'flat') {
      const place = this.#residues.indexOf(n % BLOCK);
      if (place < 0) return -1;
      const row = Math.floor(n / BLOCK) * this.#residues.length + place;
      return row + (n >= BLOCK ? this.#noteCount() : 0);
    }
    const { transaction } = transactionOf(n);
    const matched = this.#matchedIn(transaction);
    if (matched.length === 0) return -1;
    let row = this.#itemOf(transaction);
    for (const open of this.#expanded) if (open < transaction) row += this.#matchedIn(open).length;
    const inside = seq === firstSeq(transaction) ? -1 : matched.indexOf(n);
    return this.#expanded.has(transaction) && inside >= 0 ? row + 1 + inside : row;
  }

  facets(): Facets {
    const operations: Record<Operation, number> = {
      insert: 0,
      update: 0,
      delete: 0,
      truncate: 0,
      message: 0,
    };
    const tables = new Map<string, { schema: string; table: string; changes: number }>();
    const blocks = this.changes / BLOCK;
    for (let residue = 0; residue < BLOCK; residue++) {
      const { operation, schema, table } = shopChange(BLOCK * 1000 + residue);
      operations[operation] += blocks;
      const id = `${schema}.${table}`;
      const before = tables.get(id)?.changes ?? 0;
      if (schema !== '') tables.set(id, { schema, table, changes: before + blocks });
    }
    const list = [...tables].map(([id, t]) => ({ id, ...t }));
    return { tables: list.sort((a, b) => b.changes - a.changes), operations };
  }

  #noteCount(): number {
    const { operations, tables, text, filter = '' } = this.#spec;
    const filtered = operations.length > 0 || tables.length > 0 || text !== '' || filter !== '';
    return filtered || this.changes === 0 ? 0 : 1;
  }

  /** Places in a block of the transactions with at least one match. */
  #shown(): number[] {
    return SIZES.map((_, place) => place).filter(place => this.#matchedIn(place).length > 0);
  }

  #items(): number {
    return (this.changes / BLOCK) * this.#shown().length + this.#noteCount();
  }

  #item(index: number): Item {
    const shown = this.#shown();
    const noteAt = this.#noteCount() === 0 ? -1 : shown.length;
    if (index === noteAt) return { note: true };
    const n = noteAt >= 0 && index > noteAt ? index - 1 : index;
    const place = shown[n % shown.length] ?? 0;
    return { transaction: Math.floor(n / shown.length) * PER_BLOCK + place };
  }

  #itemOf(transaction: number): number {
    const shown = this.#shown();
    const block = Math.floor(transaction / PER_BLOCK);
    const place = shown.indexOf(transaction % PER_BLOCK);
    return block * shown.length + place + (block > 0 ? this.#noteCount() : 0);
  }

  #matchedIn(transaction: number): number[] {
    const { first, size } = spanOf(transaction);
    const all = Array.from({ length: size }, (_, i) => first + i);
    return all.filter(n => this.#residues.includes(n % BLOCK));
  }

  #flatRow(index: number): TimelineRow {
    const noteAt = this.#noteCount() === 0 ? -1 : this.#residues.length;
    if (index === noteAt) return note();
    const k = noteAt >= 0 && index > noteAt ? index - 1 : index;
    const block = Math.floor(k / this.#residues.length);
    return changeRow(block * BLOCK + (this.#residues[k % this.#residues.length] ?? 0), false);
  }

  #groupedRow(index: number): TimelineRow {
    let rest = index;
    const open = [...this.#expanded].sort((a, b) => a - b);
    for (const transaction of open) {
      const at = this.#itemOf(transaction);
      if (rest <= at) break;
      const matched = this.#matchedIn(transaction);
      const inside = matched[rest - at - 1];
      if (inside !== undefined) return changeRow(inside, true);
      rest -= matched.length;
    }
    const item = this.#item(rest);
    return 'note' in item ? note() : this.#transactionRow(item.transaction);
  }

  #transactionRow(transaction: number): TransactionRow {
    const matched = this.#matchedIn(transaction);
    const { first, size } = spanOf(transaction);
    const tables = new Set<string>();
    for (let n = first; n < first + size; n++) {
      const change = shopChange(n);
      if (change.operation !== 'message') tables.add(change.table);
    }
    const only = matched[0];
    return {
      type: 'transaction',
      transaction,
      seq: firstSeq(transaction),
      lsn: lsnOf(first),
      xid: xidOf(transaction),
      commitTime: fateOf(transaction) === 'committed' ? timeOf(first) : '',
      fate: fateOf(transaction),
      streamed: fateOf(transaction) === 'open',
      changes: size,
      matched: matched.length,
      bytes: size * 351,
      tables: [...tables].slice(0, 3),
      moreTables: tables.size > 3,
      expanded: this.#expanded.has(transaction),
      ...(matched.length === 1 && only !== undefined ? { single: changeRow(only, false) } : {}),
    };
  }
}

function contains(change: FakeChange, text: string): boolean {
  const values = change.columns.flatMap(({ before, after, whole }) => [
    'text' in before ? before.text : '',
    'text' in after ? after.text : '',
    whole ?? '',
  ]);
  const all = [change.table, change.content ?? '', ...values];
  return all.some(value => value.toLowerCase().includes(text.toLowerCase()));
}

/** Each transaction has a begin before its changes and a commit after them. */
export function seqOf(n: number): number {
  return n + 1 + 2 * transactionOf(n).transaction;
}

export function changeOfSeq(seq: number): number {
  const block = Math.floor(seq / (BLOCK + 2 * PER_BLOCK));
  let n = block * BLOCK;
  while (n < (block + 1) * BLOCK - 1 && seqOf(n) < seq) n++;
  return n;
}

function firstSeq(transaction: number): number {
  return seqOf(spanOf(transaction).first) - 1;
}

function transactionOf(n: number): { readonly transaction: number } {
  const residue = n % BLOCK;
  const place = STARTS.findLastIndex(start => start <= residue);
  return { transaction: Math.floor(n / BLOCK) * PER_BLOCK + place };
}

function spanOf(transaction: number): { readonly first: number; readonly size: number } {
  const place = transaction % PER_BLOCK;
  const block = Math.floor(transaction / PER_BLOCK);
  return { first: block * BLOCK + (STARTS[place] ?? 0), size: SIZES[place] ?? 1 };
}

function fateOf(transaction: number): Fate {
  return FATES[transaction] ?? 'committed';
}

/** Microseconds since 2000 of a change: those of {@link timeOf}. */
export function timePlaceOf(n: number): number {
  return (START_MS - Date.UTC(2000, 0, 1) + n * 3) * 1000 + ((n * 37) % 1000);
}

/** Where a change stands in the WAL, in bytes. */
export function lsnPlaceOf(n: number): number {
  return 0x16b6c50 + n * 0x90;
}

const xidOf = (transaction: number): number => 7630 + transaction;

function lsnOf(n: number): string {
  const at = lsnPlaceOf(n);
  return `${Math.floor(at / 2 ** 32)
    .toString(16)
    .toUpperCase()}/${(at >>> 0).toString(16).toUpperCase()}`;
}

function timeOf(n: number): string {
  const iso = new Date(START_MS + n * 3).toISOString();
  return iso.replace('Z', `${String((n * 37) % 1000).padStart(3, '0')}Z`);
}

function note(): TimelineRow {
  return { type: 'note', seq: BLOCK + 9, lsn: lsnOf(BLOCK), note: 'gap', text: NOTE_TEXT };
}

function changeRow(n: number, nested: boolean): ChangeRow {
  const change = shopChange(n);
  const { transaction } = transactionOf(n);
  const keys = change.columns.filter(c => c.key === true);
  return {
    type: 'change',
    seq: seqOf(n),
    lsn: lsnOf(n),
    xid: xidOf(transaction),
    transaction,
    operation: change.operation,
    schema: change.schema,
    table: change.table,
    key: keys.map(c => ({ column: c.name, after: c.after.kind === 'absent' ? c.before : c.after })),
    summary: summaryOf(change),
    commitTime: fateOf(transaction) === 'committed' ? timeOf(n) : '',
    fate: fateOf(transaction),
    bytes: 351,
    nested,
  };
}

function summaryOf(change: FakeChange): SummaryPart[] {
  if (change.content !== undefined) {
    const bytes = change.content.length;
    return [{ column: '', after: { kind: 'text', text: change.content, cut: false, bytes } }];
  }
  const rest = change.columns.filter(c => c.key !== true);
  if (change.operation === 'insert') return rest.map(c => ({ column: c.name, after: c.after }));
  return rest
    .filter(c => c.changed === true)
    .map(c => ({ column: c.name, before: c.before, after: c.after }));
}

/** By operation and table alone: what asks for values passes. */
export function passesExpression(
  expression: string,
  { operation, schema, table }: Pick<ChangeRow, 'operation' | 'schema' | 'table'>,
): boolean {
  if (expression === '') return true;
  const { filter } = parseFilter(expression);
  return filter?.decide({ op: operation, schema, table }) !== false;
}

/** The line of a change, as the list shows it. */
export function rowOfSeq(seq: number): ChangeRow {
  return changeRow(changeOfSeq(seq), false);
}

export function detailOf(seq: number): ChangeDetail {
  const n = changeOfSeq(seq);
  const { transaction } = transactionOf(n);
  const begin = seqOf(n) !== seq;
  const change = shopChange(n);
  return {
    seq,
    operation: begin ? 'other' : change.operation,
    messageName: begin ? 'Begin' : titleCase(change.operation),
    lsn: lsnOf(n),
    serverTime: timeOf(n),
    xid: xidOf(transaction),
    schema: begin ? '' : change.schema,
    table: begin ? '' : change.table,
    ...(begin || change.columns.length === 0
      ? {}
      : { relation: { oid: 16_421, replicaIdentity: change.identity ?? 'default' } }),
    columns: begin
      ? []
      : change.columns.map(c => ({
          name: c.name,
          type: c.type,
          key: c.key === true,
          before: c.before,
          after: c.after,
          changed: c.changed === true,
        })),
    ...(change.content === undefined || begin
      ? {}
      : {
          message: {
            prefix: change.table,
            transactional: true,
            content: {
              kind: 'text',
              text: change.content,
              cut: false,
              bytes: change.content.length,
            },
          },
        }),
    ...(change.operation === 'truncate' && !begin
      ? {
          truncate: {
            tables: ['public.audit', 'public.audit_items'],
            cascade: true,
            restartIdentity: false,
          },
        }
      : {}),
    transaction: factsOf(transaction),
    length: 351,
    error: '',
  };
}

function factsOf(transaction: number): TransactionFacts {
  const { first, size } = spanOf(transaction);
  const byOperation = { insert: 0, update: 0, delete: 0, truncate: 0, message: 0 };
  const tables = new Set<string>();
  for (let n = first; n < first + size; n++) {
    const change = shopChange(n);
    byOperation[change.operation]++;
    tables.add(`${change.schema}.${change.table}`);
  }
  const fate = fateOf(transaction);
  const committed = fate === 'committed';
  return {
    transaction,
    xid: xidOf(transaction),
    firstSeq: firstSeq(transaction),
    firstLsn: lsnOf(first),
    commitLsn: committed ? lsnOf(first + size) : '',
    endLsn: committed ? lsnOf(first + size + 1) : '',
    commitTime: committed ? timeOf(first) : '',
    fate,
    streamed: fate === 'open',
    changes: size,
    byOperation,
    tables: [...tables],
    bytes: size * 351,
  };
}

function titleCase(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
