import type { CaptureFile } from '../capture/captureFile';
import type { CapturedMessage } from '../capture/capturedMessage';
import { CHUNK_ROWS, CHUNK_SHIFT, NONE, ROW } from '../capture/indexChunk';
import { OPAQUE_KIND } from '../capture/frameIndexer';
import { IS_CHANGE } from '../capture/operations';
import type { RelationCatalog } from '../capture/relationCatalog';
import type { TransactionRecord } from '../capture/transactionRecord';
import { transactionRecord } from '../capture/transactionRecord';
import { TX_MASK } from '../capture/transactionChunk';
import { parseLsn } from '../base/lsn';
import { formatCount } from '../base/quantity';
import { prettyJson } from '../base/prettyJson';
import { sqlComment } from '../base/sqlText';
import { toPgTime } from '../base/time';
import type { LogicalEvent } from '../logical/event';
import { formatEvent } from '../logical/formatEvent';
import type { Relation } from '../logical/relation';
import type { ChangeText, ChangeTextRequest } from '../shared/changeTextApi';
import { capturedEvents } from './capturedEvents';
import type { ChangeSql } from './changeSql';
import { redoSql, undoSql } from './changeSql';
import { debeziumEvents } from './debeziumEvent';
import { comparesTexts } from './sqlConditions';

interface Source {
  readonly file: CaptureFile;
  readonly catalog: RelationCatalog;
}

/** One change as it stands in the text: its lines, or why it has none. */
type Part = ChangeSql;

/** More remarks of the same transaction help nobody. */
const REMARKS_LIMIT = 20;

/**
 * A change or its whole transaction as SQL or JSON. SQL of a transaction is one script, which ends with
 * ROLLBACK where it does not hold all of it: nobody shall do a half by mistake.
 *
 * @param limit UTF-16 units of text, about: what follows is left out, and said to be.
 */
export async function changeText(
  { file, catalog }: Source,
  request: ChangeTextRequest,
  limit: number,
  pause: () => Promise<void>,
): Promise<ChangeText> {
  const first = await file.readMessage(request.seq);
  const record =
    first.row.transaction === NONE
      ? undefined
      : transactionRecord(
          await file.transactionChunk(first.row.transaction),
          first.row.transaction,
        );
  const render = await renderer(file, catalog, request.form, record);
  if (request.scope === 'change' || record === undefined) {
    const parts = render(first).map(part => shaped(part, request));
    if (parts.length === 0) return { text: '', remarks: [NO_CHANGE], complete: true };
    return joined(parts, limit);
  }
  return transactionText(file, request, record, render, limit, pause);
}

const NO_CHANGE = 'This message changes nothing.';

type Render = (message: CapturedMessage) => readonly Part[];

async function renderer(
  file: CaptureFile,
  catalog: RelationCatalog,
  form: ChangeTextRequest['form'],
  record: TransactionRecord | undefined,
): Promise<Render> {
  const xid = record?.xid ?? 0;
  const relationOf = ({ row }: CapturedMessage): Relation | undefined =>
    catalog.textPlugin === undefined ? catalog.relation(row.relation) : undefined;
  const eventsOf = (message: CapturedMessage): readonly LogicalEvent[] =>
    capturedEvents(message, catalog, xid);
  switch (form) {
    case 'native':
      return message => eventsOf(message).map(event => jsonPart(formatEvent(event)));
    case 'debezium': {
      const { source } = file.meta;
      const place = {
        name: source.title === '' ? source.database : source.title,
        database: source.database,
        lastCommitLsn: record === undefined ? undefined : await commitBefore(file, record),
      };
      const commitTime = record === undefined ? undefined : await commitTimeOf(file, record);
      return message => {
        const { serverTime } = message;
        const processedTime = serverTime === 0n ? undefined : toPgTime(serverTime);
        return eventsOf(message)
          .flatMap(event =>
            debeziumEvents(event, relationOf(message), { ...place, commitTime, processedTime }),
          )
          .map(jsonPart);
      };
    }
    case 'redo':
    case 'undo': {
      const sqlOf = form === 'redo' ? redoSql : undoSql;
      return message => {
        const table = relationOf(message);
        const parts = eventsOf(message).flatMap(event => sqlOf(event, table) ?? []);
        const bySettings =
          table !== undefined &&
          comparesTexts(table) &&
          parts.some(({ sql }) => sql?.includes('concat(') === true);
        return bySettings
          ? parts.map(part => ({ ...part, remarks: [...part.remarks, TEXTS_COMPARED] }))
          : parts;
      };
    }
  }
}

const TEXTS_COMPARED =
  "Some values are compared by their text: run it with TimeZone 'UTC', DateStyle 'ISO', IntervalStyle 'postgres' and extra_float_digits 3.";

/** JSON over many lines, where that is wanted. */
function shaped(part: Part, { form, pretty }: ChangeTextRequest): Part {
  if (!pretty || part.sql === undefined || form === 'redo' || form === 'undo') return part;
  return { ...part, sql: prettyJson(part.sql) ?? part.sql };
}

function jsonPart(line: string): Part {
  return { sql: line, remarks: [], complete: true };
}

/** Time of the commit as the server told it. */
async function commitTimeOf(
  file: CaptureFile,
  { ordinal, commitTime }: TransactionRecord,
): Promise<ReturnType<typeof toPgTime> | undefined> {
  if (commitTime === '') return undefined;
  const chunk = await file.transactionChunk(ordinal);
  return toPgTime(chunk.commitTime[ordinal & TX_MASK] ?? 0n);
}

/** Where the commit before ended, as far as one of the transactions right before was committed. */
async function commitBefore(
  file: CaptureFile,
  { ordinal }: TransactionRecord,
): Promise<ReturnType<typeof parseLsn>> {
  for (let before = ordinal - 1; before >= Math.max(0, ordinal - 16); before--) {
    const { endLsn, fate } = transactionRecord(await file.transactionChunk(before), before);
    if (fate === 'committed' && endLsn !== '') return parseLsn(endLsn);
  }
  return undefined;
}

function joined(parts: readonly Part[], limit: number): ChangeText {
  const remarks = [...new Set(parts.flatMap(part => part.remarks))];
  const text = parts.flatMap(({ sql }) => sql ?? []).join('\n');
  const complete = parts.every(part => part.complete);
  if (text.length <= limit) return { text, remarks, complete };
  const tooLong = `Cut after ${formatCount(limit)} of ${formatCount(text.length)} characters. Copy or export it for all of it.`;
  return { text: text.slice(0, limit), remarks: [...remarks, tooLong], complete: false };
}

async function transactionText(
  file: CaptureFile,
  request: ChangeTextRequest,
  record: TransactionRecord,
  render: Render,
  limit: number,
  pause: () => Promise<void>,
): Promise<ChangeText> {
  const { form } = request;
  const isSql = form === 'redo' || form === 'undo';
  const chunks: string[] = [];
  const remarks: string[] = [];
  let size = 0;
  let complete = true;
  let changes = 0;
  let cut = false;
  for await (const seq of changesOf(file, record, form === 'undo')) {
    await pause();
    const row = await file.row(seq);
    if (size > limit || row.length > limit) {
      cut = true;
      break;
    }
    for (const part of render(await file.readMessage(seq)).map(each => shaped(each, request))) {
      complete &&= part.complete;
      const said = part.remarks.map(remark => `#${formatCount(seq)}: ${remark}`);
      if (remarks.length < REMARKS_LIMIT) remarks.push(...said);
      const lines = isSql
        ? [...said.map(sqlComment), ...(part.sql === undefined ? [] : [part.sql])]
        : [part.sql ?? ''];
      const text = lines.join('\n');
      size += text.length + 1;
      chunks.push(text);
    }
    changes++;
  }
  if (cut) {
    complete = false;
    remarks.push(
      `Cut after ${formatCount(changes)} of ${formatCount(record.changes)} changes: the text would be too long.`,
    );
  }
  if (!isSql) return { text: chunks.join('\n'), remarks, complete };
  const head = [
    `Transaction ${String(record.xid)}, ${describe(record)}: what would ${form === 'redo' ? 'do it again' : 'undo it, last change first'}.`,
    ...(complete ? [] : ['Not complete, so it ends with ROLLBACK: see the remarks.']),
    ...(cut ? [remarks.at(-1) ?? ''] : []),
  ];
  const script = [
    ...head.map(sqlComment),
    'BEGIN;',
    `SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 3;`,
    ...chunks,
    complete ? 'COMMIT;' : 'ROLLBACK;',
  ];
  return {
    text: script.join('\n'),
    remarks: remarks.filter(remark => !remark.endsWith(TEXTS_COMPARED)),
    complete,
  };
}

function describe({ fate, commitTime }: TransactionRecord): string {
  switch (fate) {
    case 'committed':
      return `committed ${commitTime}`.trimEnd();
    case 'aborted':
      return 'rolled back, so that none of it ever took effect';
    case 'prepared':
      return 'prepared and not committed yet';
    case 'open':
      return 'not committed yet';
    case 'cut':
      return 'cut off, so that its end is not known';
  }
}

/** The changes of a transaction in order of arrival, or the other way round; not what was rolled back. */
async function* changesOf(
  file: CaptureFile,
  { ordinal, firstSeq, lastSeq, fate }: TransactionRecord,
  backwards: boolean,
): AsyncGenerator<number> {
  const firstChunk = firstSeq >>> CHUNK_SHIFT;
  const lastChunk = lastSeq >>> CHUNK_SHIFT;
  for (let n = 0; n <= lastChunk - firstChunk; n++) {
    const number = backwards ? lastChunk - n : firstChunk + n;
    const base = number * CHUNK_ROWS;
    const [kinds, flags, transactions, xids] = await Promise.all(
      (['kind', 'flags', 'transaction', 'xid'] as const).map(name => file.column(number, name)),
    );
    const from = Math.max(0, firstSeq - base);
    const end = Math.min(CHUNK_ROWS - 1, lastSeq - base);
    for (let k = 0; k <= end - from; k++) {
      const i = backwards ? end - k : from + k;
      if (transactions?.[i] !== ordinal) continue;
      const kind = kinds?.[i] ?? 0;
      if (IS_CHANGE[kind] !== 1 && kind !== OPAQUE_KIND) continue;
      if (((flags?.[i] ?? 0) & (ROW.ownFrame | ROW.unknown | ROW.repeated)) !== 0) continue;
      if (fate !== 'aborted' && file.isSubAborted(ordinal, xids?.[i] ?? 0)) continue;
      yield base + i;
    }
  }
}
