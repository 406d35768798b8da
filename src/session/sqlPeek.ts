import { formatLsn, parseLsn } from '../base/lsn';
import { formatCount } from '../base/quantity';
import { ServerError } from '../postgres/serverError';
import { openSqlSession } from '../postgres/sqlSession';
import type { FrameSink } from '../shared/frameSink';
import { keepInMemory } from './decodingCrash';
import { reachedLimit } from './peekBudget';
import { publicationEnd } from './publicationEnd';
import type { StreamEnd } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import type { SessionStatus } from './sessionStatus';
import { streamEndOf } from './sinkEnd';
import { StreamObserver, XLOG_DATA_HEADER } from './streamObserver';
import { StreamNotices } from './streamNotices';
import type { StreamPlan } from './streamPlan';

const FETCH = 500;
/** The functions know no position to begin at, so there is no Continue. */
const FROM_START = '; through SQL a peek always begins at the slot: a higher limit shows more';
/** The functions count messages: a change comes with its begin, its table and its commit at most. */
const MESSAGES_PER_CHANGE = 4;
const SLOT_IN_USE = '55006';
const UNDEFINED_OBJECT = '42704';
const MAX_CHANGES = 2_147_483_647;
const MAX_TIMEOUT_MS = 2_147_483_647;

export interface SqlPeekOptions {
  readonly sink: FrameSink;
  readonly status: SessionStatus;
  readonly signal: AbortSignal;
}

/**
 * Looks at a slot through pg_logical_slot_peek_binary_changes, which needs no slot and no sender of
 * ours. The server decodes everything into a temporary file before it gives the first row; with
 * streaming asked for, `upto_nchanges` can stop it in the middle of a big transaction
 * (src/backend/replication/logical/logicalfuncs.c). The rows are fetched a few at a time.
 */
export async function runSqlPeek(plan: StreamPlan, options: SqlPeekOptions): Promise<StreamEnd> {
  const { sink, status, signal } = options;
  const budget = plan.budget ?? { events: Infinity, bytes: Infinity, seconds: Infinity };
  const mostMessages = Number.isFinite(budget.events)
    ? Math.min(budget.events * MESSAGES_PER_CHANGE, MAX_CHANGES)
    : Infinity;
  let messages = 0;
  const { slot, plugin } = plan.facts.source;
  status.enter('streaming', `Waiting until the server has decoded ${slot}`);
  status.note(
    'Looking through the SQL functions: the slot is taken while the server decodes, vacuum waits until its rows are taken, and some versions move its restart_lsn forward',
  );
  const session = await openSqlSession(plan.target, {
    applicationName: plan.slot,
    signal,
    statementTimeoutMs: Math.min(budget.seconds * 1000, MAX_TIMEOUT_MS),
  });
  const notices = new StreamNotices('peek', plan, status, () => undefined);
  session.onNotice(notice => {
    notices.take(notice);
  });
  const observer = new StreamObserver(plugin);
  const abort = (): void => {
    void session.cancel().catch(() => {
      session.destroy();
    });
  };
  signal.addEventListener('abort', abort, { once: true });
  let full: Promise<void> | undefined;
  let over: StreamEnd | undefined;
  sink.onEnd(end => {
    over ??= streamEndOf(end);
  });
  try {
    // It decodes for as long as it takes, and nobody else can read the slot meanwhile.
    await session.watchForOurDeath();
    if (plan.inMemory !== undefined) await keepInMemory(session);
    await session.query('begin transaction read only');
    await session.query(
      'declare changes no scroll cursor for select lsn::text as lsn, data from pg_logical_slot_peek_binary_changes($1::name, $2::pg_lsn, $3::int, variadic $4::text[])',
      [
        slot,
        plan.untilLsn === undefined ? null : formatLsn(plan.untilLsn),
        Number.isFinite(mostMessages) ? String(mostMessages) : null,
        textArray(Object.entries(plan.facts.pluginOptions).flat()),
      ],
    );
    for (;;) {
      signal.throwIfAborted();
      const rows = await session.query(`fetch ${String(FETCH)} from changes`);
      status.enter('streaming', `Looking at ${slot}`);
      for (const row of rows) {
        const frame = xlogData(row['lsn'] ?? '', row['data'] ?? '');
        observer.observe(frame);
        sink.append(frame);
        const limit = reachedLimit(budget, observer);
        if (limit !== undefined)
          over ??= { reason: 'limit', message: `Stopped at the limit of ${limit}${FROM_START}` };
        if (over !== undefined) break;
      }
      status.update({ receivedLsn: formatLsn(observer.received) });
      if (over !== undefined) return over;
      messages += rows.length;
      if (rows.length < FETCH) {
        if (messages < mostMessages) return { reason: 'complete', message: plan.completeMessage };
        const limit = `${formatCount(mostMessages)} messages`;
        return { reason: 'limit', message: `Stopped at the limit of ${limit}${FROM_START}` };
      }
      full = sink.full
        ? new Promise(resolve => {
            sink.onDrain(resolve);
          })
        : undefined;
      await full;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason as SessionEnded;
    throw explained(error, plan);
  } finally {
    signal.removeEventListener('abort', abort);
    await session.close();
  }
}

/** What the functions fail with where streaming a copy would not, or later. */
function explained(error: unknown, plan: StreamPlan): unknown {
  if (!(error instanceof ServerError)) return error;
  const { source } = plan.facts;
  if (error.sqlState === SLOT_IN_USE) {
    const [slot, detail] = [JSON.stringify(source.slot), error.message];
    return SessionEnded.failed({
      code: 'slot-in-use',
      message: `Somebody else reads the slot ${slot} at this moment, and the SQL functions cannot beside them`,
      action: 'Look through a copy of it instead, or wait until it is free.',
      detail,
    });
  }
  if (error.sqlState === UNDEFINED_OBJECT && !error.message.includes(source.slot)) {
    return new SessionEnded(publicationEnd('peek', source, error));
  }
  return error;
}

/** The XLogData that would have carried the row; the end of WAL and the server's clock are not known. */
function xlogData(lsn: string, hex: string): Uint8Array {
  const payload = Buffer.from(hex.slice(2), 'hex');
  const frame = new Uint8Array(XLOG_DATA_HEADER + payload.length);
  frame[0] = 0x77;
  new DataView(frame.buffer).setBigUint64(1, parseLsn(lsn) ?? 0n);
  frame.set(payload, XLOG_DATA_HEADER);
  return frame;
}

/** An array literal: every element quoted (doc: "Array Input and Output Syntax"). */
function textArray(items: readonly string[]): string {
  return `{${items.map(item => `"${item.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
