import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/host/commandIds';
import { timeActivation } from '../activationTime';
import { theExtension } from '../extension';

describe('activation', () => {
  it('takes less than 100 ms, and nothing asked for it before', async () => {
    const extension = theExtension();
    assert.equal(extension.isActive, false);
    const time = timeActivation(path.join(extension.extensionPath, 'dist', 'extension.js'));
    await extension.activate();
    const text = `${time.load.toFixed(1)} ms to load, ${time.activate.toFixed(1)} ms to activate`;
    console.log(`activation: ${text}`);
    assert.ok(time.load + time.activate < 100, text);
  });

  it('registers the commands that package.json declares', async () => {
    const registered = await vscode.commands.getCommands(true);
    const ours = registered.filter(
      id => id.startsWith('walExplorer.') && Object.values<string>(COMMANDS).includes(id),
    );
    assert.deepEqual(ours.sort(), Object.values(COMMANDS).sort());
  });
});
