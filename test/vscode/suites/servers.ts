import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { addServer, childrenOf, eventually, nodeAt } from '../extension';
import { serverPassword, serverUrl, serverUrlWith } from '../postgres';

interface Entry {
  readonly name: string;
  readonly url: string;
  readonly readOnly?: boolean;
}

const entries = (): readonly Entry[] =>
  vscode.workspace.getConfiguration('walExplorer').get<readonly Entry[]>('servers') ?? [];

describe('servers', () => {
  it('keep their password in the secret storage and out of the settings', async () => {
    await addServer({ url: serverUrl(), name: 'main' });
    assert.ok(!JSON.stringify(entries()).includes(serverPassword()));
    assert.equal(entries().find(entry => entry.name === 'main')?.readOnly, undefined);
    // Nobody is asked: the password that is not in the settings is known all the same.
    const children = await childrenOf(await nodeAt('main'));
    assert.ok(
      children.some(child => child.label === 'postgres'),
      JSON.stringify(children),
    );
  });

  it('show a read-only mark', async () => {
    await addServer({ url: serverUrl(), name: 'looked at', readOnly: true });
    assert.equal(entries().find(entry => entry.name === 'looked at')?.readOnly, true);
    const node = await nodeAt('looked at');
    assert.match(node.description, /read-only/);
    assert.equal(node.icon.name, 'lock');
    assert.match(node.accessible, /read-only/);
  });

  it('ask again when the password is wrong, and say so when there is no other', async () => {
    await addServer({ url: serverUrlWith({ password: 'not-the-password' }), name: 'wrong' });
    const children = childrenOf(await nodeAt('wrong'));
    let settled = false;
    void children.then(() => {
      settled = true;
    });
    // The question is open now, or soon: close it, as somebody does who does not know the password.
    await eventually('the question was closed', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return settled ? true : undefined;
    });
    const lines = await children;
    const [failure, advice, ...others] = lines;
    assert.deepEqual(others, []);
    assert.match(failure?.label ?? '', /password/);
    assert.equal(failure?.context, 'message.failure');
    assert.match(advice?.label ?? '', /password/);
    assert.equal(advice?.icon.name, 'lightbulb');
    assert.ok(!JSON.stringify(lines).includes('not-the-password'));
  });

  it('say why there is no connection', async () => {
    await addServer({ url: 'postgresql://nobody@127.0.0.1:1/none', name: 'refused' });
    const [failure] = await childrenOf(await nodeAt('refused'));
    assert.match(failure?.label ?? '', /127\.0\.0\.1/);
    assert.equal(failure?.icon.name, 'error');
  });

  it('are not made from an address that cannot be read', async () => {
    const before = entries().length;
    const added = vscode.commands.executeCommand('walExplorer.server.add', { url: 'mysql://x' });
    await vscode.commands.executeCommand('notifications.clearAll');
    assert.equal(await added, undefined);
    assert.equal(entries().length, before);
  });
});
