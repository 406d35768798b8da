import type { CaptureMeta } from '../../../src/capture/captureMeta';

export const testMeta: CaptureMeta = {
  source: {
    title: 'shop_changes',
    server: 'shop@localhost',
    database: 'shop',
    serverVersion: '18.4',
    kind: 'tail',
    slot: 'walexplorer_tail_test',
    publications: ['shop_changes'],
    plugin: 'pgoutput',
  },
  product: 'test',
  startedAt: '2026-11-20T13:00:00.000000Z',
  pluginOptions: { proto_version: '2' },
  types: [],
};
