import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

describe('a workspace that nobody has trusted', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({
      untrusted: true,
      postgres: { log_connections: 'on' },
      sql: ['CREATE TABLE t (a int)', 'CREATE PUBLICATION p FOR TABLE t'],
    });
    await scene.sidebar.open();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  /** Sessions of ours that the server has admitted so far. */
  const connections = (): number =>
    scene.cluster.log().match(/connection authorized: .*application_name=walexplorer/g)?.length ??
    0;

  it('is told why there are no servers, and what to do', async () => {
    const text = scene.page.locator('.welcome-view-content').filter({
      hasText: 'This workspace is not trusted, so no connection is made from it.',
    });
    await text.waitFor();
    await scene.sidebar.welcomeButton('Manage Workspace Trust').waitFor();
    await scene.picture('e2e-untrusted');
  });

  it('connects nowhere, also when a command is run', async () => {
    await scene.quickInput.run('WAL Explorer: Tail Publications');
    await scene.messages
      .notification(/This workspace is not trusted.*Trust the workspace to connect to servers\./)
      .waitFor();
    expect(connections()).toBe(0);
  });

  it('connects once it is trusted', async () => {
    const { page, sidebar } = scene;
    await sidebar.welcomeButton('Manage Workspace Trust').click();
    const editor = page.locator('.workspace-trust-editor');
    await editor.getByRole('button', { name: 'Trust', exact: true }).click();
    await editor.press('Escape');
    await editor.waitFor({ state: 'detached' });
    await sidebar.expand(SERVER_NAME);
    await sidebar.item('shop').waitFor();
    expect(connections()).toBeGreaterThan(0);
  });
});
