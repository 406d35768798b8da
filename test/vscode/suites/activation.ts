import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/host/commandIds';
import { theExtension } from '../extension';

describe('activation', () => {
  it('takes less than 100 ms, and nothing asked for it before', async () => {
    const extension = theExtension();
    assert.equal(extension.isActive, false);
    const begin = performance.now();
    await extension.activate();
    const took = performance.now() - begin;
    console.log(`activation: ${took.toFixed(1)} ms`);
    assert.ok(took < 100, `activation took ${took.toFixed(1)} ms`);
  });

  it('registers the commands that package.json declares', async () => {
    const registered = await vscode.commands.getCommands(true);
    const ours = registered.filter(
      id => id.startsWith('walExplorer.') && Object.values<string>(COMMANDS).includes(id),
    );
    assert.deepEqual(ours.sort(), Object.values(COMMANDS).sort());
  });
});
