import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { formatLsn, INVALID_LSN, parseLsn, toLsn, type Lsn } from '../../src/base/lsn';
import { ownName } from '../../src/postgres/ownName';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { XLOG_DATA, XLOG_DATA_HEADER } from '../../src/postgres/statusUpdate';
import { targetOf } from './targetOf';

/** What a stream gave: the positions of commits, and the first column of each row. */
interface Received {
  readonly rows: string[];
  /** Final LSN of Begin: where the commit record starts. */
  readonly commits: Lsn[];
  /** End LSN of Commit. */
  readonly ends: Lsn[];
}

describe.each(POSTGRES_MAJORS)('the position that is confirmed, on %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ major, settings: { synchronous_commit: 'on' } });
    await cluster.adminQuery(
      'CREATE TABLE t (a text PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t',
    );
  });
  afterAll(() => cluster.dispose());

  /** Streams a slot and confirms the end of the first commit that comes, plus `more`. */
  async function consume(slot: string, more = 0n): Promise<Received> {
    const received: Received = { rows: [], commits: [], ends: [] };
    let confirmed: Lsn = INVALID_LSN;
    const session = await openReplicationSession(targetOf(cluster), { applicationName: 'walx' });
    const options: [string, string][] = [
      ['proto_version', '1'],
      ['publication_names', 'p'],
    ];
    const stream = await session.startLogical(
      {
        slot,
        startLsn: INVALID_LSN,
        options,
        positions: { received: () => confirmed, flushed: () => confirmed },
        feedbackIntervalMs: 20,
      },
      {
        onFrame: payload => {
          if (payload[0] !== XLOG_DATA) return;
          const message = Buffer.from(payload.subarray(XLOG_DATA_HEADER));
          const letter = String.fromCharCode(message[0]!);
          if (letter === 'B') received.commits.push(toLsn(message.readBigUInt64BE(1)));
          // Letter, OID, N, number of columns, kind, length, value.
          if (letter === 'I') received.rows.push(message.toString('utf8', 13));
          if (letter !== 'C') return;
          received.ends.push(toLsn(message.readBigUInt64BE(10)));
          // The first one alone, whatever else has come by then.
          if (confirmed === INVALID_LSN) confirmed = toLsn(received.ends[0]! + more);
        },
        onEnd: () => undefined,
      },
    );
    await until(
      async () => confirmed !== INVALID_LSN && (await position(slot)) === formatLsn(confirmed),
    );
    await stream.stop();
    await session.close();
    await until(async () => (await state(slot))['active'] === 'f');
    return received;
  }

  const state = async (slot: string) =>
    (
      await cluster.adminQuery(
        `SELECT active, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '${slot}'`,
      )
    )[0]!;
  const position = async (slot: string): Promise<string> =>
    formatLsn(parseLsn(String((await state(slot))['confirmed_flush_lsn']))!);

  it('is the exact end of a commit, so that one that begins there is not lost', async () => {
    const [exact, beyond] = [ownName('consume', 'exact'), ownName('consume', 'beyond')];
    for (const slot of [exact, beyond]) {
      await cluster.adminQuery(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    }
    // The second one has written all but its commit when the first one commits.
    const [first, second] = [await cluster.openAdmin(), await cluster.openAdmin()];
    await second.query("BEGIN; INSERT INTO t VALUES ('second')");
    await first.query("INSERT INTO t VALUES ('first')");
    await second.query('COMMIT');
    await Promise.all([first.end(), second.end()]);

    const before = await consume(exact);
    expect(before.rows[0]).toBe('first');
    const after = await consume(exact);
    expect(after.rows).toEqual(['second']);
    // It does begin at the very position that was confirmed.
    expect(after.commits[0]).toBe(before.ends[0]);

    // A client that adds one loses it without a word.
    await consume(beyond, 1n);
    await cluster.adminQuery("INSERT INTO t VALUES ('third')");
    expect((await consume(beyond)).rows).toEqual(['third']);
  });
});

async function until(what: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('not reached');
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
