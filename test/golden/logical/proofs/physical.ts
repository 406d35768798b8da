import { expect } from 'vitest';
import { crc32c } from '../../../../src/base/crc32c';
import { parseLsn } from '../../../../src/base/lsn';
import { DATA_HEADER_SIZE, frameLsn } from '../../../../src/capture/frame';
import type { LogicalFixtures } from '../cases';
import { replay } from './replay';

/** A line of pg_waldump: length of the whole record, transaction, position, position of the one before. */
const RECORD =
  /len \(rec\/tot\):\s*\d+\/\s*(\d+), tx:\s*(\d+), lsn: ([0-9A-F]+\/[0-9A-F]+), prev ([0-9A-F]+\/[0-9A-F]+)/;

/**
 * A physical stream: without a hole, and at every position that pg_waldump names the record that it names,
 * with the checksum that the server gave it. Returns the bytes of WAL.
 */
export async function provePhysical(fixtures: LogicalFixtures): Promise<number> {
  const { frames, end } = await replay(fixtures.conversation('physical.wire'), 65_000);
  expect(end).toEqual({ kind: 'completed' });
  const parts = frames.filter(frame => frame[0] === 0x77);
  const start = frameLsn(parts[0]!, 1);
  let next = start;
  for (const part of parts) {
    expect(frameLsn(part, 1)).toBe(next);
    next = (next + BigInt(part.length - DATA_HEADER_SIZE)) as typeof next;
  }
  const wal = Buffer.concat(parts.map(part => part.subarray(DATA_HEADER_SIZE)));

  const listing = fixtures.files.get('physical.waldump.txt')!.toString('utf8');
  let records = 0;
  for (const line of listing.split('\n')) {
    const [, length = '', xid = '', lsn = '', previous = ''] = RECORD.exec(line) ?? [];
    const at = Number((parseLsn(lsn) ?? 0n) - start);
    if (at < 0 || at + Number(length) + PAGE > wal.length) continue;
    const record = recordAt(wal, start, at, Number(length));
    records++;
    expect([record.readUInt32LE(0), record.readUInt32LE(4), record.readBigUInt64LE(8)]).toEqual([
      Number(length),
      Number(xid),
      parseLsn(previous),
    ]);
    // The checksum is that of the body, then of the header before it (XLogRecord, access/xlogrecord.h).
    const sum = crc32c(record, 0, CRC_AT, crc32c(record, HEADER, record.length));
    expect(sum, lsn).toBe(record.readUInt32LE(CRC_AT));
  }
  expect(records).toBeGreaterThan(100);
  return wal.length;
}

const PAGE = 8192;
/** The recordings' servers have segments of 1 MB. */
const SEGMENT = 1024 * 1024;
const [SHORT_PAGE_HEADER, LONG_PAGE_HEADER] = [24, 40];
const [HEADER, CRC_AT] = [24, 20];

/** The bytes of a record, without the headers of the pages that it crosses. */
function recordAt(wal: Buffer, start: bigint, from: number, length: number): Buffer {
  const parts: Buffer[] = [];
  let have = 0;
  for (let at = from; have < length;) {
    const position = Number(start) + at;
    if (position % PAGE === 0) {
      at += position % SEGMENT === 0 ? LONG_PAGE_HEADER : SHORT_PAGE_HEADER;
      continue;
    }
    const size = Math.min(length - have, PAGE - (position % PAGE));
    parts.push(wal.subarray(at, at + size));
    have += size;
    at += size;
  }
  return Buffer.concat(parts);
}
