import type { ChangeText, ChangeTextRequest, RelationDetail } from '../../src/shared/changeTextApi';
import type { HistoryEntry, HistoryPage, HistoryRequest } from '../../src/shared/historyApi';
import type { FakeCapture } from './fakeCapture';
import { BLOCK, changeOfSeq, detailOf, rowOfSeq, seqOf } from './fakeCapture';
import { shopChange } from './showcase';

/** Changes of a table that one answer goes over, so that a history comes in several. */
const STEP = 40 * BLOCK;

/**
 * The rows of a table are one row here: in each block stand the changes of it. Found as the reader does:
 * some at a time, the nearest first.
 */
export function historyOf(p: HistoryRequest, capture: FakeCapture): HistoryPage {
  const own = shopChange(changeOfSeq(p.anchor));
  const isRow = own.columns.some(({ key }) => key === true);
  const nowhere = { entries: [], anchor: p.anchor, reached: p.from, done: true };
  if (!isRow || detailOf(p.anchor).operation === 'other') {
    const problem = 'This message is not about one row.';
    return { ...nowhere, key: [], byWholeRow: false, problem };
  }
  const by = p.direction === 'later' ? 1 : -1;
  const entries: HistoryEntry[] = [];
  let n = changeOfSeq(p.from) + by;
  const until = n + by * STEP;
  for (; n >= 0 && n < capture.changes && n !== until && entries.length < p.limit; n += by) {
    const change = shopChange(n);
    if (change.table !== own.table || change.schema !== own.schema) continue;
    entries.push(entryOf(n));
  }
  const done = n < 0 || n >= capture.changes;
  const last = entries.at(-1)?.seq ?? p.anchor;
  const key = rowOfSeq(p.anchor).key.map(({ column, after, before }) => ({
    column,
    after: after ?? before ?? ({ kind: 'absent' } as const),
  }));
  const reached = done ? p.from : seqOf(n - by);
  return { entries, anchor: last, reached, done, key, byWholeRow: false, problem: '' };
}

function entryOf(n: number): HistoryEntry {
  const { seq, lsn, xid, transaction, operation, commitTime, fate, key, summary } = rowOfSeq(
    seqOf(n),
  );
  return {
    seq,
    lsn,
    xid,
    transaction,
    operation,
    time: commitTime,
    fate,
    key: key.filter(({ before, after }) => before !== undefined && after !== undefined),
    summary,
    ...(n % 3 === 0 ? { who: 'checkout-service' } : {}),
  };
}

const SQL: Readonly<Record<string, string>> = {
  redo: `UPDATE "public"."stock"\n  SET "qty" = 6\n  WHERE "sku" = 'A-1';`,
  undo: '',
};

export function changeTextOf({ seq, form, scope, pretty }: ChangeTextRequest): ChangeText {
  const { operation, table } = detailOf(seq);
  if (operation === 'other' && scope === 'change') {
    return { text: '', remarks: ['This message changes nothing.'], complete: true };
  }
  if (form === 'redo' || form === 'undo') {
    if (scope === 'transaction') {
      const text = `-- Transaction 7631\nBEGIN;\n${SQL[form] ?? ''}\nROLLBACK;`;
      return { text, remarks: ['Not complete, so it ends with ROLLBACK.'], complete: false };
    }
    const remark = 'What "qty" held before is not known: replica identity default.';
    return form === 'redo'
      ? { text: SQL['redo'] ?? '', remarks: ['"photo" left out: unchanged.'], complete: true }
      : { text: '', remarks: [remark], complete: false };
  }
  const json = { kind: operation, table, form, scope, hostile: '<script>window.hacked</script>' };
  return {
    text: pretty ? JSON.stringify(json, undefined, 2) : JSON.stringify(json),
    remarks: [],
    complete: true,
  };
}

export function relationOf(seq: number): RelationDetail {
  const { schema, table, relation, columns } = detailOf(seq);
  if (relation === undefined) {
    const none = { schema: '', table: '', oid: 0, replicaIdentity: 'unknown' };
    return { ...none, columns: [], versions: [], problem: 'This message is not about a table.' };
  }
  return {
    schema,
    table,
    oid: relation.oid,
    replicaIdentity: relation.replicaIdentity,
    columns: columns.map(({ name, type, key }, i) => ({
      name,
      type,
      typeOid: 20 + i,
      typeModifier: -1,
      key,
    })),
    versions: [
      { seq: 0, lsn: '', time: '2026-11-20T09:00:00.000000Z', current: false, changes: [] },
      {
        seq,
        lsn: '0/16B6C50',
        time: '',
        current: true,
        changes: ['column note text added', 'replica identity nothing → default'],
      },
    ],
    problem: '',
  };
}
