import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { BuiltCli, parseEvents } from './session/cliProcess';
import type { CliEvent } from './session/cliProcess';
import { createSlot, run, SHOP, startShop } from './session/shopCluster';

// A transaction that the server streams in blocks, in which the first thing that is written to a table,
// and a logical message, belong to a subtransaction that is rolled back.
describe.each([14, 18] as const)(
  'subtransactions in a streamed transaction, PostgreSQL %s',
  major => {
    let cluster: Cluster;
    let cli: BuiltCli;

    beforeAll(async () => {
      cli = await BuiltCli.build();
      cluster = await startShop(major, { logical_decoding_work_mem: '64kB' });
      await createSlot(cluster, 'reader');
      await run(cluster, [
        'begin',
        'savepoint a',
        `select pg_logical_emit_message(true, 'outbox', 'rolled back')`,
        `insert into plain select g, 'rolled back' from generate_series(1, 2000) g`,
        'rollback to a',
        `insert into plain select g, 'kept' from generate_series(1, 2000) g`,
        `select pg_logical_emit_message(true, 'outbox', 'kept')`,
        'commit',
      ]);
    });
    afterAll(async () => {
      await cluster.dispose();
      await cli.dispose();
    });

    async function peek(...more: readonly string[]): Promise<CliEvent[]> {
      const source = [
        '--url',
        cluster.url(SHOP),
        '--slot',
        'reader',
        '--publication',
        'everything',
      ];
      const { status, stdout, stderr } = await cli.run(['peek', ...source, ...more]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return parseEvents(stdout);
    }
    const contents = (events: readonly CliEvent[]) =>
      events.filter(({ kind }) => kind === 'message').map(({ content }) => content);
    const names = (events: readonly CliEvent[]) =>
      new Set(events.filter(({ kind }) => kind === 'insert').map(event => event.new!['name']));

    it('has the kept rows, behind their description, and marks what may be rolled back', async () => {
      const raw = await peek('--transactions', 'raw');
      expect(raw.filter(({ kind }) => kind === 'streamAbort').length).toBeGreaterThan(0);
      const events = await peek();
      expect(events.filter(({ kind }) => kind === 'insert')).toHaveLength(2000);
      expect(names(events)).toEqual(new Set(['kept']));
      const kinds = events.map(({ kind }) => kind);
      expect(kinds.indexOf('relation')).toBeGreaterThan(0);
      expect(kinds.indexOf('relation')).toBeLessThan(kinds.indexOf('insert'));
      const messages = events.filter(({ kind }) => kind === 'message');
      expect(messages).toMatchObject([
        { content: 'rolled back', uncertain: true },
        { content: 'kept' },
      ]);
      expect(messages[1]).not.toHaveProperty('uncertain');
    });

    it('knows what was rolled back where no streaming is asked for', async () => {
      const raw = await peek('--transactions', 'raw', '--no-streaming');
      expect(raw.some(({ kind }) => kind.startsWith('stream'))).toBe(false);
      const events = await peek('--no-streaming');
      expect(contents(events)).toEqual(['kept']);
      expect(names(events)).toEqual(new Set(['kept']));
      expect(events.filter(({ kind }) => kind === 'insert')).toHaveLength(2000);
    });
  },
);
