import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../postgres/session/cliProcess';
import { SshServer } from '../postgres/ssh/sshServer';
import { openScene, pictureOfFailures, type Scene } from './scene';

const NAME = 'Name of the server in the sidebar';

describe('a server that only an SSH server reaches', () => {
  let ssh: SshServer;
  let scene: Scene;
  beforeAll(async () => {
    ssh = await SshServer.start();
    scene = await openScene({
      bare: true,
      programs: ssh.programs,
      sql: [
        'CREATE TABLE notes (id int PRIMARY KEY, note text)',
        'CREATE PUBLICATION all_notes FOR TABLE notes',
      ],
    });
    await scene.sidebar.open();
  });
  afterAll(async () => {
    await scene.close();
    await eventually(() => ssh.clients().length === 0, 'every ssh is gone with VS Code', 20_000);
    await ssh.dispose();
  });
  pictureOfFailures(() => scene);

  it('is added, browsed and tailed', async () => {
    const { sidebar, quickInput, timeline, cluster } = scene;
    await quickInput.run('WAL Explorer: Add Server');
    await quickInput.choose('Through SSH');
    await quickInput.answer('SSH server to go through', 'bastion');
    const at = `localhost:${String(cluster.port)}/shop?sslmode=disable`;
    await quickInput.answer('URI or key=value', `postgresql://postgres:${cluster.password}@${at}`);
    await quickInput.answer(NAME, 'inside');
    await quickInput.choose('Normal');
    await sidebar.expand('inside', 'shop', 'Publications');
    expect(ssh.clients().length).toBeGreaterThan(0);
    await sidebar.inlineAction('all_notes', /Tail/);
    await timeline.waitUntilLive();
    await scene.sql(`INSERT INTO notes VALUES (1, 'through the tunnel')`);
    await timeline.rows('through the tunnel').waitFor();
    await scene.picture('e2e-ssh-tail');
  });
});
