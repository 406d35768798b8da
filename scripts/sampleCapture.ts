import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureSink } from '../src/export/captureSink';
import { parseConnectionString } from '../src/postgres/connectionString';
import { resolveTarget } from '../src/postgres/resolveTarget';
import { StreamSession } from '../src/session/streamSession';
import {
  SAMPLE_DATABASE,
  SAMPLE_PUBLICATION,
  SAMPLE_SCHEMA,
  SAMPLE_SLOT,
  SAMPLE_STEPS,
} from './demo/sampleShop';
import { startCluster } from './postgres/cluster';
import { PROJECT_ROOT } from './projectRoot';

// node scripts/run.mjs sampleCapture: makes media/sample.walcap, the capture that opens without any server, from what a real
// Postgres 18 sends. The result differs from run to run in times and positions only.

const TARGET = path.join(PROJECT_ROOT, 'media/sample.walcap');
/** It is part of the package. */
const MOST_BYTES = 150_000;
/** Between two steps, so that their times can be told apart, in ms. */
const PACE_MS = 400;

const folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-sample-'));
const cluster = await startCluster({
  major: 18,
  name: 'sample',
  settings: {
    max_prepared_transactions: '4',
    logical_decoding_work_mem: '64kB',
    autovacuum: 'off',
    checkpoint_timeout: '1h',
  },
});
try {
  const sql = async (text: string, application = 'shop-backend'): Promise<void> => {
    const writer = await cluster.openAdmin(SAMPLE_DATABASE, application);
    await writer.query(text);
    await writer.end();
  };
  await cluster.adminQuery(`CREATE DATABASE ${SAMPLE_DATABASE}`);
  await sql(SAMPLE_SCHEMA);
  // Decodes at PREPARE, so that both phases are seen.
  await sql(`SELECT pg_create_logical_replication_slot('${SAMPLE_SLOT}', 'pgoutput', false, true)`);
  const file = path.join(folder, 'sample.walcap');
  const { target } = await resolveTarget(parseConnectionString(cluster.url(SAMPLE_DATABASE)));
  let isStreaming: () => void = () => undefined;
  const streaming = new Promise<void>(resolve => {
    isStreaming = resolve;
  });
  const session = new StreamSession(
    {
      kind: 'consume',
      slot: SAMPLE_SLOT,
      target,
      profile: { name: 'sample', readOnly: false },
      retainedBudget: 1024 ** 3,
      force: true,
      options: { publications: [SAMPLE_PUBLICATION], messages: true },
      wholeTransactions: false,
      idleSeconds: 5,
    },
    {
      openSink: facts => {
        const source = { ...facts.source, title: 'sample', server: 'sample shop', slot: '' };
        return CaptureSink.create({ path: file, facts: { ...facts, source }, durable: true });
      },
      onSnapshot: ({ phase }) => {
        if (phase === 'streaming') isStreaming();
      },
      log: () => undefined,
    },
  );
  // Followed live: what was rolled back before it is read is left out by the server.
  await Promise.race([streaming, session.ended]);
  for (const step of SAMPLE_STEPS) {
    if (typeof step === 'string') await sql(step);
    else if ('sql' in step) await sql(step.sql, step.application);
    else if (step.mark === undefined) await session.marks.stop();
    else await session.marks.start(step.mark);
    await sleep(PACE_MS);
  }
  const last = await session.ended;
  if (last.endReason !== 'complete') throw new Error(`the stream ended: ${last.message}`);
  const { size } = await stat(file);
  if (size > MOST_BYTES) throw new Error(`the capture has ${size} bytes, more than ${MOST_BYTES}`);
  // Nobody's secret, unlike other captures: readable where it is installed.
  await writeFile(TARGET, await readFile(file), { mode: 0o644 });
  console.log(`${path.relative(PROJECT_ROOT, TARGET)}: ${size} bytes`);
} finally {
  await cluster.dispose();
  await rm(folder, { recursive: true, force: true });
}
