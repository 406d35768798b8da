import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { SpillFolder } from '../../../src/capture/spillFile';
import type { Delivery } from '../../../src/logical/event';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { formatEvent } from '../../../src/logical/formatEvent';
import * as build from './messageBuilder';

const T = 16400;
const COLUMNS = [{ name: 'id', typeOid: 23, key: true }];
const table = (xid?: number) => build.relation({ xid, oid: T, name: 't', columns: COLUMNS });
const row = (id: string, xid?: number) => build.insert({ xid, oid: T, row: [id] });
const begin = (xid: number, finalLsn: bigint) => build.begin({ xid, finalLsn, time: 0n });
const commit = (lsn: bigint) => build.commit({ commitLsn: lsn, endLsn: lsn + 8n, time: 0n });
const prepared = { xid: 9, lsn: 0x500n, endLsn: 0x508n, time: 0n, gid: 'g' };

/** What is delivered of messages, where the connection is cut between the lists. */
async function delivered(
  connections: readonly (readonly Uint8Array[])[],
  between: 'restart' | 'skip' = 'restart',
  delivery: Delivery = 'assembled',
): Promise<string[]> {
  const lines: string[] = [];
  const decoder = new EventDecoder({
    delivery,
    spill: new SpillFolder(tmpdir()),
    sink: event => {
      const json = JSON.parse(formatEvent(event)) as { kind: string; xid?: number; new?: object };
      const values = Object.values(json.new ?? {}) as string[];
      const line = [json.kind, ...(json.kind === 'begin' ? [String(json.xid)] : []), ...values];
      if (json.kind !== 'relation') lines.push(line.join(' '));
    },
  });
  for (const [i, messages] of connections.entries()) {
    if (i > 0) decoder[between]();
    for (const { lsn, payload } of build.sentFrom(0x100n, messages)) {
      await decoder.push(lsn, payload);
    }
  }
  decoder.end();
  return lines;
}

const WHOLE = ['begin 7', 'insert 1', 'insert 2', 'insert 3', 'commit'];
const plain = [begin(7, 0x900n), table(), row('1'), row('2'), row('3'), commit(0x900n)];
const streamed = [
  build.streamStart({ xid: 7 }),
  table(7),
  row('1', 7),
  build.streamStop(),
  build.streamStart({ xid: 7, first: false }),
  row('2', 7),
  row('3', 7),
  build.streamStop(),
  build.streamCommit({ xid: 7, commitLsn: 0x900n, endLsn: 0x908n, time: 0n }),
];

describe('a stream that is cut anywhere and goes on without a gap', () => {
  it('delivers a transaction once, however often it is cut in the middle', async () => {
    for (let first = 0; first < plain.length; first++) {
      for (let second = 0; second < plain.length; second++) {
        const cuts = [plain.slice(0, first), plain.slice(0, second), plain];
        expect(await delivered(cuts), `cut after ${first} and ${second}`).toEqual(WHOLE);
      }
    }
  });

  it('delivers it once where it comes in blocks the second time, or came in blocks the first', async () => {
    for (let first = 0; first < plain.length; first++) {
      expect(await delivered([plain.slice(0, first), streamed])).toEqual(WHOLE);
    }
    for (let first = 0; first < streamed.length; first++) {
      expect(await delivered([streamed.slice(0, first), plain])).toEqual(WHOLE);
      expect(await delivered([streamed.slice(0, first), streamed])).toEqual(WHOLE);
    }
  });

  it('keeps what is prepared, which was sent whole and does not come again', async () => {
    const first = [build.beginPrepare(prepared), table(), row('1'), build.prepare(prepared)];
    const after = [build.commitPrepared({ ...prepared, lsn: 0x900n, endLsn: 0x908n })];
    const whole = ['begin 9', 'insert 1', 'commit'];
    expect(await delivered([first, after])).toEqual(whole);
    expect(await delivered([first.slice(0, 3), [...first, ...after]])).toEqual(whole);
    expect(await delivered([first, after], 'skip')).toEqual(whole);
  });

  it('leaves a begin of the same position alone where nothing was cut', async () => {
    const lines = await delivered([[begin(7, 0x900n), table(), row('1'), ...plain]]);
    expect(lines).toEqual(['begin 7', 'insert 1', ...WHOLE]);
  });
});

describe('a stream that goes on after a gap', () => {
  it('gives what was open before it no end', async () => {
    const after = [begin(8, 0xa00n), table(), row('5'), commit(0xa00n)];
    const next = ['begin 8', 'insert 5', 'commit'];
    expect(await delivered([plain.slice(0, 4), after], 'skip')).toEqual([
      'begin 7',
      'insert 1',
      'insert 2',
      ...next,
    ]);
    expect(await delivered([streamed.slice(0, 7), after], 'skip')).toEqual(next);
    const late = [streamed.at(-1)!, ...after];
    expect(await delivered([streamed.slice(0, 7), late], 'skip')).toEqual(['unknown', ...next]);
  });
});
