import { formatBytes } from '../base/quantity';
import type { ServerFacts } from '../postgres/catalog/serverFacts';
import type { SqlSession } from '../postgres/sqlSession';
import { failedEnd } from './endReasons';
import type { StreamEnd } from './sessionRequest';
import { SessionEnded } from './sessionRequest';

/** First version with the fault, and the last one, as `server_version_num`. */
const FIRST = 180_000;
const LAST = 180_006;

const MIB = 1024 * 1024;
/** Most bytes of WAL from which transactions are put together, where the server must not reach its limit. */
const MOST_WAL = 512 * MIB;
/**
 * What a transaction takes in memory is at most about twelve times its WAL: a row of one small column in a
 * COPY. Most take less than their WAL.
 */
const MEMORY_KB = (12 * MOST_WAL) / 1024;

/**
 * 18.0 to 18.6 crash, all of the server, when test_decoding (without `stream-changes`) meets a transaction that
 * was rolled back, had subtransactions, and reaches logical_decoding_work_mem: the subtransactions are marked
 * as streamed where nothing was, and the plugin follows a null pointer when it is told of their end (bug
 * 19616; ReorderBufferCheckAndTruncateAbortedTXN, pg_decode_stream_abort). Below that limit nothing happens:
 * so the limit is raised for our session, as every role may, and as long as there is less WAL than can reach
 * it, nothing can.
 */
function mayCrash(plugin: string, { versionNum }: Pick<ServerFacts, 'versionNum'>): boolean {
  return plugin === 'test_decoding' && versionNum >= FIRST && versionNum <= LAST;
}

/** The part of a plan that says so; `forced` where a person was asked and wants it whatever may happen. */
export function inMemory(
  plugin: string,
  server: Pick<ServerFacts, 'versionNum'>,
  { force }: { readonly force?: boolean },
): { readonly inMemory?: 'bounded' | 'forced' } {
  if (!mayCrash(plugin, server)) return {};
  return { inMemory: force === true ? 'forced' : 'bounded' };
}

/** Throws where there is so much WAL to decode that a crash could not be ruled out. */
export function requireHarmless(walBytes: number): void {
  const end = harmfulEnd(walBytes);
  if (end !== undefined) throw new SessionEnded(end);
}

/** The end of a stream for which the server keeps so much WAL; undefined where it is harmless. */
export function harmfulEnd(walBytes: number): StreamEnd | undefined {
  if (walBytes <= MOST_WAL) return undefined;
  return failedEnd(
    'failed',
    'server-may-crash',
    `PostgreSQL 18.0 to 18.6 can crash when test_decoding meets a large transaction that was rolled back, and ${formatBytes(walBytes)} of WAL is too much to rule that out (${formatBytes(MOST_WAL)} is not)`,
    'Follow a publication instead, or update the server; --force of pgwal goes on all the same.',
  );
}

/** Has the server keep what it decodes for us in memory, for as long as this session lasts. */
export async function keepInMemory(session: SqlSession): Promise<void> {
  await session.query(
    `SELECT pg_catalog.set_config(name, GREATEST(setting::bigint, LEAST(max_val::bigint, ${String(MEMORY_KB)}))::text, false)
       FROM pg_catalog.pg_settings WHERE name = 'logical_decoding_work_mem'`,
  );
}
