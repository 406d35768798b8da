import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import type { Xid } from '../../../src/base/xid';
import type { LogicalEvent } from '../../../src/logical/event';
import { formatEvent } from '../../../src/logical/formatEvent';
import { pgTime } from './messageBuilder';

const lsn = 0x16b6c50n as Lsn;
const end = 0x16b6d10n as Lsn;
const xid = 763 as Xid;
const at = pgTime(848_494_800_123_456n);
const TIME = '2026-11-20T13:00:00.123456Z';
const orders = { lsn, xid, schema: 'public', table: 'orders' };

// The lines that docs/event-format.md shows.
const LINES: [LogicalEvent, string][] = [
  [
    { kind: 'begin', lsn, xid, commitLsn: end, commitTime: at },
    `{"kind":"begin","lsn":"0/16B6C50","xid":763,"commitLsn":"0/16B6D10","commitTime":"${TIME}"}`,
  ],
  [
    {
      kind: 'insert',
      ...orders,
      new: [
        { name: 'id', value: '1' },
        { name: 'total', value: '12.50' },
        { name: 'note', value: null },
      ],
    },
    '{"kind":"insert","lsn":"0/16B6C50","xid":763,"schema":"public","table":"orders","new":{"id":"1","total":"12.50","note":null}}',
  ],
  [
    {
      kind: 'update',
      ...orders,
      subxid: 764 as Xid,
      key: [{ name: 'id', value: '1' }],
      new: [{ name: 'id', value: '2' }],
      unchanged: ['note'],
    },
    '{"kind":"update","lsn":"0/16B6C50","xid":763,"subxid":764,"schema":"public","table":"orders","key":{"id":"1"},"new":{"id":"2"},"unchanged":["note"]}',
  ],
  [
    { kind: 'delete', ...orders, old: [{ name: 'id', value: '/w==', base64: true }] },
    '{"kind":"delete","lsn":"0/16B6C50","xid":763,"schema":"public","table":"orders","old":{"id":"/w=="},"encoding":{"id":"base64"}}',
  ],
  [
    {
      kind: 'truncate',
      lsn,
      xid,
      relations: [{ schema: 'public', table: 'orders' }],
      cascade: true,
      restartIdentity: false,
    },
    '{"kind":"truncate","lsn":"0/16B6C50","xid":763,"relations":[{"schema":"public","table":"orders"}],"cascade":true,"restartIdentity":false}',
  ],
  [
    {
      kind: 'message',
      lsn,
      transactional: false,
      prefix: 'app',
      content: 'hello',
      contentEncoding: 'utf8',
    },
    '{"kind":"message","lsn":"0/16B6C50","transactional":false,"prefix":"app","content":"hello","contentEncoding":"utf8"}',
  ],
  [
    { kind: 'commit', lsn, xid, endLsn: end, commitTime: at },
    `{"kind":"commit","lsn":"0/16B6C50","xid":763,"endLsn":"0/16B6D10","commitTime":"${TIME}"}`,
  ],
  [
    { kind: 'gap', from: lsn, to: end, reason: 'the slot was lost' },
    '{"kind":"gap","from":"0/16B6C50","to":"0/16B6D10","reason":"the slot was lost","bytes":192}',
  ],
  [
    { kind: 'relation', ...orders, oid: 16400, replicaIdentity: 'default', columns: [] },
    '{"kind":"relation","lsn":"0/16B6C50","xid":763,"schema":"public","table":"orders","oid":16400,"replicaIdentity":"default","columns":[]}',
  ],
  [
    { kind: 'type', lsn, xid, oid: 16421, schema: 'public', name: 'mood' },
    '{"kind":"type","lsn":"0/16B6C50","xid":763,"oid":16421,"schema":"public","name":"mood"}',
  ],
  [
    { kind: 'origin', lsn, xid, name: 'a', originLsn: end },
    '{"kind":"origin","lsn":"0/16B6C50","xid":763,"name":"a","originLsn":"0/16B6D10"}',
  ],
  [
    { kind: 'streamAbort', lsn, xid, subxid: xid, abortLsn: end, abortTime: at },
    `{"kind":"streamAbort","lsn":"0/16B6C50","xid":763,"subxid":763,"abortLsn":"0/16B6D10","abortTime":"${TIME}"}`,
  ],
  [{ kind: 'streamStop', lsn, xid }, '{"kind":"streamStop","lsn":"0/16B6C50","xid":763}'],
  [
    { kind: 'rollbackPrepared', lsn, xid, gid: 'g', endLsn: end, rollbackTime: at },
    `{"kind":"rollbackPrepared","lsn":"0/16B6C50","xid":763,"gid":"g","endLsn":"0/16B6D10","rollbackTime":"${TIME}"}`,
  ],
  [
    { kind: 'unknown', lsn, data: Uint8Array.of(0x7a, 1), error: 'why' },
    '{"kind":"unknown","lsn":"0/16B6C50","data":"7a01","error":"why"}',
  ],
];

describe('formatEvent', () => {
  it.each(LINES.map(([event, line]) => [event.kind, event, line] as const))(
    'writes %s',
    (_, event, line) => {
      expect(formatEvent(event)).toBe(line);
    },
  );
});
