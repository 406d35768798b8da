import { PassThrough } from 'node:stream';
import { expect } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { CaptureFile } from '../../../src/capture/captureFile';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import { eventually } from '../session/cliProcess';
import { ownSlots } from '../session/shopCluster';

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A call of `pgwal` within this process: all of it but the process. */
export class PgwalCall {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Said>;
  readonly #interrupt = new AbortController();

  constructor(args: readonly string[]) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    stdout.on('data', (data: Buffer) => (this.stdout += data.toString()));
    stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    const { signal: interrupted } = this.#interrupt;
    const terminal = { env: {}, stdout, stderr, interactive: false, interrupted };
    this.ended = runCommandLine(args, terminal).then(async status => {
      await Promise.all([stdout, stderr].map(stream => drained(stream)));
      return { status, stdout: this.stdout, stderr: this.stderr };
    });
  }

  interrupt(): void {
    this.#interrupt.abort();
  }
}

export function pgwal(...args: readonly string[]): Promise<Said> {
  return new PgwalCall(args).ended;
}

/**
 * The sentence that a call failed with: one line, which says what and where and what to do, with nothing
 * that a terminal takes for a command. Remarks before it are left out.
 */
export async function failureOf(call: Promise<Said>, status = 1): Promise<string> {
  const said = await call;
  expect(said).toMatchObject({ status });
  const lines = said.stderr.split('\n');
  expect(lines.pop()).toBe('');
  const last = lines.pop() ?? '';
  expect(last).toMatch(/^pgwal [a-z]+: ["/A-Z0-9].*[.;)]$/);
  expect(said.stderr).not.toContain('test-password');
  expect(said.stderr).not.toMatch(
    /s3cret|undefined|\[object|\bat .*\.ts:|\bE(NO|ACC|PERM|ROFS|CONN|IS|NAME|PIPE)[A-Z]*/,
  );
  return last.replace(/^pgwal [a-z]+: /, '');
}

/** How many changes a capture holds; it must open without a problem. */
export async function changesOf(file: string): Promise<number> {
  const capture = await CaptureFile.open(nodeFiles, file);
  try {
    expect(capture.problem).toBeUndefined();
    let messages = 0;
    for await (const batch of capture.messages()) messages += batch.length;
    expect(messages).toBeGreaterThanOrEqual(capture.changes);
    return capture.changes;
  } finally {
    await capture.close();
  }
}

/** Neither a slot nor a session of ours is left on the server. */
export async function expectNothingLeft(cluster: Cluster): Promise<void> {
  expect(await ownSlots(cluster)).toEqual([]);
  await eventually(async () => {
    const rows = await cluster.adminQuery(
      `select 1 from pg_stat_activity where application_name like 'walexplorer%'`,
    );
    return rows.length === 0;
  }, 'no session of ours is left');
}

function drained(stream: PassThrough): Promise<void> {
  return new Promise(resolve => {
    stream.once('end', resolve);
    stream.end();
  });
}
