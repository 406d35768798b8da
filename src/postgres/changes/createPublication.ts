import { formatPlural } from '../../base/quantity';
import { quoteIdentifier } from '../quote';
import { ServerError } from '../serverError';
import type { SqlSession } from '../sqlSession';
import { publicationNameProblem } from './changeNames';
import { ChangeCancelled, type ChangeOptions, type ChangeResult } from './changeResult';
import { assertLockRoom } from './lockRoom';
import type { CreatePublication, TableName } from './publicationChange';
import { readPublicationPreview, type TableRemark } from './publicationPreview';
import { openWorkSession, runStatement, StatementCancelled } from './runStatement';
import { statementsOf } from './serverChange';
import { nameTaken } from './slotState';
import type { WritePermit } from './writePermit';
import { WriteRefused } from './writeRefused';

const DUPLICATE = '42710';
const SHOWN = 5;

/**
 * Makes a publication, in the database of the session. It waits for those who alter one of its tables,
 * and at its end for a synchronous standby; given up in between there is none; one that was there before
 * the cancel request came is dropped again.
 */
export async function createPublication(
  permit: WritePermit,
  session: SqlSession,
  change: CreatePublication,
  options: ChangeOptions,
): Promise<ChangeResult> {
  permit.assertCovers('create-publication', change.name);
  await assertPossible(session, change);
  const statements = statementsOf(change);
  const notices: string[] = [];
  const work = await openWorkSession(session, session.target.database, options.signal);
  work.onNotice(notice => notices.push(notice.message));
  try {
    await runStatement(work, session, statements.join('; '), options);
    if (options.signal?.aborted === true) {
      // A cancel ends the wait for a synchronous standby, not the commit; nobody is to wait once more.
      await work.query('SET synchronous_commit = local');
      await work.query(`DROP PUBLICATION ${quoteIdentifier(change.name)}`);
      throw new StatementCancelled();
    }
    return { statements, slot: undefined, reached: undefined, notices };
  } catch (error) {
    if (error instanceof StatementCancelled) {
      throw new ChangeCancelled(
        `Creating the publication ${JSON.stringify(change.name)} was cancelled: nothing of it is left.`,
        undefined,
      );
    }
    if (error instanceof ServerError && error.sqlState === DUPLICATE) {
      throw nameTaken('publication', change.name);
    }
    throw error;
  } finally {
    await work.close();
  }
}

async function assertPossible(session: SqlSession, change: CreatePublication): Promise<void> {
  const problem = publicationNameProblem(change.name);
  if (problem !== undefined) throw new WriteRefused('bad-name', problem);
  if (change.scope.kind === 'schemas' && session.majorVersion < 15) {
    throw new WriteRefused(
      'version',
      `PostgreSQL ${String(session.majorVersion)} publishes no schemas: they came with 15. Choose tables or all tables.`,
    );
  }
  const existing = await session.query('SELECT FROM pg_catalog.pg_publication WHERE pubname = $1', [
    change.name,
  ]);
  if (existing.length > 0) throw nameTaken('publication', change.name);
  const preview = await readPublicationPreview(session, change);
  if (preview.refused.length > 0) {
    throw new WriteRefused(
      'tables-refused',
      `The server does not publish ${namesText(preview.refused, preview.refused.length)}. Leave that out.`,
    );
  }
  // A schema is locked as a whole, and for all tables nothing is.
  if (change.scope.kind === 'tables' && change.override !== true) {
    await assertLockRoom(session, preview.coveredCount);
  }
  if (preview.failingCount > 0 && change.acceptFailing !== true) {
    throw new WriteRefused(
      'tables-would-fail',
      `UPDATE and DELETE would fail on ${formatPlural(preview.failingCount, 'table')} from then on, because nothing tells their rows apart: ${namesText(preview.failing, preview.failingCount)}. Give them a primary key or a REPLICA IDENTITY first.`,
      true,
    );
  }
}

function namesText(tables: readonly TableRemark[], count: number): string {
  const shown = tables.slice(0, SHOWN).map(table => `${quoted(table)} (${table.reason})`);
  if (count > SHOWN) shown.push(`${String(count - SHOWN)} more`);
  return shown.join(', ');
}

function quoted({ schema, name }: TableName): string {
  return `${JSON.stringify(schema)}.${JSON.stringify(name)}`;
}
