import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SidebarNode } from '../../../src/host/sidebar/sidebarNode';
import { addServer, childrenOf, nodeAt, theApi } from '../extension';
import { serverUrlWith, sql } from '../postgres';

const HOSTILE = `<img src=x onerror=alert(1)> [x](command:evil) $(bug) "q"`;

describe('the sidebar', () => {
  before(async () => {
    await sql('postgres', 'CREATE DATABASE shop');
    await sql(
      'shop',
      'CREATE TABLE orders (id int PRIMARY KEY, total numeric, note text)',
      'CREATE TABLE audit (what text)',
      `CREATE TABLE "${HOSTILE.replaceAll('"', '""')}" (id int PRIMARY KEY)`,
      'CREATE PUBLICATION everything FOR ALL TABLES',
      `CREATE PUBLICATION big_orders FOR TABLE orders (id, total) WHERE (total > 100) WITH (publish = 'insert')`,
      `SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')`,
      `SELECT pg_create_physical_replication_slot('standby1')`,
    );
    await addServer({ url: serverUrlWith({ database: 'shop' }), name: 'shop' });
  });

  after(async () => {
    await sql('postgres', `SELECT pg_drop_replication_slot('standby1')`);
  });

  it('says what a server is once it was asked', async () => {
    const labels = (await childrenOf(await nodeAt('shop'))).map(node => node.label);
    assert.deepEqual(labels, ['shop', 'postgres', 'Slots']);
    assert.match((await nodeAt('shop')).description, /^18\.\d+ · primary · logical$/);
  });

  it('shows publications with what they let through', async () => {
    const everything = await nodeAt('shop', 'shop', 'Publications', 'everything');
    assert.equal(everything.description, 'all tables · I U D T');
    const big = await nodeAt('shop', 'shop', 'Publications', 'big_orders');
    assert.equal(big.description, 'I');
    const orders = await nodeAt('shop', 'shop', 'Publications', 'big_orders', 'public.orders');
    assert.match(orders.description, /^key: id · 2 columns · where \(total > /);
  });

  it('warns of tables whose updates fail', async () => {
    const audit = await nodeAt('shop', 'shop', 'Publications', 'everything', 'public.audit');
    assert.equal(audit.description, 'no replica identity: updates and deletes fail');
    assert.equal(audit.icon.name, 'warning');
    assert.match(audit.accessible, /warning/);
  });

  it('shows slots with what they keep, and every column in the tooltip', async () => {
    const slot = await nodeAt('shop', 'Slots', 'debezium');
    assert.match(slot.description, /^[\d.]+ (B|kB|MB) · pgoutput · shop · idle( \d+ s| \d+ min)?$/);
    assert.equal(slot.context, 'slot.logical.inactive');
    const columns = slot.tooltip.facts.map(([name]) => name);
    for (const name of ['slot_name', 'restart_lsn', 'wal_status', 'two_phase_at']) {
      assert.ok(columns.includes(name), name);
    }
    const physical = await nodeAt('shop', 'Slots', 'standby1');
    assert.equal(physical.context, 'slot.physical.inactive');
  });

  it('shows hostile names as the text they are', async () => {
    const node = await nodeAt('shop', 'shop', 'Publications', 'everything', `public.${HOSTILE}`);
    const { serversTree } = await theApi();
    const item = await serversTree.getTreeItem(node);
    const resolved = await serversTree.resolveTreeItem?.(
      item,
      node,
      new vscode.CancellationTokenSource().token,
    );
    const tooltip = resolved?.tooltip;
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.notEqual(tooltip.isTrusted, true);
    assert.notEqual(tooltip.supportHtml, true);
    assert.ok(!/<img|\]\(command|\$\(bug\)/.test(tooltip.value), tooltip.value);
  });

  it('has ids that stay, differ from each other, and begin with their parent', async () => {
    const walk = async (node?: SidebarNode): Promise<readonly string[]> => {
      const children = await childrenOf(node);
      for (const child of children) {
        if (node !== undefined) assert.ok(child.id.startsWith(`${node.id}/`), child.id);
      }
      const below = await Promise.all(children.map(walk));
      return [...children.map(child => child.id), ...below.flat()];
    };
    const first = await walk(await nodeAt('shop'));
    await vscode.commands.executeCommand('walExplorer.server.refresh');
    assert.deepEqual(await walk(await nodeAt('shop')), first);
    assert.equal(new Set(first).size, first.length);
  });
});
