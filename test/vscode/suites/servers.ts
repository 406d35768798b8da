import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Finding } from '../../../src/postgres/preflight/finding';
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

  it('are all kept when several are added at the same time', async () => {
    const names = ['at once 1', 'at once 2', 'at once 3', 'at once 4'];
    const added = await Promise.all(
      names.map(name =>
        vscode.commands.executeCommand<string>('walExplorer.server.add', {
          url: 'postgresql://nobody@127.0.0.1:1/none',
          name,
        }),
      ),
    );
    assert.deepEqual([...added].sort(), names);
    await eventually('all of them are there', async () =>
      (await childrenOf()).filter(node => names.includes(node.label)).length === names.length
        ? true
        : undefined,
    );
  });

  it('move up and down, and stop at the ends', async () => {
    const order = async (): Promise<readonly string[]> =>
      (await childrenOf()).map(node => node.label);
    const moved = async (
      id: string,
      server: string,
      isThere: (names: readonly string[]) => boolean,
    ) => {
      await vscode.commands.executeCommand(id, { server });
      await eventually(`${server} was moved`, async () =>
        isThere(await order()) ? true : undefined,
      );
    };
    const [first = '', second = ''] = await order();
    await moved('walExplorer.server.moveUp', second, names => names[0] === second);
    await moved('walExplorer.server.moveUp', second, names => names[0] === second);
    await moved('walExplorer.server.moveDown', second, names => names[1] === second);
    assert.deepEqual((await order()).slice(0, 2), [first, second]);
  });

  it('are checked: a finding for each thing, with what to do about it', async () => {
    const run = async (command: string, arg: object): Promise<readonly Finding[]> => {
      const findings = await vscode.commands.executeCommand<readonly Finding[]>(command, arg);
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return findings;
    };
    const good = await run('walExplorer.server.test', { server: 'looked at' });
    const codes = good.map(({ code }) => code);
    for (const code of ['reachable', 'version', 'wal-level', 'slots', 'replication', 'profile']) {
      assert.ok(codes.includes(code as Finding['code']), `${code} in ${codes.join(', ')}`);
    }
    assert.deepEqual(
      good.filter(({ state }) => state === 'problem'),
      [],
    );
    const missing = await run('walExplorer.server.check', {
      server: 'looked at',
      slot: 'no_such_slot',
      publications: ['no such publication'],
    });
    assert.deepEqual(
      missing.filter(({ state }) => state === 'problem').map(({ code }) => code),
      ['slot', 'publication'],
    );
    const [failure, ...others] = await run('walExplorer.server.test', { server: 'refused' });
    assert.deepEqual(others, []);
    assert.equal(failure?.state, 'problem');
    assert.match(failure.sentence, /127\.0\.0\.1/);
    assert.notEqual(failure.action, '');
  });

  it('are shown as far as the setting can be read, with a line for what cannot', async () => {
    const configuration = vscode.workspace.getConfiguration('walExplorer');
    const before = entries();
    const hostile = '"; drop <img onerror=x> \u202E[x](command:y) $(trash)';
    await configuration.update(
      'servers',
      [
        { name: hostile, url: 'postgresql://127.0.0.1:1/x', label: 'prod', color: 'purple' },
        'nothing',
        { name: 'pink', url: 'x', color: 'pink' },
        ...before,
      ],
      vscode.ConfigurationTarget.Global,
    );
    try {
      const nodes = await eventually('the entries are there', async () => {
        const children = await childrenOf();
        return children.some(node => node.label === 'pink') ? children : undefined;
      });
      const first = nodes[0];
      assert.equal(first?.label, hostile);
      assert.equal(first.icon.color, 'charts.purple');
      assert.match(first.description, /^prod · /);
      assert.match(first.accessible, /prod/);
      const problems = nodes.filter(node => node.context === 'message.problem');
      assert.deepEqual(
        problems.map(node => node.label),
        [
          'Entry 2 is not an object.',
          'Entry 3 has a color that is none of red, orange, yellow, green, blue, purple.',
        ],
      );
    } finally {
      await configuration.update('servers', before, vscode.ConfigurationTarget.Global);
      await eventually('the setting is as it was', async () =>
        (await childrenOf()).some(node => node.label === 'pink') ? undefined : true,
      );
    }
  });
});
