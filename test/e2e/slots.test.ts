import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminSession } from '../../scripts/postgres/adminSession';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

/** The part of the page's window that is asked for colours. */
interface Styles {
  getComputedStyle(element: unknown): { readonly color: string };
}

const SLOTS = 'SELECT slot_name FROM pg_replication_slots ORDER BY 1';
/** As a window that is gone would have called it. */
const ORPHAN = 'walexplorer_tail_gone_0000abcd';

describe('slots, from the sidebar', () => {
  let scene: Scene;
  /** Held open, so that a slot cannot be finished. */
  let writer: AdminSession;
  let orphan: AdminSession;
  let orphanEnd: Promise<unknown>;

  beforeAll(async () => {
    scene = await openScene({
      postgres: { max_replication_slots: '5', wal_keep_size: '0' },
      settings: { 'walExplorer.peek.maxEvents': 3 },
      sql: [
        'CREATE TABLE orders (id int PRIMARY KEY, what text)',
        'CREATE PUBLICATION shop_changes FOR TABLE orders',
        `SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')`,
        ...['one', 'two', 'three', 'four', 'five'].map(
          (word, i) => `INSERT INTO orders VALUES (${i}, 'number ${word}')`,
        ),
      ],
    });
    writer = await scene.cluster.openAdmin('shop');
    await writer.query('BEGIN; SELECT pg_current_xact_id()');
    // A server that cannot notice that its client is gone looks like one whose client lives elsewhere.
    orphan = await AdminSession.open(`${scene.cluster.url('shop')}?replication=database`, ORPHAN);
    orphanEnd = orphan
      .query(`CREATE_REPLICATION_SLOT ${ORPHAN} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'nothing')`)
      .catch((error: unknown) => error);
    await scene.sidebar.open();
    await scene.sidebar.expand(SERVER_NAME, 'Slots');
  });
  afterAll(async () => {
    await orphan.end();
    await writer.end();
    await scene.close();
  });
  pictureOfFailures(() => scene);

  const stateButton = (label: string) =>
    scene.timeline.frame.locator('#state-button').filter({ hasText: label });

  it('a peek at its limit has no copy left when it says so; Continue shows what follows', async () => {
    const { sidebar, timeline } = scene;
    const admin = await scene.cluster.openAdmin('shop');
    try {
      await sidebar.inlineAction('debezium', /Peek/);
      for (let i = 0; (await stateButton('Continue').count()) === 0; i++) {
        expect(i).toBeLessThan(1000);
        await sleep(10);
      }
      const left = await admin.query(SLOTS);
      expect(left.map(row => row['slot_name'])).toEqual(['debezium', ORPHAN]);
    } finally {
      await admin.end();
    }
    await timeline.rows('number one').waitFor();
    await timeline.rows('number two').waitFor();
    expect(await timeline.rows('number four').count()).toBe(0);
    await scene.picture('e2e-peek-limit');
    await stateButton('Continue').click();
    await timeline.rows('number four').waitFor();
    for (let i = 0; (await stateButton('Peek Again').count()) === 0; i++) {
      expect(i).toBeLessThan(100);
      await sleep(100);
      if (await stateButton('Continue').isVisible()) await stateButton('Continue').click();
    }
    await timeline.rows('number five').waitFor();
    await scene.quickInput.run('View: Close Editor');
  });

  it('a slot that an earlier window left waiting is offered to be ended', async () => {
    const { messages } = scene;
    const text = new RegExp(`${ORPHAN}.*It may belong to another window`);
    await messages.notification(text).waitFor({ timeout: 30_000 });
    await scene.picture('e2e-orphan');
    await messages.answer(text, 'End It');
    expect(String(await orphanEnd)).toMatch(/terminating connection/);
    await expect.poll(() => scene.sql(SLOTS)).toEqual([{ slot_name: 'debezium' }]);
    await writer.query('ROLLBACK');
  });

  it('where a copy is refused, the SQL peek is offered with what it costs', async () => {
    const { sidebar, timeline } = scene;
    for (const name of ['standby', 'warehouse'])
      await scene.sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
    await sidebar.inlineAction('debezium', /Peek/);
    await stateButton('Try SQL Peek').waitFor();
    const text = await timeline.changes.innerText();
    expect(text).toMatch(/The slot "debezium" cannot be copied: Only 2 of 5 .* are free/);
    expect(text).toMatch(/the server decodes everything before the first row/);
    await scene.picture('e2e-sql-peek');
    await stateButton('Try SQL Peek').click();
    await timeline.rows('number three').waitFor();
    await timeline.frame
      .getByText(/Stopped at the limit of 3 changes/)
      .first()
      .waitFor();
    expect(await timeline.rows('number four').count()).toBe(0);
    await scene.sql(`SELECT pg_drop_replication_slot('warehouse')`);
  });

  it('that are unsafe and then lost have an icon, a colour and a word', async () => {
    const { sidebar, quickInput } = scene;
    const icon = (name: string) =>
      sidebar.item(name).locator('.custom-view-tree-node-item-icon').first();
    const color = async (name: string): Promise<string> =>
      icon(name).evaluate(
        element => (globalThis as unknown as Styles).getComputedStyle(element).color,
      );
    const passSegments = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await scene.sql(`SELECT pg_logical_emit_message(false, 'fill', 'x'), pg_switch_wal()`);
      }
    };
    await scene.sql(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
    await scene.sql('SELECT pg_reload_conf()');
    const normal = await color('debezium');

    await passSegments();
    await quickInput.run('WAL Explorer: Refresh Servers');
    await sidebar.item(/^debezium, slot, unsafe/).waitFor();
    expect(await sidebar.item('debezium').innerText()).toContain('unsafe');
    expect(await icon('debezium').getAttribute('class')).toContain('codicon-warning');
    const unsafe = await color('debezium');
    expect(unsafe).not.toBe(normal);

    await scene.sql('CHECKPOINT');
    await scene.sql(`SELECT pg_create_logical_replication_slot('late', 'pgoutput')`);
    await passSegments();
    await scene.sql(`SELECT pg_create_logical_replication_slot('fine', 'pgoutput')`);
    await quickInput.run('WAL Explorer: Refresh Servers');
    await sidebar.item(/^debezium, slot, lost/).waitFor();
    await sidebar.item(/^late, slot, unsafe/).waitFor();
    expect(await sidebar.item('debezium').innerText()).toContain('lost');
    expect(await icon('debezium').getAttribute('class')).toContain('codicon-error');
    expect(await color('debezium')).not.toBe(unsafe);
    expect(await color('fine')).toBe(normal);
    expect(await sidebar.item('Slots').innerText()).toContain('3 lost or unsafe');
    const tooltip = await sidebar.tooltip('debezium');
    expect(await tooltip.innerText()).toMatch(/invalidation_reason/);
  });

  it.each([
    ['Dark Modern', 'vs-dark', 'e2e-slots-dark'],
    ['Light Modern', 'vs', 'e2e-slots-light'],
    ['Dark High Contrast', 'hc-black', 'e2e-slots-high-contrast'],
  ] as const)('are readable in %s', async (theme, bodyClass, picture) => {
    await scene.useTheme(theme, bodyClass);
    await scene.picture(picture);
  });
});
