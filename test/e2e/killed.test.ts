import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDefined } from '../../src/base/assert';
import { descendants, isAlive } from '../../scripts/process/processTree';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene, type SceneOptions } from './scene';

const OURS = `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`;

const WAITING = `${OURS} AND confirmed_flush_lsn IS NULL`;

/** A fresh scene with a running tail. */
async function openTail(settings: SceneOptions['settings'] = {}): Promise<Scene> {
  const scene = await openScene({
    sql: ['CREATE TABLE t (a int PRIMARY KEY)', 'CREATE PUBLICATION shop_changes FOR TABLE t'],
    settings,
  });
  try {
    await scene.sidebar.open();
    await scene.sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await scene.sidebar.inlineAction('shop_changes', /Tail/);
    await scene.timeline.waitUntilLive();
    expect(await scene.sql(OURS)).toHaveLength(1);
    return scene;
  } catch (error) {
    await scene.close();
    throw error;
  }
}

describe('when the extension host is killed', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openTail();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('no slot of ours is left after 5 s, neither one that streams nor one that waits', async () => {
    const writer = await scene.cluster.openAdmin('shop');
    try {
      // A new slot waits for every transaction that has written something.
      await writer.query('BEGIN; SELECT pg_current_xact_id()');
      await scene.sidebar.inlineAction('shop_changes', /Tail/);
      await expect.poll(() => scene.sql(WAITING), { timeout: 10_000 }).toHaveLength(1);
      expect(await scene.sql(OURS)).toHaveLength(2);
      killHost();
      await expect.poll(() => scene.sql(OURS), { timeout: 5000 }).toEqual([]);
    } finally {
      await writer.end();
    }
  });

  const killHost = (): void => {
    const host = ensureDefined(
      descendants(scene.vscode.pid).find(p => p.command.includes('--type=extensionHost')),
      'the extension host',
    );
    process.kill(host.pid, 'SIGKILL');
  };
});

describe('when the browser is killed', () => {
  let scene: Scene;
  beforeAll(async () => {
    // A tenth of a minute, so that the test need not wait for the ten of the default.
    scene = await openTail({ 'walExplorer.tail.endWhenUnwatchedMinutes': 0.1 });
  });
  afterAll(async () => {
    await scene.close();
  });

  it('the stream ends by itself once nobody has looked for the time that is set', async () => {
    const browsers = descendants(process.pid).filter(p => p.command.includes('chrom'));
    expect(browsers.length).toBeGreaterThan(0);
    // Some are gone with the first.
    for (const { pid } of browsers) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await expect.poll(() => scene.sql(OURS), { timeout: 90_000 }).toEqual([]);
  });
});
