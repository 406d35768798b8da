import { CURRENT_LSN } from '../postgres/catalog/currentLsn';
import { lsnOf, numberOf, textOf } from '../postgres/catalog/rowValues';
import type { FailureContext } from '../postgres/explainFailure';
import type { ReplicationStream } from '../postgres/replicationStream';
import { ServerError } from '../postgres/serverError';
import type { WatchSample } from '../postgres/shutdownWatch';
import type { SqlSession } from '../postgres/sqlSession';
import { bounded } from './bounded';
import { explainError, failedEnd, passing, serverOf, shutdownEnd } from './endReasons';
import { publicationEnd } from './publicationEnd';
import type { SessionRequest, StreamEnd } from './sessionRequest';
import type { StreamPlan } from './streamPlan';
import { walLimitEnd } from './walLimit';

/** What is known when a stream is over. */
export interface EndedStream {
  readonly kind: SessionRequest['kind'];
  readonly plan: StreamPlan;
  readonly context: FailureContext;
  /** The session beside it, which may still know what happened. */
  readonly side: SqlSession | undefined;
  /** What was last seen of the slot. */
  readonly sample: WatchSample | undefined;
}

type TransportEnd = Awaited<ReturnType<ReplicationStream['stop']>>;

/** Longest wait for what the session beside the stream knows, in milliseconds. */
const ASK_MS = 1_000;
const CRASH_MS = 300;
const ADMIN_SHUTDOWN = '57P01';
const QUERY_CANCELED = '57014';
const UNDEFINED_OBJECT = '42704';

/** How the server or the network ended a stream, in words. Never rejects. */
export async function explainStreamEnd(end: TransportEnd, stream: EndedStream): Promise<StreamEnd> {
  const { target } = stream.context;
  switch (end.kind) {
    case 'stopped':
    case 'abandoned':
      return { reason: 'stopped', message: 'Stopped' };
    case 'completed':
      return shutdownEnd(target, undefined);
    case 'lost':
      // Where a process of the server crashed, the others are told to go a moment later.
      await endOf(stream.side, CRASH_MS);
      return (
        (await askBeside(stream)) ??
        passing(
          failedEnd(
            'failed',
            'connection-lost',
            `The connection to ${serverOf(target)}${throughSsh(target)} was lost`,
            'Check the server and the network, then start again.',
            end.message,
          ),
        )
      );
    case 'error':
      return explainServerEnd(end.error, stream);
  }
}

function throughSsh({ ssh }: FailureContext['target']): string {
  return ssh === undefined ? '' : ` through the SSH server ${ssh}`;
}

async function explainServerEnd(error: ServerError, stream: EndedStream): Promise<StreamEnd> {
  const { context, plan, kind } = stream;
  const server = serverOf(context.target);
  switch (error.sqlState) {
    case ADMIN_SHUTDOWN: {
      const known = await askBeside(stream);
      if (known !== undefined) return known;
      // A shutdown ends plain sessions before streams: where one lives, there is none.
      if (stream.side === undefined || stream.side.ended !== undefined) {
        return shutdownEnd(context.target, error);
      }
      const message = `An administrator ended our stream on ${server} (pg_terminate_backend)`;
      const action = 'Start again if that was not meant.';
      return passing(failedEnd('failed', 'stream-ended', message, action));
    }
    case QUERY_CANCELED: {
      const message = `Somebody cancelled our stream on ${server} (pg_cancel_backend)`;
      return failedEnd('failed', 'stream-cancelled', message, 'Start again if that was not meant.');
    }
    // The slot was found when the stream began: what is missing later is a publication.
    case UNDEFINED_OBJECT:
      return publicationEnd(kind, plan.facts.source, error);
    default:
      return explainError(error, context);
  }
}

/**
 * Why a stream ended of which the server says nothing, or only that it was ended: it invalidates a slot by
 * ending who reads it (InvalidatePossiblyObsoleteSlot, src/backend/replication/slot.c). Undefined where
 * the session beside does not know either.
 */
async function askBeside(stream: EndedStream): Promise<StreamEnd | undefined> {
  const { side, plan, sample, context } = stream;
  if (side === undefined) return undefined;
  const slot = JSON.stringify(plan.slot);
  let gone: unknown;
  const asking = side.query(SLOT_QUERY, [plan.slot]).catch((error: unknown) => {
    gone = error;
    return undefined;
  });
  const [row] = (await bounded(asking, ASK_MS)) ?? [];
  if (row === undefined) {
    const said = side.ended?.error ?? gone;
    const shutdown = said instanceof ServerError && /^57P0[123]$/.test(said.sqlState);
    return shutdown ? shutdownEnd(context.target, said) : undefined;
  }
  if (plan.makeSlot === undefined) {
    if (textOf(row, 'slot_name') === undefined) {
      const action = 'Its consumer needs a new slot.';
      return failedEnd('slot-lost', 'slot-dropped', `The slot ${slot} was dropped`, action);
    }
    if (textOf(row, 'wal_status') !== 'lost') return undefined;
    const message = `The slot ${slot} was invalidated: the server removed WAL that it needs`;
    return failedEnd('slot-lost', 'slot-lost', message, 'Its consumer needs a new slot.');
  }
  const keep = numberOf(row, 'keep') ?? -1;
  const currentLsn = lsnOf(row, 'lsn');
  if (currentLsn === undefined) return undefined;
  return walLimitEnd(sample, { currentLsn, maxSlotWalKeepBytes: keep < 0 ? undefined : keep });
}

/** Waits until a session is over, so long at most. */
async function endOf(session: SqlSession | undefined, ms: number): Promise<void> {
  if (session === undefined) return;
  const ended = new Promise<void>(resolve => {
    session.onEnd(() => {
      resolve();
    });
  });
  await bounded(ended, ms);
}

const SLOT_QUERY = `
  WITH now AS MATERIALIZED (SELECT ${CURRENT_LSN} AS lsn)
  SELECT now.lsn, s.slot_name, s.wal_status,
    pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_slot_wal_keep_size')) AS keep
  FROM now LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = $1`;
