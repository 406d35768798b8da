import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { eventually, nodeAt, theApi, timelineOf, timelineThat } from '../extension';
import { ownSlots, sql } from '../postgres';

/** Closes the panel in front, as its cross does. */
async function closePanel(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
}

async function slotPosition(): Promise<string> {
  const rows = await sql(
    'shop',
    `SELECT restart_lsn, confirmed_flush_lsn, active FROM pg_replication_slots
     WHERE slot_name = 'debezium'`,
  );
  return JSON.stringify(rows);
}

async function noOwnSlots(): Promise<true | undefined> {
  return (await ownSlots()).length === 0 ? true : undefined;
}

describe('tail', () => {
  let id = -1;
  let capture = '';

  it('streams into a capture of its own', async () => {
    id = await vscode.commands.executeCommand<number>(
      'walExplorer.publication.tail',
      await nodeAt('shop', 'shop', 'Publications', 'everything'),
    );
    const live = await timelineThat(
      id,
      'streaming',
      timeline => timeline.snapshot.session?.phase === 'streaming',
    );
    assert.equal(live.title, 'everything · shop');
    assert.equal(live.streaming, true);
    assert.deepEqual(await ownSlots(), [live.snapshot.session?.slot]);
    capture = live.capturePath;
    const file = await stat(capture);
    if (process.platform !== 'win32') assert.equal(file.mode & 0o777, 0o600);
  });

  it('shows what is written, as it is written', async () => {
    await sql('shop', `INSERT INTO orders SELECT n, n, 'note' FROM generate_series(1, 100) n`);
    const timeline = await timelineThat(
      id,
      '100 changes in the view',
      each => each.snapshot.view.changes === 100,
    );
    assert.equal(timeline.snapshot.capture.transactions, 1);
    assert.equal(timeline.snapshot.source.database, 'shop');
    assert.deepEqual(timeline.snapshot.source.publications, ['everything']);
  });

  it('stops on demand, keeps what it has, and leaves no slot', async () => {
    await vscode.commands.executeCommand('walExplorer.timeline.stop', id);
    const ended = await timelineThat(
      id,
      'ended',
      timeline => timeline.snapshot.session?.phase === 'ended',
    );
    assert.equal(ended.snapshot.session?.endReason, 'stopped');
    assert.equal(ended.streaming, false);
    assert.equal(ended.snapshot.view.changes, 100);
    await eventually('the slot is gone', noOwnSlots, 5);
  });

  it('deletes its capture with its panel', async () => {
    await vscode.commands.executeCommand('walExplorer.timeline.show', id);
    await closePanel();
    await eventually('the timeline is gone', async () =>
      (await timelineOf(id)) === undefined ? true : undefined,
    );
    await eventually('the capture is gone', () =>
      stat(capture).then(
        () => undefined,
        () => true as const,
      ),
    );
  });

  it('ends with its panel, and works on a read-only server', async () => {
    const other = await vscode.commands.executeCommand<number>('walExplorer.publication.tail', {
      server: 'looked at',
      database: 'shop',
      publications: ['big_orders'],
    });
    await timelineThat(
      other,
      'streaming',
      timeline => timeline.snapshot.session?.phase === 'streaming',
    );
    assert.equal((await ownSlots()).length, 1);
    const begin = performance.now();
    await closePanel();
    await eventually('the slot is gone', noOwnSlots, 3);
    assert.ok(performance.now() - begin < 3000);
  });

  it('says in its panel why it cannot start', async () => {
    const other = await vscode.commands.executeCommand<number>('walExplorer.publication.tail', {
      server: 'shop',
      database: 'shop',
      publications: ['no such publication'],
    });
    const ended = await timelineThat(
      other,
      'ended',
      timeline => timeline.snapshot.session?.phase === 'ended',
    );
    assert.equal(ended.snapshot.session?.endReason, 'failed');
    assert.match(ended.snapshot.session.message, /no such publication/);
    await closePanel();
  });
});

describe('a file that cannot be read', () => {
  const HEAD = Buffer.concat([Buffer.from('PGWALCAP'), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])]);
  const newer = Buffer.from(HEAD);
  newer[8] = 9;
  for (const [what, bytes, message] of [
    ['nothing at all', Buffer.alloc(0), /^This file is not a capture: it is empty\.$/],
    ['its head alone', HEAD, /^This capture is damaged at its beginning\.$/],
    ['something else', Buffer.from('to buy: milk, bread, eggs'), /^This file is not a capture\. /],
    ['a newer version', newer, /^This capture has format 9; .* Update WAL Explorer to read it\.$/],
  ] as const) {
    it(`is opened and says why: ${what}`, async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-unreadable-'));
      const file = path.join(folder, 'bad.walcap');
      try {
        await writeFile(file, bytes);
        const before = (await theApi()).timelines().map(timeline => timeline.id);
        await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
        const failed = await eventually('the reason', async () =>
          (await theApi())
            .timelines()
            .find(({ id, snapshot }) => !before.includes(id) && snapshot.capture.error !== ''),
        );
        assert.match(failed.snapshot.capture.error, message);
        assert.equal(failed.snapshot.session, null);
        await closePanel();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});

describe('peek', () => {
  it('shows what a slot holds back and leaves the slot where it was', async () => {
    const before = await slotPosition();
    const id = await vscode.commands.executeCommand<number>('walExplorer.slot.peek', {
      server: 'shop',
      slot: 'debezium',
      publications: ['everything'],
    });
    const ended = await timelineThat(
      id,
      'ended, with all changes',
      ({ snapshot }) => snapshot.session?.phase === 'ended' && snapshot.view.changes >= 100,
    );
    assert.equal(ended.snapshot.session?.endReason, 'complete');
    assert.equal(await slotPosition(), before);
    assert.deepEqual(await ownSlots(), []);
    await closePanel();
  });

  it('ends at its limit and says after which commit it would go on', async () => {
    const configuration = vscode.workspace.getConfiguration('walExplorer');
    const { Global } = vscode.ConfigurationTarget;
    await sql('shop', 'UPDATE orders SET total = total + 1', 'DELETE FROM orders WHERE id > 50');
    await configuration.update('peek.maxEvents', 120, Global);
    try {
      const id = await vscode.commands.executeCommand<number>('walExplorer.slot.peek', {
        server: 'shop',
        slot: 'debezium',
        publications: ['everything'],
      });
      const ended = await timelineThat(
        id,
        'ended',
        timeline => timeline.snapshot.session?.phase === 'ended',
      );
      assert.equal(ended.snapshot.session?.endReason, 'limit');
      assert.match(ended.snapshot.session.continueAfter, /^[0-9A-F]+\/[0-9A-F]+$/);
      assert.deepEqual(await ownSlots(), []);
      await closePanel();
    } finally {
      await configuration.update('peek.maxEvents', undefined, Global);
    }
  });
});
