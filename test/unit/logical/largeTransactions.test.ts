import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { SpillFolder } from '../../../src/capture/spillFile';
import type { LogicalEvent } from '../../../src/logical/event';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import * as build from './messageBuilder';

/** Rows of the large transaction; WALEXPLORER_ROWS sets another number for a run by hand. */
const ROWS = Number(process.env['WALEXPLORER_ROWS'] ?? 300_000);
const MB = 1024 * 1024;
const T = 16400;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'walexplorer-large-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const table = (xid: number) =>
  build.relation({ xid, oid: T, name: 't', columns: [{ name: 'id', key: true }, { name: 'v' }] });
const row = (xid: number, id: string) => build.insert({ xid, oid: T, row: [id, 'x'.repeat(80)] });
const committed = (xid: number) =>
  build.streamCommit({ xid, commitLsn: BigInt(xid), endLsn: BigInt(xid) + 8n, time: 0n });

function decoderOf(sink: (event: LogicalEvent) => void, memoryLimit = 8 * MB) {
  const spill = new SpillFolder(folder);
  const decoder = new EventDecoder({ delivery: 'assembled', spill, memoryLimit, sink });
  let lsn = 0x100n;
  return { decoder, push: (message: Uint8Array) => decoder.push(toLsn((lsn += 8n)), message) };
}

/** Bytes of the process beyond those at the start; the garbage collector has its say in it. */
class Memory {
  readonly #start = process.memoryUsage().rss;
  peak = 0;

  look(): void {
    this.peak = Math.max(this.peak, process.memoryUsage().rss - this.#start);
  }
}

describe('large and many transactions', () => {
  it('1,000 open ones are interleaved, each comes whole at its commit, without what was aborted', async () => {
    const open = 1_000;
    const rounds = 40;
    const xidOf = (n: number): number => 5_000 + n * 2;
    const delivered = new Map<number, string[]>();
    let xid = 0;
    let ends = 0;
    const { decoder, push } = decoderOf(event => {
      if (event.kind === 'begin') xid = event.xid!;
      if (event.kind === 'commit') ends++;
      if (event.kind !== 'insert') return;
      expect(event.xid).toBe(xid);
      const ids = delivered.get(xid) ?? [];
      delivered.set(xid, ids);
      ids.push(event.new[0]!.value!);
    }, MB);
    const memory = new Memory();
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < open; n++) {
        await push(build.streamStart({ xid: xidOf(n), first: round === 0 }));
        if (round === 0) await push(table(xidOf(n)));
        // Each second row is one of a subtransaction.
        await push(row(xidOf(n) + (round % 2), `${n}-${round}`));
        await push(build.streamStop());
      }
      memory.look();
    }
    expect(decoder.open).toBe(open);
    const order: number[] = [];
    for (let n = open - 1; n >= 0; n--) {
      if (n % 3 === 0) await push(build.streamAbort({ xid: xidOf(n), subxid: xidOf(n) + 1 }));
      if (n % 10 === 9) await push(build.streamAbort({ xid: xidOf(n) }));
      else {
        await push(committed(xidOf(n)));
        order.push(n);
      }
    }
    memory.look();
    expect(decoder.open).toBe(0);
    expect(ends).toBe(order.length);
    expect([...delivered.keys()]).toEqual(order.map(xidOf));
    for (const n of order) {
      const wanted = Array.from({ length: rounds }, (_, round) => round)
        .filter(round => n % 3 !== 0 || round % 2 === 0)
        .map(round => `${n}-${round}`);
      expect(delivered.get(xidOf(n))).toEqual(wanted);
    }
    expect(readdirSync(folder)).toEqual([]);
    expect(memory.peak).toBeLessThan(250 * MB);
  });

  it(
    'one of many rows is delivered in bounded memory, and leaves no file',
    { timeout: 900_000 },
    async () => {
      let rows = 0;
      let wrong = 0;
      const { decoder, push } = decoderOf(event => {
        if (event.kind === 'insert' && event.new[0]!.value !== String(rows++)) wrong++;
      });
      const memory = new Memory();
      const block = 10_000;
      for (let first = 0; first < ROWS; first += block) {
        await push(build.streamStart({ xid: 7, first: first === 0 }));
        if (first === 0) await push(table(7));
        for (let id = first; id < Math.min(ROWS, first + block); id++)
          await push(row(7, String(id)));
        // What is rolled back in between is not counted.
        await push(row(8, 'aborted'));
        await push(build.streamStop());
        memory.look();
      }
      await push(build.streamAbort({ xid: 7, subxid: 8 }));
      expect(rows).toBe(0);
      const watch = setInterval(() => {
        memory.look();
      }, 20);
      try {
        await push(committed(7));
      } finally {
        clearInterval(watch);
      }
      memory.look();
      expect([rows, wrong, decoder.open]).toEqual([ROWS, 0, 0]);
      expect(readdirSync(folder)).toEqual([]);
      // The whole of it is 100 bytes a row and more: memory does not grow with it.
      expect(memory.peak).toBeLessThan(200 * MB);
      if (process.env['WALEXPLORER_ROWS'] !== undefined)
        console.log(`${rows} rows, ${Math.round(memory.peak / MB)} MB more than before`);
    },
  );

  it('a disk that is full while one is put aside is one clear error', async () => {
    const spill = new SpillFolder(folder);
    const full = {
      open: () => {
        const spool = spill.open();
        return Object.assign(Object.create(spool) as typeof spool, {
          append: () => {
            throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
              code: 'ENOSPC',
            });
          },
          dispose: () => {
            spool.dispose();
          },
        });
      },
    };
    const decoder = new EventDecoder({
      delivery: 'assembled',
      memoryLimit: 10_000,
      spill: full,
      sink: () => undefined,
    });
    const push = (message: Uint8Array) => decoder.push(toLsn(1n), message);
    await push(build.streamStart({ xid: 7 }));
    await push(table(7));
    const fill = () => {
      for (let id = 0; id < 1_000; id++) void push(row(7, String(id)));
    };
    expect(fill).toThrow('no space left on device');
    decoder.end();
    expect(readdirSync(folder)).toEqual([]);
  });
});
