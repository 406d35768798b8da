import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';
import { eventually, theApi, theExtension, timelineThat } from '../extension';
import { ownSlots, sql } from '../postgres';

async function ownConnections(): Promise<number> {
  const rows = await sql(
    'postgres',
    `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'walexplorer%'`,
  );
  return rows.length;
}

/** Runs last: nothing works after it. */
describe('the end', () => {
  it('leaves no slot, no connection and nothing registered', async () => {
    const api = await theApi();
    for (const publications of [['everything'], ['big_orders']]) {
      const id = await vscode.commands.executeCommand<number>('walExplorer.publication.tail', {
        server: 'shop',
        database: 'shop',
        publications,
      });
      await timelineThat(
        id,
        'streaming',
        timeline => timeline.snapshot.session?.phase === 'streaming',
      );
    }
    assert.equal((await ownSlots()).length, 2);
    assert.ok((await ownConnections()) > 0);
    assert.ok(api.registered() > 0);

    const main = path.join(theExtension().extensionPath, 'dist', 'extension.js');
    // The module that the host has loaded: its own deactivate, as VS Code calls it.
    const { deactivate } = createRequire(main)(main) as {
      readonly deactivate: () => Promise<void>;
    };
    const begin = performance.now();
    await deactivate();
    const took = performance.now() - begin;
    assert.ok(took < 3500, `deactivate took ${took.toFixed(0)} ms`);
    assert.equal(api.registered(), 0);
    assert.deepEqual(api.timelines(), []);
    await eventually('our slots are gone', async () =>
      (await ownSlots()).length === 0 ? true : undefined,
    );
    await eventually('our connections are gone', async () =>
      (await ownConnections()) === 0 ? true : undefined,
    );
  });
});
