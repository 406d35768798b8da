import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, nodeAt, timelineThat } from '../extension';
import { ownSlots, sql } from '../postgres';

/** Everything that the commands could have changed. */
async function state(): Promise<string> {
  const slots = await sql(
    'shop',
    `SELECT slot_name, plugin, restart_lsn, confirmed_flush_lsn FROM pg_replication_slots
     WHERE NOT temporary ORDER BY 1`,
  );
  const publications = await sql('shop', 'SELECT pubname FROM pg_publication ORDER BY 1');
  return JSON.stringify([slots, publications]);
}

const ON_SLOTS = ['copy', 'advance', 'consume', 'drop'].map(verb => `walExplorer.slot.${verb}`);

describe('changes of a server', () => {
  it('are refused on a read-only server before anything is asked', async () => {
    const before = await state();
    // A question would stay open, and the command with it: nobody answers here.
    for (const command of ON_SLOTS) {
      const args = { server: 'looked at', slot: 'debezium' };
      assert.equal(await vscode.commands.executeCommand(command, args), undefined, command);
    }
    for (const command of ['walExplorer.slot.create', 'walExplorer.publication.create']) {
      const args = { server: 'looked at', database: 'shop' };
      assert.equal(await vscode.commands.executeCommand(command, args), undefined, command);
    }
    assert.equal(await state(), before);
  });

  it('are refused for a slot that is in use, and for one that is gone', async () => {
    const id = await vscode.commands.executeCommand<number>('walExplorer.publication.tail', {
      server: 'shop',
      database: 'shop',
      publications: ['everything'],
    });
    await timelineThat(
      id,
      'streaming',
      timeline => timeline.snapshot.session?.phase === 'streaming',
    );
    const [own] = await ownSlots();
    assert.ok(own !== undefined);
    for (const slot of [own, 'no_such_slot']) {
      for (const command of ON_SLOTS.slice(1)) {
        const args = { server: 'shop', slot };
        assert.equal(await vscode.commands.executeCommand(command, args), undefined, command);
      }
    }
    assert.deepEqual(await ownSlots(), [own]);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await eventually('the slot is gone', async () =>
      (await ownSlots()).length === 0 ? true : undefined,
    );
  });

  it('end when their first question is closed', async () => {
    const before = await state();
    let made: unknown = 'asking';
    void vscode.commands
      .executeCommand('walExplorer.slot.create', await nodeAt('shop', 'Slots'))
      .then(result => {
        made = result;
      });
    await eventually('the question was closed', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return made === 'asking' ? undefined : true;
    });
    assert.equal(made, undefined);
    assert.equal(await state(), before);
  });

  it('ask for no slot of a timeline that is no peek', async () => {
    const none = await vscode.commands.executeCommand('walExplorer.timeline.advanceTo', { seq: 1 });
    assert.equal(none, undefined);
  });
});
