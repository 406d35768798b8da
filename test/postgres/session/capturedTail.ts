import type { Cluster } from '../../../scripts/postgres/cluster';
import { CaptureReader } from '../../../src/capture/captureReader';
import { nodeFiles } from '../../../src/capture/fileAccess';
import type { TransactionFacts } from '../../../src/shared/changeDetail';
import type { MarkFacts } from '../../../src/shared/marks';
import type { SessionSnapshot } from '../../../src/shared/session';
import { RecorderSessions } from '../../../src/worker/recorderSessions';
import { targetOf } from '../targetOf';
import { eventually } from './cliProcess';
import { SHOP } from './shopCluster';

const { signal } = new AbortController();

/** A tail of the shop into a capture, as a window has it, and the reader of it. */
export class CapturedTail {
  last: SessionSnapshot | undefined;
  path = '';
  readonly sessions = new RecorderSessions((event, data) => {
    if (event === 'session') this.last = data as SessionSnapshot;
  });
  readonly reader = new CaptureReader(nodeFiles, () => undefined);

  async start(cluster: Cluster, capturePath: string, who = true): Promise<void> {
    this.path = capturePath;
    const { header } = await this.sessions.start({
      kind: 'tail',
      target: targetOf(cluster, { user: 'looker', database: SHOP }),
      profile: { name: 'test', readOnly: true },
      capturePath,
      retainedBudget: 1024 ** 3,
      options: { publications: ['everything'] },
      who,
    });
    await this.reader.open({ path: capturePath, header });
    await eventually(() => this.last?.phase === 'streaming', 'streaming');
  }

  async stop(): Promise<void> {
    await this.sessions.stop('stopped');
    await this.reader.close();
  }

  /** The facts of a transaction that is in the capture. */
  async facts(xid: number): Promise<TransactionFacts | undefined> {
    const { file } = this.reader.current.parts;
    for (let seq = 0; seq < file.rows; seq++) {
      const row = await file.row(seq);
      if (row.xid !== xid) continue;
      return (await this.reader.current.details.detail(seq)).transaction;
    }
    return undefined;
  }

  async marks(): Promise<readonly MarkFacts[]> {
    const { marks } = await this.reader.current.marks(signal, (all, pause) => all.list(pause));
    return marks;
  }
}
