import assert from 'node:assert/strict';
import net from 'node:net';
import * as vscode from 'vscode';
import type { SidebarNode } from '../../../src/host/sidebar/sidebarNode';
import { addServer, childrenOf, eventually, nodeAt } from '../extension';
import { largeServer, largeSql } from '../postgres';

const PAGE = 500;
/** The profile's own database, and four others. */
const MAX_SESSIONS = 5;
const DOWN = 48;

interface Entry {
  readonly name: string;
  readonly url: string;
}

const settings = (): vscode.WorkspaceConfiguration =>
  vscode.workspace.getConfiguration('walExplorer');

function store(entries: readonly Entry[]): Thenable<void> {
  return settings().update('servers', entries, vscode.ConfigurationTarget.Global);
}

/** When the server last began a statement of the sidebar's; 0 while it has no session. */
async function lastAsked(): Promise<number> {
  const rows = await largeSql(
    `SELECT COALESCE(max(extract(epoch FROM query_start)), 0) AS at FROM pg_stat_activity
     WHERE application_name = 'walexplorer_view'`,
  );
  return Number(rows[0]?.['at']);
}

async function sessions(): Promise<number> {
  const rows = await largeSql(
    `SELECT count(*) AS sessions FROM pg_stat_activity
     WHERE application_name = 'walexplorer_view'`,
  );
  return Number(rows[0]?.['sessions']);
}

const labels = (nodes: readonly SidebarNode[]): readonly string[] => nodes.map(node => node.label);

/** Runs a command of a list on its line, and gives the list as it is then. */
async function listAfter(
  command: string,
  node: SidebarNode,
  ...args: readonly unknown[]
): Promise<readonly SidebarNode[]> {
  await vscode.commands.executeCommand(`walExplorer.list.${command}`, node, ...args);
  return childrenOf(node);
}

describe('many servers', () => {
  const silent = net.createServer(() => undefined);
  let others: readonly Entry[] = [];

  before(async () => {
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    others = settings().get<readonly Entry[]>('servers') ?? [];
    const { port } = silent.address() as net.AddressInfo;
    await addServer({ url: (await largeServer()).url, name: 'large' });
    await store([
      ...(settings().get<readonly Entry[]>('servers') ?? []),
      { name: 'silent', url: `postgresql://nobody@127.0.0.1:${port}/x?connect_timeout=60` },
      ...Array.from({ length: DOWN }, (_, index) => ({
        name: `down ${index}`,
        url: 'postgresql://nobody@127.0.0.1:1/x',
      })),
    ]);
    await eventually('all servers are in the sidebar', async () =>
      labels(await childrenOf()).includes(`down ${DOWN - 1}`) ? true : undefined,
    );
  });

  after(async () => {
    await store(others);
    silent.close();
  });

  it('do not wait for one that is silent or for those that are down', async () => {
    const answers: string[] = [];
    const silentNode = await nodeAt('silent');
    const waiting = childrenOf(silentNode).then(children => {
      answers.push(...labels(children));
      return children;
    });
    const servers = await childrenOf();
    const down = servers.filter(node => node.label.startsWith('down '));
    assert.equal(down.length, DOWN);
    const failures = Promise.all(down.map(node => childrenOf(node)));
    const children = await childrenOf(await nodeAt('large'));
    const { databases } = await largeServer();
    assert.equal(children.length, databases + 2, labels(children).join());
    for (const [failure] of await failures) assert.equal(failure?.context, 'message.failure');
    assert.deepEqual(answers, []);
    // Reading it again lets go of who waits: a closed line and a new attempt do the same.
    await vscode.commands.executeCommand('walExplorer.server.refresh', silentNode);
    assert.deepEqual(await waiting, []);
  });

  it('get a bounded number of sessions, however many databases are open', async () => {
    const { databases } = await largeServer();
    const groups = await Promise.all(
      Array.from({ length: databases }, (_, index) =>
        nodeAt('large', `db_${String(index + 1).padStart(2, '0')}`, 'Publications'),
      ),
    );
    let most = 0;
    const done = new AbortController();
    const watching = (async () => {
      while (!done.signal.aborted) most = Math.max(most, await sessions());
    })();
    const lists = await Promise.all(groups.map(group => childrenOf(group)));
    done.abort();
    await watching;
    assert.ok(lists.every(list => list.length > 0 && list[0]?.context !== 'message.failure'));
    assert.ok(most > 1 && most <= MAX_SESSIONS, `${most} sessions`);
  });

  it('show the first of many slots, and the others when asked for', async () => {
    const slots = await nodeAt('large', 'Slots');
    const { slots: count } = await largeServer();
    const first = await childrenOf(slots);
    assert.equal(first.length, PAGE + 1);
    const more = first.at(-1);
    assert.equal(more?.label, `${Math.min(PAGE, count - PAGE)} more…`);
    await vscode.commands.executeCommand('walExplorer.list.showMore', more);
    const all = await childrenOf(slots);
    assert.equal(
      all.filter(node => node.subject.kind === 'slot').length,
      Math.min(count, 2 * PAGE),
    );
  });

  it('filter a list, and say so', async () => {
    const slots = await nodeAt('large', 'Slots');
    const [filter, ...found] = await listAfter('filter', slots, 'SLOT_001');
    assert.ok(filter);
    assert.equal(filter.label, 'Filter: SLOT_001');
    assert.equal(filter.description, '10 slots');
    assert.equal(found.length, 10);
    await listAfter('clearFilter', filter);
    assert.equal((await childrenOf(slots)).length, PAGE + 1);
  });

  it('list the tables of a publication in pages, those that fail first', async () => {
    const everything = await nodeAt('large', 'db_01', 'Publications', 'everything');
    const tables = await childrenOf(everything);
    assert.equal(tables.length, PAGE + 1);
    assert.match(tables[0]?.description ?? '', /updates and deletes fail/);
    const [, ...found] = await listAfter('filter', everything, 'public.t_00010');
    assert.deepEqual(labels(found), ['public.t_00010']);
    assert.match(found[0]?.description ?? '', /^key: a$/);
  });

  it('are read again while somebody looks, and only then', async () => {
    await settings().update('sidebar.refreshSeconds', 1, vscode.ConfigurationTarget.Global);
    try {
      await vscode.commands.executeCommand('walExplorer.servers.focus');
      const slots = await nodeAt('large', 'Slots');
      await listAfter('filter', slots, 'made_elsewhere');
      const inTree = async (isThere: boolean): Promise<true | undefined> =>
        labels(await childrenOf(slots)).includes('made_elsewhere') === isThere ? true : undefined;
      await largeSql(`SELECT pg_create_physical_replication_slot('made_elsewhere')`);
      await eventually('the slot appears', () => inTree(true));
      await largeSql(`SELECT pg_drop_replication_slot('made_elsewhere')`);
      await eventually('the slot is gone', () => inTree(false));

      await vscode.commands.executeCommand('workbench.view.explorer');
      let last = await lastAsked();
      // What was on its way may still arrive; then three of what would be rounds are still.
      await eventually('nothing is asked any more', async () => {
        const begin = last;
        const end = Date.now() + 3_500;
        while (Date.now() < end) {
          last = await lastAsked();
          if (last > begin) return undefined;
        }
        return true;
      });
      await vscode.commands.executeCommand('walExplorer.servers.focus');
      await eventually('it is asked again', async () =>
        (await lastAsked()) > last ? true : undefined,
      );
    } finally {
      await settings().update(
        'sidebar.refreshSeconds',
        undefined,
        vscode.ConfigurationTarget.Global,
      );
      await vscode.commands.executeCommand('workbench.view.explorer');
    }
  });
});
