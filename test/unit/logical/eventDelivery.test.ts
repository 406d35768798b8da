import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { SpillFolder } from '../../../src/capture/spillFile';
import type { EventDecoderOptions } from '../../../src/logical/eventDecoder';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { formatEvent } from '../../../src/logical/formatEvent';
import * as build from './messageBuilder';

async function assembled(
  messages: readonly Uint8Array[],
  more: Partial<EventDecoderOptions> = {},
): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const decoder = new EventDecoder({
    delivery: 'assembled',
    spill: new SpillFolder(tmpdir()),
    sink: event => lines.push(JSON.parse(formatEvent(event)) as Record<string, unknown>),
    ...more,
  });
  for (const { lsn, payload } of build.sentFrom(0x100n, messages)) await decoder.push(lsn, payload);
  decoder.end();
  return lines;
}

const COLUMNS = [{ name: 'id', typeOid: 23, key: true }];
const table = (oid: number, name: string, xid?: number) =>
  build.relation({ xid, oid, name, columns: COLUMNS });
const row = (id: string, xid?: number) => build.insert({ xid, oid: 1, row: [id] });
const streamCommit = (xid: number) =>
  build.streamCommit({ xid, commitLsn: 0x900n, endLsn: 0x908n, time: 0n });
const commit = (lsn: bigint) => build.commit({ commitLsn: lsn, endLsn: lsn + 8n, time: 0n });
const kinds = (lines: readonly Record<string, unknown>[]): string[] =>
  lines.map(line => {
    const { kind, table: name } = line as { readonly kind: string; readonly table?: string };
    return name === undefined ? kind : `${kind} ${name}`;
  });

describe('assembled delivery describes a table before its rows', () => {
  it('where its description came in a subtransaction that was rolled back', async () => {
    const lines = await assembled([
      build.streamStart({ xid: 5 }),
      table(1, 't', 6),
      row('1', 6),
      build.streamStop(),
      build.streamAbort({ xid: 5, subxid: 6 }),
      build.streamStart({ xid: 5, first: false }),
      row('2', 5),
      row('3', 5),
      build.streamStop(),
      streamCommit(5),
    ]);
    expect(kinds(lines)).toEqual(['begin', 'relation t', 'insert t', 'insert t', 'commit']);
    expect(lines[1]).toMatchObject({ xid: 5, lsn: lines[2]!['lsn'], oid: 1 });
  });

  it('where its description came in a transaction that was left out', async () => {
    const lines = await assembled(
      [
        build.begin({ xid: 1, finalLsn: 0x200n, time: 0n }),
        table(1, 't'),
        row('1'),
        commit(0x200n),
        build.begin({ xid: 2, finalLsn: 0x400n, time: 0n }),
        build.truncate({ oids: [1] }),
        row('2'),
        commit(0x400n),
      ],
      { startAfter: 0x300n as Lsn },
    );
    expect(kinds(lines)).toEqual(['begin', 'relation t', 'truncate', 'insert t', 'commit']);
  });

  it('where another transaction, which commits later, has described it anew', async () => {
    const lines = await assembled([
      table(1, 'before'),
      build.streamStart({ xid: 5 }),
      table(1, 'after', 5),
      row('5', 5),
      build.streamStop(),
      build.streamStart({ xid: 6 }),
      row('6', 6),
      build.streamStop(),
      streamCommit(5),
      streamCommit(6),
    ]);
    expect(
      kinds(lines)
        .filter(kind => kind !== 'begin' && kind !== 'commit')
        .slice(1),
    ).toEqual(['relation after', 'insert after', 'relation before', 'insert before']);
  });
});

describe('held messages', () => {
  it('a truncate names its tables as they were called then', async () => {
    const messages = [
      build.streamStart({ xid: 5 }),
      table(1, 'a', 5),
      table(2, 'b', 5),
      build.truncate({ xid: 5, oids: [1, 2] }),
      table(2, 'renamed', 5),
      build.insert({ xid: 5, oid: 2, row: ['1'] }),
      build.streamStop(),
      streamCommit(5),
    ];
    for (const memoryLimit of [1, 1e6]) {
      const lines = await assembled(messages, { memoryLimit });
      expect(lines.find(line => line['kind'] === 'truncate')!['relations']).toEqual([
        { schema: 'public', table: 'a' },
        { schema: 'public', table: 'b' },
      ]);
    }
  });

  it('a truncate that is cut off is shown with the bytes that came', async () => {
    const cut = build.truncate({ xid: 5, oids: [1, 2] }).subarray(0, 12);
    const lines = await assembled([
      build.streamStart({ xid: 5 }),
      cut,
      build.streamStop(),
      streamCommit(5),
    ]);
    expect(lines[1]).toMatchObject({ kind: 'unknown', data: Buffer.from(cut).toString('hex') });
  });

  it('a logical message is uncertain where a subtransaction was rolled back after it', async () => {
    const message = (prefix: string) =>
      build.message({ xid: 5, transactional: true, lsn: 1n, prefix, content: new Uint8Array() });
    const lines = await assembled([
      build.streamStart({ xid: 5 }),
      message('before'),
      build.streamStop(),
      build.streamAbort({ xid: 5, subxid: 6 }),
      build.streamStart({ xid: 5, first: false }),
      message('after'),
      build.streamStop(),
      streamCommit(5),
    ]);
    expect(lines.slice(1, 3)).toMatchObject([
      { prefix: 'before', uncertain: true },
      { prefix: 'after' },
    ]);
    expect(lines[2]).not.toHaveProperty('uncertain');
  });
});
