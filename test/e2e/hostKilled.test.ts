import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDefined } from '../../src/base/assert';
import { descendants } from '../../scripts/process/processTree';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const OURS = `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`;

/** Starts a tail in a fresh scene. */
async function startTail(scene: Scene): Promise<void> {
  await scene.sidebar.open();
  await scene.sidebar.expand(SERVER_NAME, 'shop', 'Publications');
  await scene.sidebar.inlineAction('shop_changes', /Tail/);
  await scene.timeline.waitUntilLive();
  expect(await scene.sql(OURS)).toHaveLength(1);
}

describe('no slot of ours is left', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({
      sql: ['CREATE TABLE t (a int PRIMARY KEY)', 'CREATE PUBLICATION shop_changes FOR TABLE t'],
    });
    await startTail(scene);
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('within 5 s of kill -9 of the extension host', async () => {
    const host = ensureDefined(
      descendants(scene.vscode.pid).find(p => p.command.includes('--type=extensionHost')),
      'the extension host',
    );
    process.kill(host.pid, 'SIGKILL');
    await expect.poll(() => scene.sql(OURS), { timeout: 5000 }).toEqual([]);
  });
});
