import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { findDebianTool } from '../../../scripts/postgres/debianTool';
import type { CanonicalTransaction } from './canonicalLines';
import { lsnOf, readTestDecoding } from './canonicalLines';

export const ORACLE_SLOT = 'oracle';

/** 18 up to 18.6 crashes in test_decoding when it meets a large transaction that was rolled back (bug 19616). */
const MEMORY = "logical_decoding_work_mem='1GB'";

/** A committed transaction as another slot, another plugin and another program tell it. */
export interface OracleTransaction extends CanonicalTransaction {
  readonly endLsn: bigint;
}

/** Reads the slot that was made before the load, from its beginning to `end`, with pg_recvlogical. */
export async function readOracle(
  cluster: Cluster,
  database: string,
  end: string,
  folder: string,
): Promise<OracleTransaction[]> {
  const ends = await cluster.adminQuery(
    `set ${MEMORY}; select xid::text, lsn::text from pg_logical_slot_peek_changes('${ORACLE_SLOT}', null, null)
      where data like 'COMMIT %'`,
    database,
  );
  const endOf = new Map(ends.map(({ xid, lsn }) => [Number(xid), lsnOf(lsn ?? '')]));
  const file = path.join(folder, 'oracle.txt');
  const url = new URL(cluster.url(database));
  const child = spawn(
    findDebianTool('pg_recvlogical'),
    [
      ...['-h', url.hostname, '-p', url.port, '-U', url.username, '-d', database, '--no-password'],
      ...['--slot', ORACLE_SLOT, '--start', '--no-loop', '--endpos', end, '-f', file],
    ],
    {
      env: {
        PATH: process.env['PATH'],
        PGPASSWORD: cluster.password,
        PGOPTIONS: '-c logical_decoding_work_mem=1GB',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`pg_recvlogical ended with ${String(status)}: ${said}`);
  const transactions = await readTestDecoding(file);
  return transactions.map(transaction => {
    const endLsn = endOf.get(transaction.xid);
    if (endLsn === undefined) throw new Error(`no end of transaction ${String(transaction.xid)}`);
    return { ...transaction, endLsn };
  });
}
